//! Connections: dialling, the handshake, the loss.

use history::ClientEvent;
use host::Instant;
use proto::frame::write_record;
use proto::request::write_request;
use proto::{ConnectRequest, ConnectResponse, Decode, Request, Zxid, xid};

use super::{Effect, Session};
use crate::{Error, SessionState, Timing};

/// The longest answer taken, in bytes. A server's `jute.maxbuffer` bounds what it reads, not what it writes: the list
/// of many children may be longer than any request.
pub(super) const FRAME_LIMIT: usize = 4 * 1024 * 1024;

/// Where the session stands with its connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Between two attempts.
    Waiting { until: Instant },
    /// A connection was asked for.
    Dialing { deadline: Instant },
    /// It stands, and the handshake was sent.
    Greeting { deadline: Instant, sent_at: Instant },
    /// The handshake was answered.
    Connected,
    /// The session is over.
    Over,
}

impl Phase {
    pub(super) fn is_open(self) -> bool {
        matches!(self, Phase::Greeting { .. } | Phase::Connected)
    }
}

impl Session {
    pub(super) fn dial(&mut self, now: Instant) {
        let deadline = now + self.timing.attempt(self.dialer.servers());
        self.phase = Phase::Dialing { deadline };
        let server = self.dialer.take();
        self.effects.push(Effect::Dial(server));
    }

    pub(super) fn greet(&mut self, now: Instant) {
        // The attempt's time may have run out in this very step.
        let Phase::Dialing { deadline } = self.phase else { return };
        let request = ConnectRequest {
            protocol_version: 0,
            last_zxid_seen: if self.planted.forgets_last_zxid() { Zxid::ZERO } else { self.last_zxid },
            timeout_milliseconds: i32::try_from(self.requested_timeout.as_millis()).unwrap_or(i32::MAX),
            session_id: self.id,
            password: self.password,
            read_only: Some(false),
        };
        write_record(&mut self.outgoing, &request);
        self.phase = Phase::Greeting { deadline, sent_at: now };
    }

    /// The answer to the handshake came.
    pub(super) fn greeted(&mut self, now: Instant, sent_at: Instant, frame: &bytes::Bytes) {
        let Ok(response) = ConnectResponse::from_bytes(frame) else {
            return self.connection_ended(now);
        };
        if response.is_refused() || response.session_id.is_none() {
            // A refusal of a session that there never was makes no sense; another server may have more.
            return if self.id.is_none() { self.connection_ended(now) } else { self.expire(false) };
        }
        let is_back = !self.id.is_none();
        if is_back && response.session_id != self.id {
            return self.connection_ended(now);
        }
        self.id = response.session_id;
        self.password = response.password;
        let milliseconds = u64::try_from(response.timeout_milliseconds).expect("a grant is positive");
        self.timing = Timing::new(std::time::Duration::from_millis(milliseconds));
        self.lived(now, sent_at);
        self.dialer.succeeded();
        self.phase = Phase::Connected;
        self.become_state(SessionState::Connected);
        let timeout = self.timing.session_timeout();
        self.effects.push(Effect::Tell(ClientEvent::Connected { session: self.id.0, timeout }));
        if is_back {
            self.effects.push(Effect::Sometimes("client: reconnected to the same session"));
            let watchers = self.watches.persistent_watchers();
            if !watchers.is_empty() {
                self.effects.push(Effect::Missed(watchers));
            }
        }
        self.prime(now);
    }

    /// What goes first on a new connection (`ClientCnxn.primeConnection`).
    fn prime(&mut self, now: Instant) {
        let waiting = std::mem::take(&mut self.authentications_waiting);
        let known_before = self.authentication.len() - waiting.len();
        let calls = std::iter::repeat_n(None, known_before).chain(waiting);
        for (index, call) in calls.enumerate() {
            self.send_authentication(index, call);
        }
        if !self.planted.restores_no_watches() {
            for request in self.watches.restore(self.last_zxid) {
                self.restoring += 1;
                self.send_restoring(now, &request);
            }
        }
        for call in std::mem::take(&mut self.queued) {
            self.send_call(now, call);
        }
    }

    pub(super) fn ping(&mut self, now: Instant) {
        write_request(&mut self.outgoing, xid::PING, &Request::Ping);
        self.pings.push_back(now);
        self.last_sent = now;
    }

    /// The connection, or the attempt at one, is over: by the network's word, by the clock, or because the server
    /// speaks nonsense.
    pub(super) fn connection_ended(&mut self, now: Instant) {
        let was_connected = match self.phase {
            Phase::Connected => true,
            Phase::Dialing { .. } | Phase::Greeting { .. } => false,
            Phase::Waiting { .. } | Phase::Over => return,
        };
        if was_connected && self.closing {
            let event = ClientEvent::Disconnected { session: self.id.0 };
            return self.end(SessionState::Closed, Some(event));
        }
        self.hang_up();
        self.phase = Phase::Waiting { until: now + self.dialer.pause(self.timing.session_timeout()) };
        if was_connected {
            self.become_state(SessionState::Disconnected);
            self.effects.push(Effect::Tell(ClientEvent::Disconnected { session: self.id.0 }));
            self.end_sent_calls(|| Error::ConnectionLoss { sent: true });
        }
    }

    /// Drops the connection and all that belongs to it alone.
    pub(super) fn hang_up(&mut self) {
        if matches!(self.phase, Phase::Dialing { .. } | Phase::Greeting { .. } | Phase::Connected) {
            self.effects.push(Effect::HangUp);
        }
        self.outgoing.clear();
        self.decoder = proto::FrameDecoder::new(FRAME_LIMIT);
        self.pings.clear();
        self.restoring = 0;
    }
}
