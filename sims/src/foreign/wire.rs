//! Reads ZooKeeper's protocol off a connection and tells the monitors what its client sees.
//!
//! A client of others tells nothing by itself. What `check` asks of clients to tell (see there) stands on the wire, in the right
//! order: so a tap on the connection says it in their place. It judges nothing and changes nothing; what the client makes of it is for
//! its users to say.
//!
//! A watch that lasts is told anew with the first answer over a new connection, if a user still holds it (`lasting`): from
//! there on the client owes its events, for it told its user that it is connected.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use history::{ClientEvent, Event, NodeName, WatchKind};
use proto::{
    ConnectRequest, ConnectResponse, Decode, ErrorCode, EventType, FrameDecoder, OpCode, Reader, ReplyHeader, Request,
    RequestHeader, Response, WatchMode, WatcherEvent, WatcherType, xid,
};

use super::desk::Desk;

/// The tap on one connection.
pub struct Wire {
    desk: Desk,
    node: NodeName,
    sent: FrameDecoder,
    received: FrameDecoder,
    stage: Stage,
    /// What is asked and not answered, in order.
    asked: VecDeque<Asked>,
    /// Whether watches that last are claimed over a new connection.
    claims_lasting: bool,
}

/// How far the conversation is.
enum Stage {
    Greeting,
    /// The session that was asked for: 0 for a new one.
    Greeted {
        session: i64,
    },
    Connected {
        session: i64,
        is_primed: bool,
    },
    /// It is not what this tap can read.
    Lost,
}

struct Asked {
    xid: i32,
    request: Request,
}

impl Wire {
    /// A tap for a new connection. `claims_lasting` if the client is taken at its word that watches last.
    pub fn new(desk: Desk, claims_lasting: bool) -> Wire {
        Wire {
            desk,
            node: host::node_name(),
            sent: FrameDecoder::default(),
            received: FrameDecoder::default(),
            stage: Stage::Greeting,
            asked: VecDeque::new(),
            claims_lasting,
        }
    }

    fn asks(&mut self, frame: &Bytes) -> Option<()> {
        match self.stage {
            Stage::Greeting => {
                let request = ConnectRequest::from_bytes(frame).ok()?;
                self.stage = Stage::Greeted { session: request.session_id.0 };
            }
            Stage::Greeted { .. } | Stage::Connected { .. } => {
                let mut reader = Reader::new(frame);
                let header = RequestHeader::decode(&mut reader).ok()?;
                let request = Request::decode(&header, &mut reader).ok()?;
                if let (Stage::Connected { session, .. }, Request::RemoveWatches(removal)) = (&self.stage, &request) {
                    // Whoever asks for that has forgotten them already, and does not ask again if there is no answer.
                    for what in names_of_removal(removal.kind()?) {
                        let (path, what) = (removal.path.clone(), what.name().to_owned());
                        tell(ClientEvent::Notified { session: *session, path, what });
                    }
                }
                if header.xid != xid::PING && header.xid != xid::AUTH {
                    self.asked.push_back(Asked { xid: header.xid, request });
                }
            }
            Stage::Lost => {}
        }
        Some(())
    }

    fn hears(&mut self, frame: &Bytes) -> Option<()> {
        match self.stage {
            Stage::Greeting => None,
            Stage::Greeted { session } => self.greeted(session, frame),
            Stage::Connected { session, .. } => {
                let mut reader = Reader::new(frame);
                let header = ReplyHeader::decode(&mut reader).ok()?;
                match header.xid {
                    xid::PING | xid::AUTH => Some(()),
                    xid::NOTIFICATION => {
                        let event = WatcherEvent::decode(&mut reader).ok()?;
                        if event.event_type != EventType::None {
                            let what = event.event_type.name().to_owned();
                            tell(ClientEvent::Notified { session, path: event.path, what });
                        }
                        Some(())
                    }
                    _ => self.answered(session, &header, &mut reader),
                }
            }
            Stage::Lost => Some(()),
        }
    }

    fn greeted(&mut self, asked_for: i64, frame: &Bytes) -> Option<()> {
        let response = ConnectResponse::from_bytes(frame).ok()?;
        let session = response.session_id.0;
        if response.is_refused() || session == 0 {
            if asked_for != 0 {
                self.desk.over(ClientEvent::SessionExpired { session: asked_for, locally: false });
            }
            self.stage = Stage::Lost;
            return Some(());
        }
        let timeout = Duration::from_millis(u64::try_from(response.timeout_milliseconds).ok()?);
        self.desk.connected(session);
        self.stage = Stage::Connected { session, is_primed: asked_for == 0 };
        tell(ClientEvent::Connected { session, timeout });
        Some(())
    }

    fn answered(&mut self, session: i64, header: &ReplyHeader, reader: &mut Reader<'_>) -> Option<()> {
        let Asked { xid, request } = self.asked.pop_front()?;
        if xid != header.xid {
            return None;
        }
        let zxid = header.zxid.0;
        if zxid > 0 {
            tell(ClientEvent::Replied { session, zxid });
            self.prime(session, zxid);
        }
        let outcome = Response::decode(request.op_code(), header, reader).ok()?;
        tell_seen(session, &request, &outcome);
        let error = outcome.as_ref().err().copied();
        tell_watched(session, &request, error, zxid);
        if matches!(request, Request::CloseSession) && error.is_none() {
            self.desk.over(ClientEvent::Closed { session });
        }
        Some(())
    }

    /// The first answer over a new connection: what the users hold is watched from here on.
    fn prime(&mut self, session: i64, zxid: i64) {
        let Stage::Connected { is_primed, .. } = &mut self.stage else { return };
        if !std::mem::replace(is_primed, true) && self.claims_lasting {
            for (path, kind) in self.desk.lasting(session) {
                tell(ClientEvent::Watched { session, path, kind, zxid });
            }
        }
    }

    fn ends(&mut self) {
        let Stage::Connected { session, .. } = std::mem::replace(&mut self.stage, Stage::Lost) else { return };
        // Dropped from outside the node, its process has ended, which is all there is to say.
        if host::node_name() != self.node || !self.desk.lost(session) {
            return;
        }
        tell(ClientEvent::Disconnected { session });
        for asked in self.asked.drain(..).filter(|asked| is_write(&asked.request)) {
            let operation = asked.request.op_code().to_string();
            tell(ClientEvent::Unanswered { session, operation });
        }
    }

    fn take(&mut self, bytes: &[u8], is_sent: bool) -> Option<()> {
        let decoder = |this: &mut Wire| if is_sent { this.sent.next_frame() } else { this.received.next_frame() };
        if is_sent {
            self.sent.push(bytes)
        } else {
            self.received.push(bytes)
        }
        while let Some(frame) = decoder(self).ok()? {
            if is_sent { self.asks(&frame)? } else { self.hears(&frame)? }
        }
        Some(())
    }

    fn show(&mut self, bytes: &[u8], is_sent: bool) {
        let is_lost = matches!(self.stage, Stage::Lost);
        if !is_lost && self.take(bytes, is_sent).is_none() {
            self.ends();
            super::word::is_broken("its connection speaks another language than ZooKeeper's");
        }
    }
}

impl guest::tap::Tap for Wire {
    fn sent(&mut self, bytes: &[u8]) {
        self.show(bytes, true);
    }

    fn received(&mut self, bytes: &[u8]) {
        self.show(bytes, false);
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.ends();
    }
}

fn tell(event: ClientEvent) {
    host::tell(Event::Client(event));
}

fn is_write(request: &Request) -> bool {
    use OpCode::{Create, Create2, CreateContainer, CreateTtl, Delete, Multi, Reconfig, SetAcl, SetData};
    let writes = [Create, Create2, CreateContainer, CreateTtl, Delete, SetData, SetAcl, Multi, Reconfig];
    writes.contains(&request.op_code())
}

fn tell_seen(session: i64, request: &Request, outcome: &Result<Response, ErrorCode>) {
    let Some(path) = request.path().map(str::to_owned) else { return };
    match (request, outcome) {
        (_, Ok(Response::GetData(read))) => tell(ClientEvent::SawData { session, path, zxid: read.stat.mzxid.0 }),
        (_, Ok(Response::Exists(read))) => tell(ClientEvent::SawData { session, path, zxid: read.stat.mzxid.0 }),
        (_, Ok(Response::GetChildren2(read))) => {
            tell(ClientEvent::SawChildren { session, path, zxid: read.stat.pzxid.0 });
        }
        (Request::GetData(_) | Request::Exists(_), Err(ErrorCode::NoNode)) => {
            tell(ClientEvent::SawData { session, path, zxid: 0 });
        }
        _ => {}
    }
}

fn tell_watched(session: i64, request: &Request, error: Option<ErrorCode>, zxid: i64) {
    let kind = match (request, error) {
        (Request::Exists(request), Some(ErrorCode::NoNode)) if request.watch => WatchKind::Exists,
        (Request::Exists(request), None) if request.watch => WatchKind::Data,
        (Request::GetData(request), None) if request.watch => WatchKind::Data,
        (Request::GetChildren(request) | Request::GetChildren2(request), None) if request.watch => WatchKind::Children,
        (Request::AddWatch(request), None) => match request.watch_mode() {
            Some(WatchMode::Persistent) => WatchKind::Persistent,
            Some(WatchMode::PersistentRecursive) => WatchKind::Recursive,
            None => return,
        },
        _ => return,
    };
    let path = request.path().expect("whoever watches, watches a path").to_owned();
    tell(ClientEvent::Watched { session, path, kind, zxid });
}

fn names_of_removal(watcher_type: WatcherType) -> &'static [EventType] {
    match watcher_type {
        WatcherType::Children => &[EventType::ChildWatchRemoved],
        WatcherType::Data => &[EventType::DataWatchRemoved],
        WatcherType::Persistent | WatcherType::PersistentRecursive => &[EventType::PersistentWatchRemoved],
        WatcherType::Any => {
            &[EventType::ChildWatchRemoved, EventType::DataWatchRemoved, EventType::PersistentWatchRemoved]
        }
    }
}
