//! Drives one server through a case, and writes down all that its sessions hear.
//!
//! Everything is done in turn: a request is sent when what came before it is answered, unless it is part of a pipeline.
//! So what two servers say can be compared line by line.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::BytesMut;
use proto::{ConnectRequest, Decode, ErrorCode, Password, Reader, SessionId, WatcherEvent, Zxid, xid};

use super::encode::{self, Place};
use super::janitor::Janitor;
use super::normalise::{self, Normaliser};
use super::operation::{Act, Ask, Reconnect, SLOTS, Step};
use crate::wire::{Connection, new_session};

/// How long a session may be silent: longer than any case takes.
const TIMEOUT: Duration = Duration::from_secs(100);

/// How long a connection that is to be closed may stay open.
const CLOSING: Duration = Duration::from_secs(5);

/// Something that a session heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The request it answers, counted in its pipeline; nothing if it answers none.
    pub ask: Option<usize>,
    /// What it was.
    pub text: String,
}

/// What one server said: for each step, and for the end of the case.
pub type Transcript = Vec<Vec<Line>>;

/// One server, under test.
#[derive(Debug)]
pub struct Driver {
    address: SocketAddr,
    janitor: Janitor,
    /// What has been reached, and how often.
    pub reached: BTreeMap<String, u64>,
}

#[derive(Default)]
struct Slot {
    session: Option<(SessionId, Password)>,
    connection: Option<Connection>,
    last_zxid: Zxid,
    last_xid: i32,
}

struct Case<'a> {
    address: SocketAddr,
    normaliser: Normaliser,
    slots: [Slot; SLOTS],
    heard: Vec<Line>,
    reached: &'a mut BTreeMap<String, u64>,
}

impl Driver {
    /// Comes to a server.
    ///
    /// # Errors
    /// It does not take a session.
    pub fn new(address: SocketAddr) -> io::Result<Driver> {
        Ok(Driver { address, janitor: Janitor::new(address)?, reached: BTreeMap::new() })
    }

    /// Does these steps, below a new top znode, and clears away what they have left.
    ///
    /// # Errors
    /// What the system says, or that the janitor was refused something: this server cannot be used any more.
    pub fn run(&mut self, steps: &[Step]) -> io::Result<Transcript> {
        let (top, base) = self.janitor.open_case()?;
        let place = Place { top: top.clone(), base };
        let mut case = Case {
            address: self.address,
            normaliser: Normaliser { place, sessions: Vec::new() },
            slots: Default::default(),
            heard: Vec::new(),
            reached: &mut self.reached,
        };
        let mut transcript = Vec::with_capacity(steps.len() + 1);
        for step in steps {
            case.take(step)?;
            transcript.push(std::mem::take(&mut case.heard));
        }
        for slot in 0..SLOTS {
            if case.slots[slot].session.is_some() {
                case.ask(slot, &[Ask::Ping])?;
            }
        }
        for state in self.janitor.describe(&top, &case.normaliser)? {
            case.hear(None, state);
        }
        for slot in 0..SLOTS {
            if case.slots[slot].session.is_some() {
                case.ask(slot, &[Ask::Ping])?;
                case.ask(slot, &[Ask::CloseSession])?;
            }
        }
        transcript.push(case.heard);
        self.janitor.close_case(&top)?;
        Ok(transcript)
    }
}

impl Case<'_> {
    fn hear(&mut self, ask: Option<usize>, text: String) {
        self.heard.push(Line { ask, text });
    }

    fn reach(&mut self, what: &str) {
        *self.reached.entry(what.to_owned()).or_default() += 1;
    }

    fn take(&mut self, step: &Step) -> io::Result<()> {
        let slot = step.slot;
        match &step.act {
            Act::Ask(asks) => self.ask(slot, asks),
            Act::Drop => {
                if let Some(connection) = self.slots[slot].connection.take()
                    && !connection.hang_up(CLOSING)
                {
                    self.hear(None, "the server does not hang up".to_owned());
                }
                Ok(())
            }
            Act::Reconnect(how) => self.reconnect(slot, how),
        }
    }

    /// Sees to it that the session is open and has a connection.
    fn connect(&mut self, slot: usize) -> io::Result<()> {
        if self.slots[slot].connection.is_some() {
            return Ok(());
        }
        if self.slots[slot].session.is_some() {
            self.reconnect(slot, &Reconnect::Properly { timeout: 100_000, read_only: Some(false) })?;
            if self.slots[slot].connection.is_some() {
                return Ok(());
            }
        }
        let mut connection = Connection::open(self.address)?;
        let granted = connection.shake_hands(&new_session(TIMEOUT))?;
        if granted.is_refused() {
            return Err(io::Error::other("a new session was refused"));
        }
        self.normaliser.sessions.push(granted.session_id);
        let session = Some((granted.session_id, granted.password));
        self.slots[slot] = Slot { session, connection: Some(connection), ..Slot::default() };
        let text = format!("a new session, {} ms, {:?}", granted.timeout_milliseconds, granted.read_only);
        self.hear(None, text);
        Ok(())
    }

    fn reconnect(&mut self, slot: usize, how: &Reconnect) -> io::Result<()> {
        let Some((session, password)) = self.slots[slot].session else { return self.connect(slot) };
        let last = self.slots[slot].last_zxid;
        let mut request =
            ConnectRequest { last_zxid_seen: last, session_id: session, password, ..new_session(TIMEOUT) };
        match how {
            Reconnect::Properly { timeout, read_only } => {
                (request.timeout_milliseconds, request.read_only) = (*timeout, *read_only);
            }
            Reconnect::WrongPassword => request.password.0[0] ^= 1,
            Reconnect::Ahead => request.last_zxid_seen = Zxid(i64::MAX),
            Reconnect::Unknown => request.session_id = SessionId(0x1234),
        }
        let mut connection = Connection::open(self.address)?;
        let answer = match connection.shake_hands(&request) {
            Ok(answer) => answer,
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                self.reach("handshake closed");
                self.hear(None, "no handshake: closed".to_owned());
                return self.look(slot);
            }
            Err(error) => return Err(error),
        };
        let is_same = answer.session_id == session;
        let text = format!(
            "handshake {}: {} ms, the {} session, {} password, read only {:?}",
            answer.protocol_version,
            answer.timeout_milliseconds,
            if is_same {
                "same"
            } else if answer.session_id.is_none() {
                "null"
            } else {
                "wrong"
            },
            if answer.password == password {
                "the same"
            } else if answer.password == Password::NONE {
                "no"
            } else {
                "a wrong"
            },
            answer.read_only,
        );
        self.hear(None, text);
        if answer.is_refused() {
            self.reach("handshake refused");
            if !connection.is_closed_within(CLOSING) {
                self.hear(None, "refused, and not closed".to_owned());
            }
            if matches!(how, Reconnect::Properly { .. }) {
                self.slots[slot] = Slot::default();
                return Ok(());
            }
            return self.look(slot);
        }
        self.reach("handshake accepted");
        let before = self.slots[slot].connection.replace(connection);
        if let Some(mut before) = before {
            self.reach("moved");
            if !before.is_closed_within(CLOSING) {
                self.hear(None, "the connection before is not closed".to_owned());
            }
        }
        Ok(())
    }

    /// Whether the connection of a session is still open.
    fn look(&mut self, slot: usize) -> io::Result<()> {
        if self.slots[slot].connection.is_some() { self.ask(slot, &[Ask::Ping]) } else { Ok(()) }
    }

    fn ask(&mut self, slot: usize, asks: &[Ask]) -> io::Result<()> {
        self.connect(slot)?;
        let mut bytes = BytesMut::new();
        let mut awaited = Vec::new();
        for ask in asks {
            let state = &mut self.slots[slot];
            state.last_xid += 1;
            let number = encode::number(ask, state.last_xid);
            encode::write(&mut bytes, number, ask, &self.normaliser.place);
            awaited.push(Some(number));
        }
        let connection = self.slots[slot].connection.as_mut().expect("it is connected");
        // What cannot be sent is not answered either: that is heard below.
        let _ = connection.send_bytes(&bytes);
        let mut doubtful = false;
        while awaited.iter().any(Option::is_some) {
            let Some(frame) = self.frame(slot)? else { return Ok(()) };
            let mut reader = Reader::new(&frame);
            let header = normalise::header(&mut reader).map_err(io::Error::other)?;
            if header.xid == xid::NOTIFICATION {
                self.event(&header, &mut reader)?;
                continue;
            }
            let slot_state = &mut self.slots[slot];
            if header.zxid.0 > 0 {
                slot_state.last_zxid = slot_state.last_zxid.max(header.zxid);
            }
            let Some(index) = awaited.iter().position(|number| *number == Some(header.xid)) else {
                self.hear(None, format!("an answer to {}, which was not asked", header.xid));
                continue;
            };
            awaited[index] = None;
            let ask = &asks[index];
            let body = &frame[reader.position()..];
            let code = encode::op_code(ask);
            let text = self.normaliser.reply(code, &header, body);
            self.reach(&match header.error {
                None => format!("{code}: ok"),
                Some(error) => format!("{code}: {error}"),
            });
            self.hear(Some(index), text);
            doubtful |= matches!(ask, Ask::CloseSession | Ask::Auth { .. } | Ask::Garbled { .. })
                || matches!(header.error, Some(ErrorCode::Unimplemented | ErrorCode::AuthFailed));
            if matches!(ask, Ask::CloseSession) && header.error.is_none() {
                self.slots[slot].session = None;
            }
        }
        // Some answers are a connection's last words.
        if doubtful { self.probe(slot) } else { Ok(()) }
    }

    fn probe(&mut self, slot: usize) -> io::Result<()> {
        let mut bytes = BytesMut::new();
        encode::write(&mut bytes, xid::PING, &Ask::Ping, &self.normaliser.place);
        let Some(connection) = self.slots[slot].connection.as_mut() else { return Ok(()) };
        let _ = connection.send_bytes(&bytes);
        while let Some(frame) = self.frame(slot)? {
            let mut reader = Reader::new(&frame);
            let header = normalise::header(&mut reader).map_err(io::Error::other)?;
            if header.xid == xid::NOTIFICATION {
                self.event(&header, &mut reader)?;
            } else {
                self.hear(None, "it stays open".to_owned());
                return Ok(());
            }
        }
        Ok(())
    }

    fn event(&mut self, header: &proto::ReplyHeader, reader: &mut Reader<'_>) -> io::Result<()> {
        let event = WatcherEvent::decode(reader).map_err(io::Error::other)?;
        let text = self.normaliser.event(header, &event);
        self.reach(&format!("event {:?}", event.event_type));
        self.hear(None, text);
        Ok(())
    }

    /// The next frame; nothing, written down, if the connection is at its end.
    fn frame(&mut self, slot: usize) -> io::Result<Option<bytes::Bytes>> {
        let connection = self.slots[slot].connection.as_mut().expect("it is connected");
        let silent = |kind| matches!(kind, io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut);
        let text = match connection.next_frame() {
            Ok(Some(frame)) => return Ok(Some(frame)),
            Ok(None) => "closed",
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => "closed",
            Err(error) if silent(error.kind()) => "silence",
            Err(error) => return Err(error),
        };
        self.reach(text);
        self.hear(None, text.to_owned());
        self.slots[slot].connection = None;
        Ok(None)
    }
}
