//! Requests on their way out, and calls that end without an answer.

use history::{ClientEvent, WatchKind};
use host::Instant;
use proto::request::write_request;
use proto::{
    AuthRequest, MultiReadOperation, OpCode, RemoveWatchesRequest, Request, Secret, WatchMode, WatcherType, xid,
};

use super::connection::Phase;
use super::{Answer, Call, CallId, Effect, Session, WatcherId};
use crate::{Error, SessionState};

/// What is remembered of a request until its answer comes.
pub(super) struct InFlight {
    pub(super) xid: i32,
    pub(super) sent_at: Instant,
    pub(super) op_code: OpCode,
    pub(super) subject: Subject,
    /// The call to answer; `None` if nobody waits, or not any more.
    pub(super) call: Option<CallId>,
    deadline: Option<Instant>,
    /// The watch it leaves if all goes well.
    pub(super) watch: Option<WatchKind>,
    pub(super) watcher: Option<WatcherId>,
    /// The watches it takes away if all goes well.
    pub(super) removes: Option<WatcherType>,
}

/// What a request is about.
pub(super) enum Subject {
    /// No znode, or too many to be told.
    Nothing,
    /// One znode.
    Path(String),
    /// The reads of a multiRead.
    Reads(Vec<String>),
}

impl InFlight {
    fn new(xid: i32, sent_at: Instant, request: &Request) -> InFlight {
        let subject = match request {
            Request::MultiRead(multi) => {
                Subject::Reads(multi.operations.iter().map(MultiReadOperation::path).map(str::to_owned).collect())
            }
            request => request.path().map_or(Subject::Nothing, |path| Subject::Path(path.to_owned())),
        };
        let removes = match request {
            Request::RemoveWatches(request) => request.kind(),
            _ => None,
        };
        InFlight {
            xid,
            sent_at,
            op_code: request.op_code(),
            subject,
            call: None,
            deadline: None,
            watch: watch_left_by(request),
            watcher: None,
            removes,
        }
    }

    /// The request in words, for people.
    fn in_words(&self) -> String {
        match &self.subject {
            Subject::Path(path) => format!("{} {path}", self.op_code),
            Subject::Nothing | Subject::Reads(_) => self.op_code.to_string(),
        }
    }

    fn is_write(&self) -> bool {
        matches!(
            self.op_code,
            OpCode::Create
                | OpCode::Create2
                | OpCode::CreateContainer
                | OpCode::CreateTtl
                | OpCode::Delete
                | OpCode::SetData
                | OpCode::SetAcl
                | OpCode::Multi
                | OpCode::Reconfig
                | OpCode::CloseSession
        )
    }
}

/// The watch a request leaves, as far as the request tells: `exists` leaves another on a missing znode.
fn watch_left_by(request: &Request) -> Option<WatchKind> {
    match request {
        Request::Exists(request) if request.watch => Some(WatchKind::Data),
        Request::GetData(request) if request.watch => Some(WatchKind::Data),
        Request::GetChildren(request) | Request::GetChildren2(request) if request.watch => Some(WatchKind::Children),
        Request::AddWatch(request) => match request.watch_mode()? {
            WatchMode::Persistent => Some(WatchKind::Persistent),
            WatchMode::PersistentRecursive => Some(WatchKind::Recursive),
        },
        _ => None,
    }
}

impl Session {
    pub(super) fn call(&mut self, now: Instant, call: Call) {
        if self.phase == Phase::Over || self.closing {
            let state = if self.state.is_final() { self.state } else { SessionState::Closed };
            let result = Err(Error::of_ended(state, false));
            self.effects.push(Effect::Complete { call: call.id, result });
            return;
        }
        self.deadlines.extend(call.deadline.map(|deadline| (deadline, call.id)));
        if self.phase == Phase::Connected {
            self.send_call(now, call);
        } else {
            self.queued.push_back(call);
        }
    }

    pub(super) fn send_call(&mut self, now: Instant, call: Call) {
        let Call { id, request, watcher, deadline } = call;
        let xid = self.take_xid();
        let in_flight = InFlight { call: Some(id), deadline, watcher, ..InFlight::new(xid, now, &request) };
        self.send(in_flight, &request);
    }

    /// Sends a request for which nobody waits.
    fn send_unasked(&mut self, now: Instant, request: &Request) {
        let xid = self.take_xid();
        self.send(InFlight::new(xid, now, request), request);
    }

    pub(super) fn send_restoring(&mut self, now: Instant, request: &Request) {
        self.send(InFlight::new(xid::SET_WATCHES, now, request), request);
    }

    fn send(&mut self, in_flight: InFlight, request: &Request) {
        write_request(&mut self.outgoing, in_flight.xid, request);
        self.in_flight.push_back(in_flight);
    }

    /// The next xid. Those below zero have meanings of their own.
    fn take_xid(&mut self) -> i32 {
        let xid = self.next_xid;
        self.next_xid = xid.checked_add(1).unwrap_or(1);
        xid
    }

    pub(super) fn authenticate(&mut self, call: Option<CallId>, scheme: String, credential: Secret) {
        if self.phase == Phase::Over || self.closing {
            let state = if self.state.is_final() { self.state } else { SessionState::Closed };
            let complete = |call| Effect::Complete { call, result: Err(Error::of_ended(state, false)) };
            self.effects.extend(call.map(complete));
            return;
        }
        self.authentication.push((scheme, credential));
        if self.phase == Phase::Connected {
            self.send_authentication(self.authentication.len() - 1, call);
        } else {
            self.authentications_waiting.push(call);
        }
    }

    pub(super) fn send_authentication(&mut self, index: usize, call: Option<CallId>) {
        let (scheme, credential) = self.authentication[index].clone();
        let request = Request::Auth(AuthRequest { auth_type: 0, scheme, credential });
        write_request(&mut self.outgoing, xid::AUTH, &request);
        self.authentications_in_flight.push_back(call);
    }

    /// Nobody waits for the watch any more. The server is told if it would go on telling for ever.
    pub(super) fn forget(&mut self, now: Instant, watcher: WatcherId) {
        let in_flight = self.in_flight.iter_mut().map(|request| &mut request.watcher);
        for waiting in in_flight.chain(self.queued.iter_mut().map(|call| &mut call.watcher)) {
            if *waiting == Some(watcher) {
                *waiting = None;
            }
        }
        if let Some((path, watcher_type)) = self.watches.forget(watcher)
            && self.phase == Phase::Connected
            && !self.closing
        {
            let request = RemoveWatchesRequest { path, watcher_type: watcher_type.to_i32() };
            self.send_unasked(now, &Request::RemoveWatches(request));
        }
    }

    pub(super) fn close(&mut self, now: Instant, call: CallId, deadline: Instant) {
        match self.phase {
            Phase::Over => {
                let result = Err(Error::of_ended(self.state, false));
                self.effects.push(Effect::Complete { call, result });
            }
            Phase::Connected if self.closing => {
                let result = Err(Error::Closed { sent: false });
                self.effects.push(Effect::Complete { call, result });
            }
            Phase::Connected => {
                self.closing = true;
                self.deadlines.insert((deadline, call));
                let request = Request::CloseSession;
                self.send_call(now, Call { id: call, request, watcher: None, deadline: Some(deadline) });
            }
            Phase::Waiting { .. } | Phase::Dialing { .. } | Phase::Greeting { .. } => {
                // There may be a session that the service keeps until its timeout: say so.
                self.closing = true;
                let result = if self.id.is_none() {
                    Ok(Answer { zxid: self.last_zxid, response: proto::Response::Empty })
                } else {
                    Err(Error::ConnectionLoss { sent: false })
                };
                self.end(SessionState::Closed, None);
                self.effects.push(Effect::Complete { call, result });
            }
        }
    }

    /// The call of this request is about to end.
    pub(super) fn forget_deadline(&mut self, request: &InFlight) {
        if let (Some(deadline), Some(call)) = (request.deadline, request.call) {
            self.deadlines.remove(&(deadline, call));
        }
    }

    pub(super) fn complete(&mut self, call: CallId, deadline: Option<Instant>, result: Result<Answer, Error>) {
        if let Some(deadline) = deadline {
            self.deadlines.remove(&(deadline, call));
        }
        self.effects.push(Effect::Complete { call, result });
    }

    /// Ends what was asked about a request in flight.
    pub(super) fn complete_in_flight(&mut self, request: &InFlight, result: Result<Answer, Error>) {
        if let Some(call) = request.call {
            self.complete(call, request.deadline, result);
        }
    }

    /// Ends every call that was sent: whether the service got it, nobody knows.
    pub(super) fn end_sent_calls(&mut self, error: impl Fn() -> Error) {
        for request in std::mem::take(&mut self.in_flight) {
            if request.call.is_some() {
                self.tell_unanswered(&request);
            }
            self.complete_in_flight(&request, Err(error()));
        }
        for call in std::mem::take(&mut self.authentications_in_flight).into_iter().flatten() {
            self.effects.push(Effect::Complete { call, result: Err(error()) });
        }
    }

    pub(super) fn end_calls_out_of_time(&mut self, now: Instant) {
        while let Some(&(deadline, call)) = self.deadlines.first()
            && deadline <= now
        {
            self.deadlines.pop_first();
            let queued = self.queued.iter().position(|queued| queued.id == call);
            if let Some(queued) = queued {
                self.queued.remove(queued);
                self.effects.push(Effect::Complete { call, result: Err(Error::Timeout { sent: false }) });
                continue;
            }
            let place = self.in_flight.iter().position(|request| request.call == Some(call));
            let place = place.expect("a call with a deadline is queued or in flight");
            // Its answer will still come in its turn, so its place in the line stays.
            self.in_flight[place].call = None;
            let op_code = self.in_flight[place].op_code;
            let unanswered = unanswered_event(self.id.0, &self.in_flight[place]);
            self.effects.extend(unanswered);
            if op_code == OpCode::CloseSession {
                self.end(SessionState::Closed, Some(ClientEvent::Disconnected { session: self.id.0 }));
            }
            self.effects.push(Effect::Complete { call, result: Err(Error::Timeout { sent: true }) });
        }
    }

    fn tell_unanswered(&mut self, request: &InFlight) {
        let events = unanswered_event(self.id.0, request);
        self.effects.extend(events);
    }
}

/// What the monitors are told of a request that will not be answered: something only if it was a write.
fn unanswered_event(session: i64, request: &InFlight) -> impl Iterator<Item = Effect> + use<> {
    let event = ClientEvent::Unanswered { session, operation: request.in_words() };
    let effects = [Effect::Tell(event), Effect::Sometimes("client: write unanswered")];
    let effects = if request.is_write() { Some(effects) } else { None };
    effects.into_iter().flatten()
}
