//! A replica among others: what is committed elsewhere is applied here, and clients' requests find their leader.
//!
//! After `LearnerHandler` and `LeaderZooKeeperServer` on the leader's side, `Learner` and `FollowerZooKeeperServer` on
//! the other.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use history::ServiceEvent;
use proto::{Decode, Id, Reader, Request, RequestHeader, SessionId, Zxid};

use super::dispatch::{ToLeader, ToLearner};
use super::reign::Reign;
use super::{Clocks, Effects, Origin, Replica, Standing};
use crate::database::Database;
use crate::prepare::Asker;
use crate::transaction::{Ticket, Transaction};

impl Replica {
    /// The ensemble has committed a transaction.
    pub(super) fn deliver(&mut self, clocks: Clocks, zxid: Zxid, transaction: &Bytes, effects: &mut Effects) {
        let prepared = self.reign.as_mut().and_then(|reign| {
            reign.proposed.note(transaction.len());
            reign.in_flight.pop_front_if(|first| first.zxid == zxid)
        });
        let transaction = prepared.unwrap_or_else(|| {
            Arc::new(Transaction::from_bytes(transaction).expect("what a leader has broadcast can be read"))
        });
        assert_eq!(transaction.zxid, zxid, "leader and broadcast count alike");
        if transaction.ticket.server == self.config.server_id {
            self.finish_syncs_before(clocks, transaction.ticket.number, effects);
        }
        self.commit(clocks, &transaction, effects);
    }

    /// The leader takes a server's requests in their order, so a sync that came before this one is done, though the word
    /// of it may come behind: several transactions are committed with one message.
    fn finish_syncs_before(&mut self, clocks: Clocks, number: u64, effects: &mut Effects) {
        let is_sync = |origin: &Origin| matches!(origin, Origin::Sync { .. });
        let before = self.pending.range(..number).filter(|(_, pending)| is_sync(&pending.origin));
        let done: Vec<u64> = before.map(|(number, _)| *number).collect();
        for number in done {
            self.finish_sync(clocks, Ticket { server: self.config.server_id, number }, effects);
        }
    }

    /// Another replica's state takes the place of this one's. Nobody is served meanwhile: whoever has connected has not
    /// been heard yet, or was turned away.
    pub(super) fn restore(&mut self, database: Database, effects: &mut Effects) {
        assert_eq!(self.standing, Standing::Out, "who serves keeps its state");
        assert!(self.connections.values().all(|connection| connection.session().is_none()), "nobody sees a state go");
        effects.sometimes("a server took another one's state");
        self.database = database;
    }

    // The leader's side.

    /// A learner's replica has something to say.
    pub(super) fn hear_learner(&mut self, clocks: Clocks, server: u8, dispatch: &Bytes, effects: &mut Effects) {
        if self.reign.is_none() {
            return;
        }
        let Ok(dispatch) = ToLeader::decode(dispatch) else {
            effects.sometimes("a learner said what nobody understands");
            return;
        };
        let ticket = |number| Ticket { server, number };
        match dispatch {
            ToLeader::Request { number, session, identities, frame } => {
                self.hear_request(clocks, (session, ticket(number)), &identities, &frame, effects);
            }
            ToLeader::OpenSession { number, session, timeout_milliseconds } => {
                self.begin_session(clocks, (session, ticket(number)), timeout_milliseconds, effects);
            }
            ToLeader::Revalidate { number, session, timeout_milliseconds } => {
                let timeout = Duration::from_millis(u64::try_from(timeout_milliseconds).unwrap_or(0));
                let lives = self.take_back(clocks, session, timeout, server, effects);
                effects.send_learner(server, ToLearner::Revalidated { number, lives });
            }
            ToLeader::Sync { number, session } => self.sync(clocks, (session, ticket(number)), effects),
            ToLeader::Touched { sessions } => {
                for session in sessions {
                    self.touch(clocks.now, session, effects);
                }
            }
        }
    }

    fn hear_request(
        &mut self,
        clocks: Clocks,
        (session, ticket): (SessionId, Ticket),
        identities: &[Id],
        frame: &Bytes,
        effects: &mut Effects,
    ) {
        let mut reader = Reader::new(frame);
        let request =
            RequestHeader::decode(&mut reader).ok().and_then(|header| Request::decode(&header, &mut reader).ok());
        // Its own server has read it before.
        let Some(request) = request else {
            effects.sometimes("a learner said what nobody understands");
            return;
        };
        self.decide(clocks, Asker { session, ticket, identities }, &request, effects);
    }

    /// Decides about a write, of whichever server's client.
    pub(super) fn decide(&mut self, clocks: Clocks, asker: Asker<'_>, request: &Request, effects: &mut Effects) {
        let Some(reign) = &mut self.reign else { return };
        let (wall, of) = (clocks.wall.as_millis(), (asker.session, asker.ticket));
        let transaction = if *request == Request::CloseSession {
            // Also from where the session no longer is (`PrepRequestProcessor.pRequest2Txn`).
            effects.tell(|| ServiceEvent::SessionClosing { session: asker.session.0 });
            reign.preparer.close_session(&self.database, &mut reign.sessions, of, wall)
        } else if let Err(moved) = reign.sessions.claim(asker.session, asker.ticket.server) {
            effects.sometimes("a request came from where its session no longer is");
            reign.preparer.refuse(of, moved, wall)
        } else {
            reign.preparer.prepare((&self.database, &reign.sessions), asker, request, wall)
        };
        self.submit(clocks, transaction, effects);
    }

    /// Opens a session, at whichever server.
    pub(super) fn begin_session(
        &mut self,
        clocks: Clocks,
        (session, ticket): (SessionId, Ticket),
        timeout_milliseconds: i32,
        effects: &mut Effects,
    ) {
        let Some(reign) = &mut self.reign else { return };
        let timeout = Duration::from_millis(u64::try_from(timeout_milliseconds).unwrap_or(0));
        let wall = clocks.wall.as_millis();
        // An id is not given twice; but a server that was restarted under a clock that goes wrong might try.
        let is_new = !self.database.sessions.contains_key(&session)
            && reign.sessions.open(clocks.now, session, timeout, ticket.server);
        let transaction = if is_new {
            reign.preparer.open_session((session, ticket), timeout_milliseconds, wall)
        } else {
            reign.preparer.refuse((session, ticket), proto::ErrorCode::SessionExpired, wall)
        };
        self.submit(clocks, transaction, effects);
    }

    /// A client has come to a server with a session it had before. Tells whether it lives.
    pub(super) fn take_back(
        &mut self,
        clocks: Clocks,
        session: SessionId,
        timeout: Duration,
        server: u8,
        effects: &mut Effects,
    ) -> bool {
        let Some(reign) = &mut self.reign else { return false };
        let before = reign.sessions.server_of(session);
        let lives = reign.sessions.reattach(clocks.now, session, timeout, server);
        if lives {
            if before.is_some_and(|before| before != server) {
                effects.sometimes("a session moved to another server");
            }
            effects.tell(|| ServiceEvent::SessionReattached { session: session.0, timeout });
        }
        lives
    }

    /// A client wants to see all that is committed.
    pub(super) fn sync(&mut self, clocks: Clocks, (session, ticket): (SessionId, Ticket), effects: &mut Effects) {
        let is_strict = self.config.ensemble.as_ref().is_some_and(|ensemble| ensemble.strict_sync);
        let has_moved = |reign: &mut Reign| reign.sessions.claim(session, ticket.server).is_err();
        if is_strict || self.reign.as_mut().is_some_and(has_moved) {
            // A place in the order, which only a leader that still has its quorum can give; or the word that it is not from
            // here that the session may ask (`PrepRequestProcessor.pRequest`).
            let request = Request::Sync(proto::SyncRequest { path: proto::path::ROOT.to_owned() });
            self.decide(clocks, Asker { session, ticket, identities: &[] }, &request, effects);
            return;
        }
        let Some(reign) = &mut self.reign else { return };
        if reign.sync(ticket) {
            self.tell_synced(clocks, ticket, effects);
        }
    }

    /// Everything that was outstanding when the sync came is committed.
    pub(super) fn tell_synced(&mut self, clocks: Clocks, ticket: Ticket, effects: &mut Effects) {
        if ticket.server == self.config.server_id {
            self.finish_sync(clocks, ticket, effects);
        } else {
            effects.send_learner(ticket.server, ToLearner::Synced { number: ticket.number });
        }
    }

    // The learner's side.

    /// The leader's replica has something to say.
    pub(super) fn hear_leader(&mut self, clocks: Clocks, dispatch: &Bytes, effects: &mut Effects) {
        if !self.standing.learns() {
            return;
        }
        let Ok(dispatch) = ToLearner::decode(dispatch) else {
            effects.sometimes("a leader said what nobody understands");
            return;
        };
        let server = self.config.server_id;
        match dispatch {
            ToLearner::Synced { number } => self.finish_sync(clocks, Ticket { server, number }, effects),
            ToLearner::Revalidated { number, lives } => {
                // Of a life before this one, or of a connection that has gone, there is nothing to redeem.
                let Some(Origin::Handshake { connection, session, timeout, read_only }) =
                    self.redeem(clocks, Ticket { server, number })
                else {
                    return;
                };
                if lives {
                    self.admit(clocks, connection, (session, timeout), read_only, effects);
                } else {
                    self.turn_away(connection, read_only, effects);
                }
            }
        }
    }
}
