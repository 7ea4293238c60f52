//! A replica with clients made of bytes.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use history::ServiceEvent;
use host::{Instant, WallTime};
use proto::request::write_request;
use proto::*;

use crate::replica::{Clocks, ConnectionId, Effects, Entrance, Input, Outward, Replica, Standing};
use crate::{Config, Database, Transaction};

/// A replica with clients made of bytes.
pub(crate) struct Harness {
    pub(crate) replica: Replica,
    pub(crate) clocks: Clocks,
    /// What the replica told, in order.
    pub(crate) told: Vec<ServiceEvent>,
    /// Every transaction it wanted to be safe, in order.
    pub(crate) persisted: Vec<Arc<Transaction>>,
    effects: Effects,
    mailboxes: BTreeMap<ConnectionId, VecDeque<Bytes>>,
    closed: BTreeSet<ConnectionId>,
    next: u64,
    xid: i32,
    /// What each xid asked for, to read the answer by.
    asked: BTreeMap<i32, OpCode>,
}

/// A client with a session.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Client {
    pub(crate) id: ConnectionId,
    pub(crate) session: SessionId,
    pub(crate) password: Password,
}

/// A frame that a client got.
#[derive(Debug, PartialEq)]
pub(crate) enum Got {
    Event(EventType, String),
    Reply { xid: i32, zxid: Zxid, answer: Result<Response, ErrorCode> },
}

impl Harness {
    /// A replica in memory.
    pub(crate) fn new() -> Harness {
        Harness::with(Config::default())
    }

    /// A replica whose transactions wait for [`Harness::commit`].
    pub(crate) fn durable() -> Harness {
        Harness::with(Config { data: Some("nowhere".into()), ..Config::default() })
    }

    pub(crate) fn with(config: Config) -> Harness {
        Harness::on(config, Database::default())
    }

    pub(crate) fn on(config: Config, database: Database) -> Harness {
        let clocks = Clocks {
            now: Instant::from_reading(Duration::from_secs(1000)),
            wall: WallTime::from_epoch(Duration::from_secs(1_600_000_000)),
        };
        Harness {
            replica: Replica::new(Arc::new(config), database, clocks, 7),
            clocks,
            told: Vec::new(),
            persisted: Vec::new(),
            effects: Effects::new(true),
            mailboxes: BTreeMap::new(),
            closed: BTreeSet::new(),
            next: 1,
            xid: 0,
            asked: BTreeMap::new(),
        }
    }

    pub(crate) fn step(&mut self, input: Input) {
        self.replica.step(self.clocks, input, &mut self.effects);
        self.told.extend(self.effects.take_events());
        for outward in self.effects.take_outward() {
            match outward {
                Outward::Prepared(transaction) => self.persisted.push(transaction),
                other => {
                    assert_ne!(self.replica.standing(), Standing::Alone, "who stands alone talks to nobody: {other:?}");
                }
            }
        }
        for output in self.effects.take_outputs() {
            assert!(!self.closed.contains(&output.connection), "nothing is sent after the close");
            let mut decoder = FrameDecoder::default();
            output.pieces.iter().for_each(|piece| decoder.push(piece));
            decoder.push(&output.bytes);
            while let Some(frame) = decoder.next_frame().expect("frames are whole") {
                self.mailboxes.entry(output.connection).or_default().push_back(frame);
            }
            assert_eq!(decoder.buffered(), 0, "frames are whole");
            if output.closes {
                self.closed.insert(output.connection);
            }
        }
    }

    /// Commits everything that is prepared.
    pub(crate) fn commit(&mut self) {
        if let Some(last) = self.persisted.last() {
            let up_to = last.zxid;
            self.step(Input::Committed { up_to });
        }
    }

    /// Lets time pass on both clocks, firing timers when they are due.
    pub(crate) fn pass(&mut self, duration: Duration) {
        let end = self.clocks.now + duration;
        while let Some(deadline) = self.replica.next_deadline().filter(|deadline| *deadline <= end) {
            let step = deadline.since(self.clocks.now);
            self.turn(step);
            self.step(Input::Timer);
        }
        self.turn(end.since(self.clocks.now));
    }

    fn turn(&mut self, duration: Duration) {
        self.clocks.now += duration;
        self.clocks.wall = WallTime::from_epoch(self.clocks.wall.since_epoch() + duration);
    }

    /// A connection that has said nothing yet.
    pub(crate) fn open(&mut self) -> ConnectionId {
        let id = ConnectionId(self.next);
        self.next += 1;
        let peer = SocketAddr::from(([10, 0, 0, 1], 1000));
        self.step(Input::Opened { connection: id, peer, entrance: Entrance::Plain });
        id
    }

    pub(crate) fn frame(&mut self, id: ConnectionId, record: &impl Encode) {
        let mut body = BytesMut::new();
        record.encode(&mut body);
        self.step(Input::Frame { connection: id, frame: body.freeze() });
    }

    /// Asks for a session and, if it waits for a commit, commits.
    pub(crate) fn shake_hands(&mut self, request: &ConnectRequest) -> (ConnectionId, Option<ConnectResponse>) {
        let id = self.open();
        self.frame(id, request);
        self.commit();
        let frame = self.mailboxes.entry(id).or_default().pop_front();
        (id, frame.map(|frame| ConnectResponse::from_bytes(&frame).expect("a connect response")))
    }

    /// A client with a new session of six seconds.
    pub(crate) fn connect(&mut self) -> Client {
        let (id, response) = self.shake_hands(&hello());
        let response = response.expect("the server answers");
        Client { id, session: response.session_id, password: response.password }
    }

    /// Sends a request; tells its xid.
    pub(crate) fn send(&mut self, client: Client, request: &Request) -> i32 {
        self.xid += 1;
        self.send_as(client, self.xid, request);
        self.xid
    }

    pub(crate) fn send_as(&mut self, client: Client, xid: i32, request: &Request) {
        self.asked.insert(xid, request.op_code());
        let mut frame = BytesMut::new();
        write_request(&mut frame, xid, request);
        self.step(Input::Frame { connection: client.id, frame: frame.freeze().slice(4..) });
    }

    /// Sends a request, commits, and takes the answer, which must be the last thing that came.
    pub(crate) fn call(&mut self, client: Client, request: Request) -> Result<Response, ErrorCode> {
        let xid = self.send(client, &request);
        self.commit();
        let frame = self.mailboxes.get_mut(&client.id).and_then(VecDeque::pop_back).expect("an answer");
        match self.read(&frame) {
            Got::Reply { xid: answered, answer, .. } if answered == xid => answer,
            other => panic!("{other:?} answers {request:?}"),
        }
    }

    /// Everything that came and was not looked at.
    pub(crate) fn got(&mut self, client: Client) -> Vec<Got> {
        let frames = self.mailboxes.remove(&client.id).unwrap_or_default();
        frames.iter().map(|frame| self.read(frame)).collect()
    }

    /// The watch events that came and were not looked at; nothing else may have come.
    pub(crate) fn events(&mut self, client: Client) -> Vec<(EventType, String)> {
        let event = |got| match got {
            Got::Event(event, path) => (event, path),
            other => panic!("{other:?} is not an event"),
        };
        self.got(client).into_iter().map(event).collect()
    }

    pub(crate) fn is_closed(&self, id: ConnectionId) -> bool {
        self.closed.contains(&id)
    }

    fn read(&self, frame: &Bytes) -> Got {
        let mut reader = Reader::new(frame);
        let header = ReplyHeader::decode(&mut reader).expect("a header");
        if header.xid == xid::NOTIFICATION {
            assert_eq!(header.zxid, Zxid::NONE, "as ZooKeeper 3.8 does");
            let event = WatcherEvent::decode(&mut reader).expect("an event");
            return Got::Event(event.event_type, event.path);
        }
        let op_code = *self.asked.get(&header.xid).expect("only what was asked is answered");
        let answer = Response::decode(op_code, &header, &mut reader).expect("a well-formed answer");
        Got::Reply { xid: header.xid, zxid: header.zxid, answer }
    }
}

/// A request for a new session of six seconds.
pub(crate) fn hello() -> ConnectRequest {
    ConnectRequest {
        protocol_version: 0,
        last_zxid_seen: Zxid::ZERO,
        timeout_milliseconds: 6000,
        session_id: SessionId::NONE,
        password: Password::NONE,
        read_only: Some(false),
    }
}

impl Harness {
    /// Notes how the answer to a hand-made request is to be read.
    pub(crate) fn expect(&mut self, xid: i32, op_code: OpCode) {
        self.asked.insert(xid, op_code);
    }

    /// Checks that the handshake was answered, and then the request `xid`.
    pub(crate) fn got_after_handshake(&mut self, client: Client, xid: i32) {
        let frame = self.mailboxes.get_mut(&client.id).and_then(VecDeque::pop_front).expect("an answer");
        assert!(!ConnectResponse::from_bytes(&frame).expect("a connect response").is_refused());
        assert!(matches!(&self.got(client)[..], [Got::Reply { xid: answered, .. }] if *answered == xid));
    }
}
