//! The session core: pure. It is told what happened and says what to do; it has no clock, no socket, no task.
//!
//! A session outlives its connections. This core makes them one after the other, answers for the session at each,
//! keeps it alive, matches answers to requests by their order, restores watches, and knows when trust ends
//! ([`Timing`]).
//!
//! Order on a new connection: the handshake, then authentication, then the watches, then what was asked meanwhile
//! (`ClientCnxn.primeConnection`). Calls made without a connection wait for one, in order; calls that were sent when
//! the connection is lost end there, with an unknown outcome. Nothing is ever sent twice by itself.
//!
//! Refused: SASL, TLS, read-only servers, changes to the list of servers.

mod connection;
mod dialer;
mod messages;
mod replies;
mod requests;
#[cfg(test)]
mod tests;
mod timing;
mod watches;

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use bytes::BytesMut;
use history::ClientEvent;
use host::Instant;
use host::random::Stream;
use proto::{FrameDecoder, Password, Secret, SessionId, Zxid};

use self::connection::Phase;
use self::dialer::Dialer;
pub use self::messages::{Answer, Call, CallId, Effect, Input, WatchedEvent};
use self::requests::InFlight;
pub use self::timing::Timing;
pub use self::watches::WatcherId;
use self::watches::Watches;
use crate::error::Credentials;
use crate::mutant::Planted;
use crate::{Error, Profile, SessionState, TrustSince, WatchEnded};

/// What a session starts from.
pub struct Settings {
    /// The servers, each as `host:port`; at least one.
    pub servers: Vec<String>,
    /// The session timeout to ask for.
    pub timeout: Duration,
    /// A session to go on with.
    pub resume: Option<Credentials>,
    /// How to judge the session.
    pub profile: Profile,
    /// The planted bug at work.
    #[cfg(feature = "zoo")]
    pub mutant: Option<crate::Mutant>,
    /// For the order of the servers and the pauses between attempts.
    pub stream: Stream,
}

/// A session of the service, seen from its client.
pub struct Session {
    requested_timeout: Duration,
    profile: Profile,
    planted: Planted,
    timing: Timing,
    id: SessionId,
    password: Password,
    last_zxid: Zxid,
    state: SessionState,
    phase: Phase,
    dialer: Dialer,
    decoder: FrameDecoder,
    /// When anything was last sent on this connection.
    last_sent: Instant,
    /// When the last request was sent that the service answered: the session lived then. If it is trusted since the
    /// receiving, when anything came last.
    alive_at: Option<Instant>,
    next_xid: i32,
    /// Sent and not answered: answers come in this order.
    in_flight: VecDeque<InFlight>,
    /// When the pings were sent that were not answered yet; they are answered in order among themselves.
    pings: VecDeque<Instant>,
    /// What to authenticate with at every connection.
    authentication: Vec<(String, Secret)>,
    /// The last of these wait for their first connection, with the call to answer.
    authentications_waiting: Vec<Option<CallId>>,
    /// Authentications that were sent and not answered, with the call to answer.
    authentications_in_flight: VecDeque<Option<CallId>>,
    /// Not sent yet.
    queued: VecDeque<Call>,
    deadlines: BTreeSet<(Instant, CallId)>,
    watches: Watches,
    /// Requests to restore watches that were not answered yet.
    restoring: usize,
    /// Whether the session was asked to close.
    closing: bool,
    /// Whether nobody will ask for anything any more.
    leaving: bool,
    /// To be sent at the end of the step.
    outgoing: BytesMut,
    effects: Vec<Effect>,
}

impl Session {
    /// A session that begins to connect at the next step.
    ///
    /// # Panics
    /// If no server is named.
    #[must_use]
    pub fn new(settings: Settings, now: Instant) -> Session {
        let resume = settings.resume.unwrap_or(Credentials { session: SessionId::NONE, password: Password::NONE });
        Session {
            requested_timeout: settings.timeout,
            profile: settings.profile,
            #[cfg(feature = "zoo")]
            planted: Planted::new(settings.mutant),
            #[cfg(not(feature = "zoo"))]
            planted: Planted::default(),
            timing: Timing::new(settings.timeout),
            id: resume.session,
            password: resume.password,
            last_zxid: Zxid::ZERO,
            state: SessionState::Connecting,
            phase: Phase::Waiting { until: now },
            dialer: Dialer::new(settings.servers, settings.stream),
            decoder: FrameDecoder::new(connection::FRAME_LIMIT),
            last_sent: now,
            alive_at: None,
            next_xid: 1,
            in_flight: VecDeque::new(),
            pings: VecDeque::new(),
            authentication: Vec::new(),
            authentications_waiting: Vec::new(),
            authentications_in_flight: VecDeque::new(),
            queued: VecDeque::new(),
            deadlines: BTreeSet::new(),
            watches: Watches::default(),
            restoring: 0,
            closing: false,
            leaving: false,
            outgoing: BytesMut::new(),
            effects: Vec::new(),
        }
    }

    /// Goes one step: takes in what happened at `now`, and gives what is to be done, in order.
    ///
    /// What came over the wire is taken in before the clock is looked at: after a pause, answers that lie in the
    /// kernel's buffer still count. Everything else finds the clock looked at, so that nothing is sent on a
    /// connection that is no longer trusted.
    pub fn step(&mut self, now: Instant, input: Input) -> Vec<Effect> {
        match input {
            Input::Received(bytes) => {
                self.receive(now, &bytes);
                self.check_time(now);
            }
            input => {
                self.check_time(now);
                self.take_in(now, input);
            }
        }
        self.leave_if_done();
        if !self.outgoing.is_empty() {
            assert!(self.phase.is_open(), "bytes go out on an open connection only");
            self.effects.push(Effect::Send(self.outgoing.split().freeze()));
            self.last_sent = now;
        }
        std::mem::take(&mut self.effects)
    }

    fn take_in(&mut self, now: Instant, input: Input) {
        match input {
            Input::Tick => {}
            Input::Opened => self.greet(now),
            Input::Ended => self.connection_ended(now),
            Input::Received(_) => unreachable!("bytes are taken in before the clock"),
            Input::Call(call) => self.call(now, call),
            Input::Authenticate { call, scheme, credential } => self.authenticate(call, scheme, credential),
            Input::Forget(watcher) => self.forget(now, watcher),
            Input::Close { call, deadline } => self.close(now, call, deadline),
            Input::Leave => self.leaving = true,
        }
    }

    /// When the next step is due, if nothing happens before; `None` once the session is over.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        let of_phase = match self.phase {
            Phase::Waiting { until } => until,
            Phase::Dialing { deadline } | Phase::Greeting { deadline, .. } => deadline,
            Phase::Connected => (self.last_sent + self.timing.ping_interval()).min(self.trust_ends()?),
            Phase::Over => return None,
        };
        let of_session = self.local_expiry().unwrap_or(of_phase);
        let of_calls = self.deadlines.first().map_or(of_phase, |&(deadline, _)| deadline);
        Some(of_phase.min(of_session).min(of_calls))
    }

    /// Until when the session was surely alive at the service: 2/3 T after the *sending* of the last request that was
    /// answered, or after what the [`Profile`] takes in its place. `None` before the first connection, and once the session is over or was asked to close.
    #[must_use]
    pub fn trusted_until(&self) -> Option<Instant> {
        if self.closing { None } else { self.trust_ends() }
    }

    /// How the session stands.
    #[must_use]
    pub fn state(&self) -> SessionState {
        self.state
    }

    /// What another client needs to go on with this session.
    #[must_use]
    pub fn credentials(&self) -> Credentials {
        Credentials { session: self.id, password: self.password }
    }

    /// The session's timeout: the one granted, or before that the one asked for.
    #[must_use]
    pub fn session_timeout(&self) -> Duration {
        self.timing.session_timeout()
    }

    /// The latest transaction seen.
    #[must_use]
    pub fn last_zxid(&self) -> Zxid {
        self.last_zxid
    }

    fn trust_ends(&self) -> Option<Instant> {
        self.alive_at.map(|alive_at| alive_at + self.timing.trust())
    }

    fn local_expiry(&self) -> Option<Instant> {
        let alive_at = self.alive_at.filter(|_| self.profile.expires_locally);
        alive_at.map(|alive_at| alive_at + self.timing.local_expiry())
    }

    /// A sign of life came at `now`, the answer to what was sent at `sent_at`.
    fn lived(&mut self, now: Instant, sent_at: Instant) {
        let since = match self.profile.trust_since {
            TrustSince::Sending => sent_at,
            TrustSince::Receiving => now,
        };
        self.alive_at = self.alive_at.max(Some(since));
    }

    /// Something came at `now`, whatever it says.
    fn heard(&mut self, now: Instant) {
        if self.profile.trust_since == TrustSince::Receiving {
            self.alive_at = self.alive_at.max(Some(now));
        }
    }

    fn check_time(&mut self, now: Instant) {
        if self.phase == Phase::Connected && self.trust_ends().is_some_and(|end| now >= end) {
            self.connection_ended(now);
        }
        if self.phase != Phase::Connected && self.local_expiry().is_some_and(|end| now >= end) {
            self.expire(true);
        }
        match self.phase {
            Phase::Waiting { until } if now >= until => self.dial(now),
            Phase::Dialing { deadline } | Phase::Greeting { deadline, .. } if now >= deadline => {
                self.connection_ended(now);
            }
            Phase::Connected if now >= self.last_sent + self.timing.ping_interval() => self.ping(now),
            _ => {}
        }
        self.end_calls_out_of_time(now);
    }

    /// The session is gone: said by a server, or known by one's own clock.
    fn expire(&mut self, locally: bool) {
        assert!(!self.id.is_none(), "only a session can expire");
        if locally {
            self.effects.push(Effect::Sometimes("client: session expired locally"));
        }
        let event = ClientEvent::SessionExpired { session: self.id.0, locally };
        self.end(SessionState::Expired, Some(event));
    }

    /// Nothing comes after this. The state is told first: who is woken by a failed call shall find it.
    fn end(&mut self, state: SessionState, event: Option<ClientEvent>) {
        assert!(state.is_final() && self.phase != Phase::Over, "a session ends once");
        self.hang_up();
        self.phase = Phase::Over;
        self.alive_at = None;
        self.become_state(state);
        self.effects.extend(event.map(Effect::Tell));
        self.end_sent_calls(|| Error::of_ended(state, true));
        for call in std::mem::take(&mut self.queued) {
            self.complete(call.id, call.deadline, Err(Error::of_ended(state, false)));
        }
        for call in std::mem::take(&mut self.authentications_waiting).into_iter().flatten() {
            self.complete(call, None, Err(Error::of_ended(state, false)));
        }
        self.effects.push(Effect::EndWatches(match state {
            SessionState::Expired => WatchEnded::Expired,
            SessionState::AuthFailed => WatchEnded::AuthFailed,
            _ => WatchEnded::Closed,
        }));
        assert!(self.deadlines.is_empty(), "no call outlives the session");
    }

    fn leave_if_done(&mut self) {
        let is_busy = self.phase == Phase::Connected && !self.in_flight.is_empty();
        if self.leaving && self.phase != Phase::Over && !is_busy {
            let was_connected = self.phase == Phase::Connected;
            let event = was_connected.then_some(ClientEvent::Disconnected { session: self.id.0 });
            self.end(SessionState::Closed, event);
        }
    }

    fn become_state(&mut self, state: SessionState) {
        assert!(!self.state.is_final(), "nothing comes after {:?}", self.state);
        self.state = state;
        self.effects.push(Effect::State(state));
    }
}
