//! Committing: a transaction takes effect, watches fire, whoever asked gets the answer.

use std::time::Duration;

use history::ServiceEvent;
use proto::response::write_notification;
use proto::{
    Acl, Create2Response, CreateResponse, ErrorCode, EventType, KeeperState, MultiResponse, MultiResult, OpCode,
    Permissions, Response, SessionId, SetAclResponse, SetDataResponse, SyncResponse, WatcherEvent, Zxid, path,
};

use super::{Clocks, ConnectionId, Effects, Origin, Replica};
use crate::database::Outcome;
use crate::transaction::{Change, Ticket, Transaction};
use crate::tree::Mutation;

impl Replica {
    pub(super) fn commit(&mut self, clocks: Clocks, transaction: &Transaction, effects: &mut Effects) {
        assert!(transaction.zxid > self.database.last_zxid, "transactions are committed in order, each once");
        let mut told = std::mem::take(&mut self.told);
        let outcome = self.database.apply(transaction, &mut told);
        if let Some(reign) = &mut self.reign {
            reign.preparer.forget(transaction.zxid);
            reign.take_queued_touches(clocks.now, transaction.zxid);
        }
        let closes = matches!(transaction.change, Change::CloseSession { .. });
        let is_mute = closes && self.config.planted().close_fires_no_watch();
        for mutation in told.drain(..) {
            effects.tell(|| mutation.event(transaction.zxid));
            if !is_mute {
                self.fire(&mutation, effects);
            }
        }
        self.told = told;
        if outcome == Ok(Outcome::SessionCreated) {
            self.start_session(clocks, transaction, effects);
        }
        if let Some(origin) = self.redeem(clocks, transaction.ticket) {
            self.answer(clocks, transaction, origin, outcome, effects);
        }
        if closes {
            self.end_session(transaction.session, transaction.zxid, effects);
        }
        while let Some(ticket) = self.reign.as_mut().and_then(|reign| reign.next_synced(transaction.zxid)) {
            self.tell_synced(clocks, ticket, effects);
        }
    }

    fn start_session(&mut self, clocks: Clocks, transaction: &Transaction, effects: &mut Effects) {
        let Change::CreateSession { timeout_milliseconds } = transaction.change else { return };
        let session = transaction.session;
        if let Some(reign) = &mut self.reign {
            // Its time begins when it does, not when it was asked for.
            reign.sessions.touch(clocks.now, session);
        }
        let timeout = Duration::from_millis(u64::try_from(timeout_milliseconds).unwrap_or(0));
        effects.tell(|| ServiceEvent::SessionOpened { session: session.0, timeout });
    }

    fn answer(
        &mut self,
        clocks: Clocks,
        transaction: &Transaction,
        origin: Origin,
        outcome: Result<Outcome, ErrorCode>,
        effects: &mut Effects,
    ) {
        match origin {
            Origin::Handshake { connection, session, timeout, read_only } => match outcome {
                Ok(_) => self.admit(clocks, connection, (session, timeout), read_only, effects),
                Err(_) => self.close_connection(connection, effects),
            },
            // A client on the wrong server must not take the error for the outcome, nor stay there (ZOOKEEPER-710,
            // ZOOKEEPER-2886).
            Origin::Sync { connection, .. } | Origin::Request { connection, .. }
                if has_moved(&outcome) && !self.config.planted().keeps_first_server() =>
            {
                self.close_connection(connection, effects);
            }
            // A quorum has confirmed its place in the order.
            Origin::Sync { connection, xid, path } => {
                let answer = outcome.map(|_| Response::Sync(SyncResponse { path }));
                self.reply(connection, xid, answer, effects);
                self.advance_queue(connection, transaction.ticket.number, effects);
            }
            Origin::Request { connection, xid, op_code, parts } => {
                let answer = outcome.map(|outcome| response(outcome, op_code, &parts));
                self.reply(connection, xid, answer, effects);
                if !self.commits_at_once() {
                    self.advance_queue(connection, transaction.ticket.number, effects);
                }
            }
        }
    }

    /// Everything a sync had to wait for is applied here.
    pub(super) fn finish_sync(&mut self, clocks: Clocks, ticket: Ticket, effects: &mut Effects) {
        if let Some(Origin::Sync { connection, xid, path }) = self.redeem(clocks, ticket) {
            self.reply(connection, xid, Ok(Response::Sync(SyncResponse { path })), effects);
            self.advance_queue(connection, ticket.number, effects);
        }
    }

    /// Its znodes are gone; now the session and its connection go.
    fn end_session(&mut self, session: SessionId, zxid: Zxid, effects: &mut Effects) {
        if let Some(reign) = &mut self.reign {
            reign.sessions.remove(session);
        }
        self.touched.remove(&session);
        effects.tell(|| ServiceEvent::SessionClosed { session: session.0, zxid: zxid.0 });
        if let Some(connection) = self.attached.get(&session).copied() {
            self.close_connection(connection, effects);
        }
    }

    fn fire(&mut self, mutation: &Mutation, effects: &mut Effects) {
        match mutation {
            Mutation::Created { path, acls, parent_acls, .. } => {
                self.fire_on(path, EventType::NodeCreated, acls, effects);
                self.fire_on_parent(path, parent_acls, effects);
            }
            Mutation::Deleted { path, acls, parent_acls } => {
                self.fire_on(path, EventType::NodeDeleted, acls, effects);
                self.fire_on_parent(path, parent_acls, effects);
            }
            Mutation::Changed { path, acls } => self.fire_on(path, EventType::NodeDataChanged, acls, effects),
        }
    }

    fn fire_on_parent(&mut self, path: &str, parent_acls: &[Acl], effects: &mut Effects) {
        let Some(parent) = path::parent(path) else { return };
        self.fire_on(parent, EventType::NodeChildrenChanged, parent_acls, effects);
    }

    fn fire_on(&mut self, path: &str, event: EventType, acls: &[Acl], effects: &mut Effects) {
        for watcher in self.watches.fire(path, event) {
            self.notify(watcher, path, event, acls, effects);
        }
    }

    /// Tells a watcher, unless it may not read what the event is about (`NIOServerCnxn.process`; without it whoever may
    /// watch a znode recursively hears of everything below, ZOOKEEPER-4799).
    fn notify(&mut self, watcher: ConnectionId, path: &str, event: EventType, acls: &[Acl], effects: &mut Effects) {
        let Some(connection) = self.connections.get(&watcher) else { return };
        if self.config.access.check(acls, Permissions::READ, &connection.identities).is_err() {
            effects.sometimes("a watch was hidden by an access control list");
            return;
        }
        self.send_event(watcher, path, event, effects);
    }

    /// Tells a watcher, whoever it is.
    pub(super) fn send_event(&mut self, watcher: ConnectionId, path: &str, event: EventType, effects: &mut Effects) {
        let Some(connection) = self.connections.get_mut(&watcher) else { return };
        connection.tally.sent += 1;
        self.tally.sent += 1;
        let event = WatcherEvent { event_type: event, state: KeeperState::SyncConnected, path: path.to_owned() };
        effects.send(watcher, |buffer| write_notification(buffer, Zxid::NONE, &event));
    }
}

fn has_moved(outcome: &Result<Outcome, ErrorCode>) -> bool {
    match outcome {
        Err(error) => *error == ErrorCode::SessionMoved,
        Ok(Outcome::Multi(parts)) => parts.contains(&Err(Some(ErrorCode::SessionMoved))),
        Ok(_) => false,
    }
}

/// The answer in the form that the operation asked for; `parts` are what the operations of a multi count as.
fn response(outcome: Outcome, op_code: OpCode, parts: &[OpCode]) -> Response {
    match outcome {
        Outcome::Created(path, _) if op_code == OpCode::Create => {
            Response::Create(CreateResponse { path: path.to_string() })
        }
        Outcome::Created(path, stat) => Response::Create2(Create2Response { path: path.to_string(), stat }),
        Outcome::DataSet(stat) => Response::SetData(SetDataResponse { stat }),
        Outcome::AclsSet(stat) => Response::SetAcl(SetAclResponse { stat }),
        Outcome::Multi(outcomes) => {
            assert_eq!(outcomes.len(), parts.len(), "every operation of a multi has an outcome");
            let results = outcomes.into_iter().zip(parts).map(|(outcome, op_code)| result(outcome, *op_code));
            Response::Multi(MultiResponse { results: results.collect() })
        }
        Outcome::Deleted | Outcome::Checked | Outcome::Synced | Outcome::SessionCreated | Outcome::SessionClosed => {
            Response::Empty
        }
    }
}

fn result(outcome: Result<Outcome, Option<ErrorCode>>, op_code: OpCode) -> MultiResult {
    let outcome = match outcome {
        Ok(outcome) => outcome,
        Err(error) => return MultiResult::Error(error),
    };
    match response(outcome, op_code, &[]) {
        Response::Create(response) => MultiResult::Create(response),
        Response::Create2(response) => MultiResult::Create2(response),
        Response::SetData(response) => MultiResult::SetData(response),
        _ if op_code == OpCode::Delete => MultiResult::Delete,
        _ => MultiResult::Check,
    }
}
