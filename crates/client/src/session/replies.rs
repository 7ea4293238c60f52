//! What comes over the wire: answers in the order of their requests, and watch events between them.

use history::{ClientEvent, WatchKind};
use host::Instant;
use proto::{
    Decode, ErrorCode, EventType, MultiReadResult, OpCode, Reader, ReplyHeader, Response, WatcherEvent, WatcherType,
    xid,
};

use super::connection::Phase;
use super::requests::{InFlight, Subject};
use super::{Answer, Effect, Session, WatchedEvent};
use crate::{Error, SessionState};

/// The server speaks nonsense: the stream has lost its place, so the connection goes.
struct Nonsense;

impl Session {
    pub(super) fn receive(&mut self, now: Instant, bytes: &[u8]) {
        self.decoder.push(bytes);
        loop {
            let frame = match self.decoder.next_frame() {
                Ok(Some(frame)) => frame,
                Ok(None) => return,
                Err(_) => return self.connection_ended(now),
            };
            match self.phase {
                Phase::Greeting { sent_at, .. } => self.greeted(now, sent_at, &frame),
                Phase::Connected => {
                    self.heard(now);
                    if let Err(Nonsense) = self.take_frame(now, &frame) {
                        self.connection_ended(now);
                    }
                }
                Phase::Waiting { .. } | Phase::Dialing { .. } | Phase::Over => return,
            }
        }
    }

    fn take_frame(&mut self, now: Instant, frame: &bytes::Bytes) -> Result<(), Nonsense> {
        let mut reader = Reader::new(frame);
        let header = ReplyHeader::decode(&mut reader).map_err(|_| Nonsense)?;
        match header.xid {
            xid::PING => {
                let sent_at = self.pings.pop_front().ok_or(Nonsense)?;
                self.lived(now, sent_at);
                Ok(())
            }
            xid::AUTH => self.authenticated(header.error),
            xid::NOTIFICATION => {
                let event = WatcherEvent::decode(&mut reader).map_err(|_| Nonsense)?;
                self.notified(&header, event);
                Ok(())
            }
            _ => self.replied(now, &header, &mut reader),
        }
    }

    /// Authentications are answered out of turn, and do not count as a sign of life: the server answers them without
    /// touching the session (`ZooKeeperServer.processPacket`).
    fn authenticated(&mut self, error: Option<ErrorCode>) -> Result<(), Nonsense> {
        let call = self.authentications_in_flight.pop_front().ok_or(Nonsense)?;
        let result = match error {
            None => Ok(Answer { zxid: self.last_zxid, response: Response::Empty }),
            Some(code) => {
                let event = ClientEvent::Disconnected { session: self.id.0 };
                self.end(SessionState::AuthFailed, Some(event));
                Err(Error::Service(code))
            }
        };
        self.effects.extend(call.map(|call| Effect::Complete { call, result }));
        Ok(())
    }

    fn notified(&mut self, header: &ReplyHeader, event: WatcherEvent) {
        let WatcherEvent { event_type, path, .. } = event;
        if event_type == EventType::None {
            return;
        }
        if self.restoring > 0 {
            self.effects.push(Effect::Sometimes("client: watch fired after reconnect"));
        }
        let what = event_type.name().to_owned();
        self.effects.push(Effect::Tell(ClientEvent::Notified { session: self.id.0, path: path.clone(), what }));
        let watchers = self.watches.fire(event_type, &path);
        if !watchers.is_empty() {
            let event = WatchedEvent { event_type, path, zxid: header.zxid };
            self.effects.push(Effect::Notify { watchers, event });
        }
    }

    fn replied(&mut self, now: Instant, header: &ReplyHeader, reader: &mut Reader<'_>) -> Result<(), Nonsense> {
        let is_next = self.in_flight.front().is_some_and(|request| request.xid == header.xid);
        if !is_next {
            return Err(Nonsense);
        }
        let request = self.in_flight.pop_front().expect("there is a next one");
        if proves_life(header.error) {
            self.lived(now, request.sent_at);
        }
        if header.zxid.0 > 0 {
            self.last_zxid = self.last_zxid.max(header.zxid);
            let event = ClientEvent::Replied { session: self.id.0, zxid: header.zxid.0 };
            self.effects.push(Effect::Tell(event));
        }
        let outcome = match Response::decode(request.op_code, header, reader) {
            Ok(outcome) => outcome,
            Err(error) => {
                self.complete_in_flight(&request, Err(Error::Malformed(error.to_string())));
                return Err(Nonsense);
            }
        };
        if request.xid == xid::SET_WATCHES {
            self.restoring = self.restoring.saturating_sub(1);
        }
        self.tell_seen(&request, &outcome);
        self.settle_watches(&request, header, outcome.as_ref().err().copied());
        if request.op_code == OpCode::CloseSession && outcome.is_ok() {
            self.forget_deadline(&request);
            let event = ClientEvent::Closed { session: self.id.0 };
            self.end(SessionState::Closed, Some(event));
        }
        let answer = |response| Answer { zxid: header.zxid, response };
        self.complete_in_flight(&request, outcome.map(answer).map_err(Error::Service));
        Ok(())
    }

    /// Registers the watch that a request left, or forgets those that it took away.
    fn settle_watches(&mut self, request: &InFlight, header: &ReplyHeader, error: Option<ErrorCode>) {
        let Subject::Path(path) = &request.subject else { return };
        let left = match (request.watch, error) {
            (Some(kind), None) => Some(kind),
            // Only `exists` leaves a watch on a missing znode.
            (Some(_), Some(ErrorCode::NoNode)) if request.op_code == OpCode::Exists => Some(WatchKind::Exists),
            _ => None,
        };
        if let Some(kind) = left {
            let (path, zxid) = (path.clone(), header.zxid.0);
            self.watches.add(kind, &path, request.watcher);
            self.effects.push(Effect::Tell(ClientEvent::Watched { session: self.id.0, path, kind, zxid }));
        }
        if let (Some(watcher_type), None) = (request.removes, error) {
            let watchers = self.watches.remove(path, watcher_type);
            // In the words of ZooKeeper's client, which makes these events itself (`ZKWatchManager.removeWatcher`).
            let told: &[EventType] = match watcher_type {
                WatcherType::Children => &[EventType::ChildWatchRemoved],
                WatcherType::Data => &[EventType::DataWatchRemoved],
                WatcherType::Persistent | WatcherType::PersistentRecursive => &[EventType::PersistentWatchRemoved],
                WatcherType::Any => {
                    &[EventType::ChildWatchRemoved, EventType::DataWatchRemoved, EventType::PersistentWatchRemoved]
                }
            };
            for event_type in told {
                let (session, path, what) = (self.id.0, path.clone(), event_type.name().to_owned());
                self.effects.push(Effect::Tell(ClientEvent::Notified { session, path, what }));
            }
            self.effects.push(Effect::Removed(watchers));
        }
    }

    /// Tells what a read has shown.
    fn tell_seen(&mut self, request: &InFlight, outcome: &Result<Response, ErrorCode>) {
        if request.call.is_none() {
            return;
        }
        let session = self.id.0;
        let saw_data = |path: &String, zxid| ClientEvent::SawData { session, path: path.clone(), zxid };
        let mut seen = Vec::new();
        match (&request.subject, outcome) {
            (Subject::Path(path), Ok(Response::GetData(read))) => seen.push(saw_data(path, read.stat.mzxid.0)),
            (Subject::Path(path), Ok(Response::Exists(read))) => seen.push(saw_data(path, read.stat.mzxid.0)),
            (Subject::Path(path), Ok(Response::GetChildren2(read))) => {
                let zxid = read.stat.pzxid.0;
                seen.push(ClientEvent::SawChildren { session, path: path.clone(), zxid });
            }
            (Subject::Path(path), Err(ErrorCode::NoNode)) if is_read(request.op_code) => seen.push(saw_data(path, 0)),
            (Subject::Reads(paths), Ok(Response::MultiRead(read))) => {
                for (path, result) in paths.iter().zip(&read.results) {
                    match result {
                        MultiReadResult::GetData(read) => seen.push(saw_data(path, read.stat.mzxid.0)),
                        MultiReadResult::Error(Some(ErrorCode::NoNode)) => seen.push(saw_data(path, 0)),
                        MultiReadResult::GetChildren(_) | MultiReadResult::Error(_) => {}
                    }
                }
            }
            _ => {}
        }
        self.effects.extend(seen.into_iter().map(Effect::Tell));
    }
}

fn is_read(op_code: OpCode) -> bool {
    matches!(op_code, OpCode::GetData | OpCode::Exists | OpCode::GetChildren | OpCode::GetChildren2)
}

/// Whether an answer shows that the session lived when its request was sent.
fn proves_life(error: Option<ErrorCode>) -> bool {
    !matches!(
        error,
        Some(
            ErrorCode::SessionExpired
                | ErrorCode::SessionMoved
                | ErrorCode::UnknownSession
                | ErrorCode::SessionClosedRequireSaslAuth
        )
    )
}
