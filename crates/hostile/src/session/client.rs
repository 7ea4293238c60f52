//! A connection with what was asked on it, to judge the answers by.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use proto::{
    ConnectResponse, Decode, FrameDecoder, OpCode, Password, Reader, ReplyHeader, RequestHeader, Response, SessionId,
    WatcherEvent, xid,
};
use server::ConnectionId;

use super::world::{Place, World};

/// A connection.
pub(super) struct Client {
    at: Place,
    has_spoken: bool,
    session: Option<(SessionId, Password)>,
    /// What each xid asked for.
    asked: BTreeMap<i32, BTreeSet<OpCode>>,
    /// How many answers are owed.
    owed: usize,
}

impl Client {
    /// A connection to one of the servers.
    pub(super) fn open(world: &mut World, server: usize) -> Client {
        let at = world.open(server);
        Client { at, has_spoken: false, session: None, asked: BTreeMap::new(), owed: 0 }
    }

    pub(super) fn session(&self) -> Option<(SessionId, Password)> {
        self.session
    }

    pub(super) fn close(&mut self, world: &mut World) {
        world.close(self.at);
    }

    /// Sends a frame, also where the server has closed: it may have been on its way.
    pub(super) fn send(&mut self, world: &mut World, frame: &[u8]) {
        let frame = Bytes::copy_from_slice(frame);
        if self.has_spoken {
            self.owed += 1;
            if let Ok(header) = RequestHeader::from_bytes(&frame) {
                self.asked.entry(header.xid).or_default().insert(header.op_code);
            }
        }
        self.has_spoken = true;
        world.send(self.at, frame);
    }

    /// Reads what has come.
    pub(super) fn read(&mut self, world: &mut World) {
        for bytes in world.take_answers(self.at) {
            let mut decoder = FrameDecoder::new(usize::MAX);
            decoder.push(&bytes);
            while let Some(frame) = decoder.next_frame().expect("frames are whole") {
                self.read_frame(&frame);
            }
            assert_eq!(decoder.buffered(), 0, "frames are whole");
        }
    }

    fn read_frame(&mut self, frame: &Bytes) {
        assert!(self.has_spoken, "who has said nothing is told nothing");
        if self.session.is_none() {
            let response = ConnectResponse::from_bytes(frame).expect("the first answer is that to the handshake");
            self.session = Some((response.session_id, response.password));
            return;
        }
        let mut reader = Reader::new(frame);
        let header = ReplyHeader::decode(&mut reader).expect("an answer has a header");
        let asked = self.asked.get(&header.xid);
        if header.xid == xid::NOTIFICATION && (asked.is_none() || WatcherEvent::from_bytes(&reader.rest()).is_ok()) {
            // Who asks again for watches on what can be no znode hears that it is deleted, as of ZooKeeper.
            WatcherEvent::decode(&mut reader).expect("an event");
            return;
        }
        let asked = asked.unwrap_or_else(|| panic!("nobody asked what {header:?} answers"));
        self.owed = self.owed.checked_sub(1).expect("each request is answered once");
        let rest = reader.rest();
        if header.error.is_some() {
            assert!(rest.is_empty(), "an error has no body");
            return;
        }
        let reads =
            |op_code: &OpCode| matches!(Response::decode(*op_code, &header, &mut Reader::new(&rest)), Ok(Ok(_)));
        assert!(asked.iter().any(reads), "{header:?} with {rest:?} does not answer any of {asked:?}");
    }
}

/// The name of the `number`th connection.
pub(super) fn name(number: u64) -> ConnectionId {
    ConnectionId(number)
}
