//! A frame of an open connection: read it, and do it, have it decided, or queue it behind its own writes.

use bytes::Bytes;
use proto::{
    AuthRequest, Decode, ErrorCode, MultiOperation, OpCode, Reader, ReplyHeader, Request, RequestError, RequestHeader,
    Response, SaslResponse, Secret, SessionId, Zxid,
};

use super::connection::{Phase, Queued};
use super::dispatch::ToLeader;
use super::tally::Last;
use super::{Clocks, ConnectionId, Effects, Origin, Replica, Standing};
use crate::prepare::Asker;

impl Replica {
    pub(super) fn take_frame(&mut self, clocks: Clocks, id: ConnectionId, frame: Bytes, effects: &mut Effects) {
        // Frames may still come from a connection that was closed a moment ago.
        let Some(connection) = self.connections.get_mut(&id) else { return };
        connection.tally.received += 1;
        self.tally.received += 1;
        let session = match &mut connection.phase {
            Phase::Silent => {
                self.shake_hands(clocks, id, &frame, effects);
                return;
            }
            Phase::Opening { backlog } => {
                backlog.push_back(frame);
                self.waiting += 1;
                return;
            }
            Phase::Open { session, .. } => *session,
        };
        self.touch(clocks.now, session, effects);
        let mut reader = Reader::new(&frame);
        let Ok(header) = RequestHeader::decode(&mut reader) else {
            effects.sometimes("a request without a header");
            self.close_connection(id, effects);
            return;
        };
        let xid = header.xid;
        if let Some(connection) = self.connections.get_mut(&id) {
            let zxid = self.database.last_zxid;
            connection.last = Last { op_code: Some(header.op_code), xid, zxid, answered: clocks.now };
        }
        match Request::decode(&header, &mut reader) {
            Ok(Request::Auth(auth)) => self.authenticate(id, xid, &auth, effects),
            Ok(Request::Sasl(_)) => self.decline_sasl(id, xid, effects),
            Ok(request) if self.standing == Standing::ReadOnly && (is_write(&request) || is_sync(&request)) => {
                self.take_read(id, xid, Err(ErrorCode::NotReadOnly), effects);
            }
            Ok(request) if is_write(&request) => self.take_write(clocks, (id, session), xid, &request, &frame, effects),
            Ok(Request::Sync(sync)) if self.standing != Standing::Alone => {
                self.take_sync(clocks, (id, session), xid, sync.path, effects);
            }
            Ok(request) => self.take_read(id, xid, Ok(request), effects),
            // Both are read before anything else, and what cannot be read there ends the connection.
            Err(RequestError::Malformed { op_code: OpCode::Auth | OpCode::Sasl, .. }) => {
                self.close_connection(id, effects);
            }
            // Servers ask themselves for it; of a client it is no path at all (`PrepRequestProcessor.pRequest2Txn`).
            Err(RequestError::Unsupported(OpCode::DeleteContainer)) => {
                self.take_read(id, xid, Err(ErrorCode::BadArguments), effects);
            }
            Err(RequestError::Unsupported(_)) => self.take_read(id, xid, Err(ErrorCode::Unimplemented), effects),
            Err(RequestError::Malformed { op_code, .. }) if has_transaction(op_code) && self.reign.is_some() => {
                self.refuse_garbled(clocks, (id, session), (xid, op_code), effects);
            }
            Err(_) => self.take_read(id, xid, Err(ErrorCode::MarshallingError), effects),
        }
    }

    /// A write that cannot be read fails as any other: with a transaction (`PrepRequestProcessor.pRequest`).
    fn refuse_garbled(
        &mut self,
        clocks: Clocks,
        (id, session): (ConnectionId, SessionId),
        (xid, op_code): (i32, OpCode),
        effects: &mut Effects,
    ) {
        let origin = Origin::Request { connection: id, xid, op_code, parts: Vec::new() };
        let ticket = self.take_ticket(clocks, origin);
        let waits = !self.commits_at_once();
        let (Some(connection), Some(reign)) = (self.connections.get_mut(&id), &mut self.reign) else { return };
        if waits {
            connection.queue.push_back(Queued::Awaited { number: ticket.number });
        }
        let of = (session, ticket);
        let transaction = reign.preparer.refuse(of, ErrorCode::MarshallingError, clocks.wall.as_millis());
        self.submit(clocks, transaction, effects);
    }

    fn take_write(
        &mut self,
        clocks: Clocks,
        (id, session): (ConnectionId, SessionId),
        xid: i32,
        request: &Request,
        frame: &Bytes,
        effects: &mut Effects,
    ) {
        let parts = match request {
            Request::Multi(multi) => multi.operations.iter().map(counts_as).collect(),
            _ => Vec::new(),
        };
        let origin = Origin::Request { connection: id, xid, op_code: request.op_code(), parts };
        let ticket = self.take_ticket(clocks, origin);
        let (waits, learns) = (!self.commits_at_once(), self.standing.learns());
        let Some(connection) = self.connections.get_mut(&id) else { return };
        if waits {
            connection.queue.push_back(Queued::Awaited { number: ticket.number });
        }
        let identities = connection.identities.clone();
        if learns {
            let (number, identities, frame) = (ticket.number, identities.to_vec(), frame.clone());
            effects.send_leader(&ToLeader::Request { number, session, identities, frame });
        } else {
            self.decide(clocks, Asker { session, ticket, identities: &identities }, request, effects);
        }
    }

    fn take_sync(
        &mut self,
        clocks: Clocks,
        (id, session): (ConnectionId, SessionId),
        xid: i32,
        path: String,
        effects: &mut Effects,
    ) {
        let ticket = self.take_ticket(clocks, Origin::Sync { connection: id, xid, path });
        let Some(connection) = self.connections.get_mut(&id) else { return };
        connection.queue.push_back(Queued::Awaited { number: ticket.number });
        if self.standing.learns() {
            effects.send_leader(&ToLeader::Sync { number: ticket.number, session });
        } else {
            self.sync(clocks, (session, ticket), effects);
        }
    }

    fn take_read(&mut self, id: ConnectionId, xid: i32, request: Result<Request, ErrorCode>, effects: &mut Effects) {
        let request = request.and_then(|request| self.of_living(id, request));
        let Some(connection) = self.connections.get_mut(&id) else { return };
        if connection.queue.is_empty() {
            self.do_read(id, xid, request, effects);
        } else {
            effects.sometimes("a read waits for a write of its own session");
            connection.queue.push_back(Queued::Read { xid, request });
            self.waiting += 1;
        }
    }

    /// The request, if its session lives when it comes in: what happens to it while the read waits for writes before it
    /// does not matter any more (`PrepRequestProcessor.pRequest`).
    ///
    /// A ping is answered without a look at the session; the connection of a closed one is about to go anyway. A learner
    /// does not look at all: it does not know (`LearnerSessionTracker.checkSession`).
    fn of_living(&self, id: ConnectionId, request: Request) -> Result<Request, ErrorCode> {
        if request != Request::Ping
            && let Some(reign) = &self.reign
        {
            let session = self.connections.get(&id).and_then(|connection| connection.session());
            reign.sessions.check(session.unwrap_or(SessionId::NONE))?;
        }
        Ok(request)
    }

    fn do_read(&mut self, id: ConnectionId, xid: i32, request: Result<Request, ErrorCode>, effects: &mut Effects) {
        let is_unknown = request == Err(ErrorCode::Unimplemented);
        let answer = request.and_then(|request| self.read(id, request, effects));
        // What this server cannot do ends the connection (`UnimplementedRequestProcessor`).
        let closes = answer == Err(ErrorCode::Unimplemented);
        // Nobody has looked how far the service has come.
        let zxid = if is_unknown { Zxid::NONE } else { self.database.last_zxid };
        self.reply_as_of(zxid, id, xid, answer, effects);
        if closes {
            self.close_connection(id, effects);
        }
    }

    /// What this connection waited for is answered: what waits behind it has its turn, up to the next of its kind.
    pub(super) fn advance_queue(&mut self, id: ConnectionId, answered: u64, effects: &mut Effects) {
        let Some(connection) = self.connections.get_mut(&id) else { return };
        match connection.queue.pop_front() {
            Some(Queued::Awaited { number }) => assert_eq!(number, answered, "outcomes come in the order of requests"),
            _ => unreachable!("the head of a queue is what everything waits for"),
        }
        while let Some(connection) = self.connections.get_mut(&id)
            && let Some(Queued::Read { xid, request }) =
                connection.queue.pop_front_if(|queued| matches!(queued, Queued::Read { .. }))
        {
            self.waiting -= 1;
            self.do_read(id, xid, request, effects);
        }
    }

    /// Answered at once, ahead of whatever waits (`ZooKeeperServer.processPacket`).
    fn authenticate(&mut self, id: ConnectionId, xid: i32, auth: &AuthRequest, effects: &mut Effects) {
        let Some(connection) = self.connections.get_mut(&id) else { return };
        let answer = self.config.access.authenticate(&auth.scheme, &auth.credential.0, &connection.identities);
        let error = answer.as_ref().err().copied();
        if let Ok(identities) = answer {
            connection.prove(identities);
        }
        let header = ReplyHeader { xid, zxid: Zxid::ZERO, error };
        effects.reply(id, &header, error.is_none().then_some(&Response::Empty));
        if error.is_some() {
            self.close_connection(id, effects);
        }
    }

    /// Answered at once, too: a server to which nobody has told how to speak SASL has no token to give, and nothing
    /// against going on without (`ZooKeeperServer.processSasl`).
    fn decline_sasl(&mut self, id: ConnectionId, xid: i32, effects: &mut Effects) {
        let nothing = Response::Sasl(SaslResponse { token: Secret::default() });
        self.reply_as_of(Zxid::ZERO, id, xid, Ok(nothing), effects);
    }

    pub(super) fn reply(
        &mut self,
        id: ConnectionId,
        xid: i32,
        answer: Result<Response, ErrorCode>,
        effects: &mut Effects,
    ) {
        self.reply_as_of(self.database.last_zxid, id, xid, answer, effects);
    }

    fn reply_as_of(
        &mut self,
        zxid: Zxid,
        id: ConnectionId,
        xid: i32,
        answer: Result<Response, ErrorCode>,
        effects: &mut Effects,
    ) {
        let Some(connection) = self.connections.get_mut(&id) else { return };
        connection.tally.sent += 1;
        connection.last.zxid = zxid;
        self.tally.sent += 1;
        let header = ReplyHeader { xid, zxid, error: answer.as_ref().err().copied() };
        effects.reply(id, &header, answer.as_ref().ok());
    }
}

/// Whether a request of this kind takes a zxid, whatever comes of it.
fn has_transaction(op_code: OpCode) -> bool {
    matches!(
        op_code,
        OpCode::Create
            | OpCode::Create2
            | OpCode::CreateContainer
            | OpCode::CreateTtl
            | OpCode::Delete
            | OpCode::SetData
            | OpCode::SetAcl
            | OpCode::Check
            | OpCode::Multi
            | OpCode::Reconfig
    )
}

/// What an operation of a multi is answered as: what is made decides, not who asks for it (`Op.create`), and what is neither
/// a container nor has a time to live is answered as of old, without metadata.
fn counts_as(operation: &MultiOperation) -> OpCode {
    let mode = match operation {
        MultiOperation::Create(create) | MultiOperation::Create2(create) | MultiOperation::CreateContainer(create) => {
            create.mode()
        }
        MultiOperation::CreateTtl(create) => create.mode(),
        MultiOperation::Delete(_) | MultiOperation::SetData(_) | MultiOperation::Check(_) => {
            return operation.op_code();
        }
    };
    match mode {
        Some(mode) if mode.is_container() => OpCode::CreateContainer,
        Some(mode) if mode.has_ttl() => OpCode::CreateTtl,
        _ => OpCode::Create,
    }
}

fn is_sync(request: &Request) -> bool {
    matches!(request, Request::Sync(_))
}

fn is_write(request: &Request) -> bool {
    has_transaction(request.op_code()) || *request == Request::CloseSession
}
