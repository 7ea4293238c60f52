//! Committing: a transaction takes effect, watches fire, whoever asked gets the answer.

use history::ServiceEvent;
use proto::response::write_notification;
use proto::{
    Acl, Create2Response, CreateResponse, ErrorCode, EventType, KeeperState, MultiResponse, MultiResult, OpCode,
    Permissions, Response, SessionId, SetAclResponse, SetDataResponse, WatcherEvent, Zxid, path,
};

use super::{Clocks, ConnectionId, Effects, Origin, Replica};
use crate::access;
use crate::database::Outcome;
use crate::transaction::{Change, Transaction};
use crate::tree::Mutation;

impl Replica {
    pub(super) fn commit(&mut self, clocks: Clocks, transaction: &Transaction, origin: Origin, effects: &mut Effects) {
        assert!(transaction.zxid > self.database.last_zxid, "transactions are committed in order, each once");
        let mut told = std::mem::take(&mut self.told);
        let outcome = self.database.apply(transaction, &mut told);
        self.preparer.forget(transaction.zxid);
        let closes = matches!(transaction.change, Change::CloseSession { .. });
        let is_mute = closes && self.config.planted().close_fires_no_watch();
        for mutation in told.drain(..) {
            effects.tell(|| mutation.event(transaction.zxid));
            if !is_mute {
                self.fire(&mutation, effects);
            }
        }
        self.told = told;
        self.answer(clocks, transaction, origin, outcome, effects);
        if closes {
            self.end_session(transaction.session, transaction.zxid, effects);
        }
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
            Origin::Service => {}
            Origin::Handshake { connection, timeout, read_only } => {
                let session = transaction.session;
                // Its time begins when it does, not when it was asked for.
                self.sessions.touch(clocks.now, session);
                effects.tell(|| ServiceEvent::SessionOpened { session: session.0, timeout });
                self.admit(clocks, connection, (session, timeout), read_only, effects);
            }
            Origin::Request { connection, xid, op_code, parts } => {
                // A client on the wrong server must not take the error for the outcome (ZOOKEEPER-710, ZOOKEEPER-2886).
                if has_moved(&outcome) {
                    self.close_connection(connection, effects);
                    return;
                }
                let answer = outcome.map(|outcome| response(outcome, op_code, &parts));
                self.reply(connection, xid, answer, effects);
                if self.is_durable {
                    self.advance_queue(connection, transaction.zxid, effects);
                }
            }
        }
    }

    /// Its znodes are gone; now the session and its connection go.
    fn end_session(&mut self, session: SessionId, zxid: Zxid, effects: &mut Effects) {
        self.sessions.remove(session);
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

    /// Tells a watcher, unless it may not read what the event is about (`NIOServerCnxn.process`).
    pub(super) fn notify(
        &mut self,
        watcher: ConnectionId,
        path: &str,
        event: EventType,
        acls: &[Acl],
        effects: &mut Effects,
    ) {
        let Some(connection) = self.connections.get_mut(&watcher) else { return };
        if access::check(acls, Permissions::READ, &connection.identities).is_err() {
            effects.sometimes("a watch was hidden by an access control list");
            return;
        }
        connection.sent += 1;
        self.counters.sent += 1;
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

/// The answer in the form that the operation asked for; `parts` are the operations of a multi.
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
        Outcome::Deleted | Outcome::Checked | Outcome::SessionCreated | Outcome::SessionClosed => Response::Empty,
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
