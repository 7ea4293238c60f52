//! The first frame of a connection: a session is opened, or taken back (`ZooKeeperServer.processConnectRequest`).

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use history::ServiceEvent;
use proto::frame::write_record;
use proto::{ConnectRequest, ConnectResponse, Decode, SessionId};

use super::connection::Phase;
use super::{Clocks, ConnectionId, Effects, Origin, Replica};
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
        let session = self.sessions.open(clocks.now, timeout);
        let transaction = self.preparer.open_session(session, milliseconds(timeout), clocks.wall.as_millis());
        if let Some(connection) = self.connections.get_mut(&connection) {
            connection.phase = Phase::Opening { backlog: VecDeque::new() };
        }
        self.submit(clocks, transaction, Origin::Handshake { connection, timeout, read_only }, effects);
    }

    fn reattach(
        &mut self,
        clocks: Clocks,
        connection: ConnectionId,
        request: &ConnectRequest,
        timeout: Duration,
        effects: &mut Effects,
    ) {
        let session = request.session_id;
        // The old connection goes before the password is looked at: ZooKeeper does it in this order.
        if let Some(old) = self.attached.get(&session).copied() {
            effects.sometimes("a session moved to another connection");
            self.close_connection(old, effects);
        }
        let is_owner = request.password == identity::password(session);
        if !is_owner || !self.sessions.reattach(clocks.now, session, timeout) {
            effects.sometimes("a session could not be taken back");
            let refusal = ConnectResponse::refused(request.read_only.map(|_| false));
            effects.send(connection, |buffer| write_record(buffer, &refusal));
            self.close_connection(connection, effects);
            return;
        }
        effects.sometimes("a session was taken back");
        effects.tell(|| ServiceEvent::SessionReattached { session: session.0, timeout });
        self.admit(clocks, connection, (session, timeout), request.read_only, effects);
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
        let opening = std::mem::replace(&mut connection.phase, Phase::Open { session });
        let response = ConnectResponse {
            protocol_version: 0,
            timeout_milliseconds: milliseconds(timeout),
            session_id: session,
            password: identity::password(session),
            // Only a client that sent the flag expects it (ZOOKEEPER-4814).
            read_only: read_only.map(|_| false),
        };
        effects.send(id, |buffer| write_record(buffer, &response));
        self.attached.insert(session, id);
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
