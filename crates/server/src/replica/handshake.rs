//! The first frame of a connection: a session is opened, or taken back (`ZooKeeperServer.processConnectRequest`).

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use proto::frame::write_record;
use proto::{ConnectRequest, ConnectResponse, Decode, SessionId};

use super::connection::Phase;
use super::dispatch::ToLeader;
use super::{Clocks, ConnectionId, Effects, Origin, Replica, Standing};
use crate::sessions::identity;

impl Replica {
    pub(super) fn shake_hands(
        &mut self,
        clocks: Clocks,
        connection: ConnectionId,
        frame: &Bytes,
        effects: &mut Effects,
    ) {
        let Ok(request) = ConnectRequest::from_bytes(frame) else {
            effects.sometimes("garbage instead of a handshake");
            self.close_connection(connection, effects);
            return;
        };
        // A server behind what the client has seen would take it back in time: it may not even answer.
        if request.last_zxid_seen > self.database.last_zxid {
            effects.sometimes("a client has seen more than this server");
            self.close_connection(connection, effects);
            return;
        }
        let wants_read_only = request.read_only == Some(true);
        if self.standing == Standing::Out || (self.standing == Standing::ReadOnly && !wants_read_only) {
            effects.sometimes("a client came to a server without a quorum");
            self.close_connection(connection, effects);
            return;
        }
        let timeout = self.config.negotiate(request.timeout_milliseconds);
        if request.session_id.is_none() {
            self.open_session(clocks, connection, timeout, request.read_only, effects);
        } else {
            self.reattach(clocks, connection, &request, timeout, effects);
        }
    }

    fn open_session(
        &mut self,
        clocks: Clocks,
        connection: ConnectionId,
        timeout: Duration,
        read_only: Option<bool>,
        effects: &mut Effects,
    ) {
        let session = self.next_session;
        self.next_session = SessionId(session.0.wrapping_add(1));
        if self.standing == Standing::ReadOnly {
            // Known here only, and only for as long as its connection lasts.
            self.admit(clocks, connection, (session, timeout), read_only, effects);
            return;
        }
        self.keep_waiting(connection);
        let ticket = self.take_ticket(clocks, Origin::Handshake { connection, session, timeout, read_only });
        if self.standing.learns() {
            let (number, timeout_milliseconds) = (ticket.number, milliseconds(timeout));
            effects.send_leader(&ToLeader::OpenSession { number, session, timeout_milliseconds });
        } else {
            self.begin_session(clocks, (session, ticket), milliseconds(timeout), effects);
        }
    }

    fn reattach(
        &mut self,
        clocks: Clocks,
        connection: ConnectionId,
        request: &ConnectRequest,
        timeout: Duration,
        effects: &mut Effects,
    ) {
        let (session, read_only) = (request.session_id, request.read_only);
        // The old connection goes before the password is looked at: ZooKeeper does it in this order.
        if let Some(old) = self.attached.get(&session).copied() {
            effects.sometimes("a session moved to another connection");
            self.close_connection(old, effects);
        }
        if request.password != identity::password(session) {
            self.turn_away(connection, read_only, effects);
        } else if self.standing.learns() {
            // Only the leader knows whether it lives (REVALIDATE).
            self.keep_waiting(connection);
            let ticket = self.take_ticket(clocks, Origin::Handshake { connection, session, timeout, read_only });
            let (number, timeout_milliseconds) = (ticket.number, milliseconds(timeout));
            effects.send_leader(&ToLeader::Revalidate { number, session, timeout_milliseconds });
        } else if self.standing == Standing::ReadOnly && self.database.sessions.contains_key(&session)
            || self.take_back(clocks, session, timeout, self.config.server_id, effects)
        {
            self.admit(clocks, connection, (session, timeout), read_only, effects);
        } else {
            self.turn_away(connection, read_only, effects);
        }
    }

    /// What the connection sends from now on waits until it is known whether it has a session.
    fn keep_waiting(&mut self, connection: ConnectionId) {
        if let Some(connection) = self.connections.get_mut(&connection) {
            connection.phase = Phase::Opening { backlog: VecDeque::new() };
        }
    }

    /// Tells a client that its session is gone.
    pub(super) fn turn_away(&mut self, connection: ConnectionId, read_only: Option<bool>, effects: &mut Effects) {
        if !self.connections.contains_key(&connection) {
            return;
        }
        effects.sometimes("a session could not be taken back");
        let refusal = ConnectResponse::refused(read_only.map(|_| false));
        effects.send(connection, |buffer| write_record(buffer, &refusal));
        self.close_connection(connection, effects);
    }

    /// Tells a client that it has its session, and hears what it has said meanwhile.
    pub(super) fn admit(
        &mut self,
        clocks: Clocks,
        id: ConnectionId,
        (session, timeout): (SessionId, Duration),
        read_only: Option<bool>,
        effects: &mut Effects,
    ) {
        let Some(connection) = self.connections.get_mut(&id) else { return };
        let opening = std::mem::replace(&mut connection.phase, Phase::Open { session, timeout });
        connection.tally.sent += 1;
        connection.last.answered = clocks.now;
        connection.last.zxid = self.database.last_zxid;
        self.tally.sent += 1;
        let response = ConnectResponse {
            protocol_version: 0,
            timeout_milliseconds: milliseconds(timeout),
            session_id: session,
            password: identity::password(session),
            // Only a client that sent the flag expects it (ZOOKEEPER-4814).
            read_only: read_only.map(|_| self.standing == Standing::ReadOnly),
        };
        effects.send(id, |buffer| write_record(buffer, &response));
        if let Some(before) = self.attached.insert(session, id)
            && before != id
        {
            // Two connections came for one session, and the leader's word for both.
            self.close_connection(before, effects);
        }
        if let Phase::Opening { backlog } = opening {
            self.waiting -= backlog.len();
            for frame in backlog {
                self.take_frame(clocks, id, frame, effects);
            }
        }
    }
}

fn milliseconds(timeout: Duration) -> i32 {
    i32::try_from(timeout.as_millis()).unwrap_or(i32::MAX)
}
