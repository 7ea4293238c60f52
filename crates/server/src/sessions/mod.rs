//! Sessions as the leader tracks them: who is alive, until when, and who is on the way out (`SessionTrackerImpl.java`).
//!
//! That a session *exists* is replicated state and lies in the database; how long it has left is the leader's knowledge
//! alone, and a new leader gives everybody a full timeout anew.

mod expiry;
pub mod identity;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use host::Instant;
use proto::{ErrorCode, SessionId};

use crate::mutant::Planted;
use expiry::{Bucket, ExpiryQueue};

/// The tracked sessions.
#[derive(Debug)]
pub(crate) struct Sessions {
    tracked: BTreeMap<SessionId, Tracked>,
    queue: ExpiryQueue,
    planted: Planted,
}

#[derive(Debug)]
struct Tracked {
    timeout: Duration,
    bucket: Bucket,
    is_closing: bool,
    /// The server at which the session is, as far as is known: a new leader learns it with the next request.
    server: Option<u8>,
}

impl Sessions {
    /// The sessions that a new leader finds, each with its full timeout from now on: how long they have been silent only
    /// the leader before it knew (`LeaderSessionTracker`).
    pub(crate) fn rearmed(
        tick: Duration,
        planted: Planted,
        now: Instant,
        found: impl Iterator<Item = (SessionId, Duration)>,
    ) -> Sessions {
        let mut sessions = Sessions { tracked: BTreeMap::new(), queue: ExpiryQueue::new(tick, planted), planted };
        for (session, timeout) in found {
            let remaining = if planted.forgets_timers() { Duration::ZERO } else { timeout };
            sessions.track(session, timeout, now + remaining, None);
        }
        sessions
    }

    /// A new session at this server. Tells whether its id is new.
    #[must_use]
    pub(crate) fn open(&mut self, now: Instant, session: SessionId, timeout: Duration, server: u8) -> bool {
        let is_new = !self.tracked.contains_key(&session);
        if is_new {
            self.track(session, timeout, now + timeout, Some(server));
        }
        is_new
    }

    fn track(&mut self, session: SessionId, timeout: Duration, until: Instant, server: Option<u8>) {
        let bucket = self.queue.bucket(until);
        let before = self.tracked.insert(session, Tracked { timeout, bucket, is_closing: false, server });
        assert!(before.is_none(), "a session is tracked once");
        self.queue.insert(session, bucket);
    }

    /// Whether the session is at this server. One whose place is not known is from now on where it asks.
    ///
    /// # Errors
    /// `SessionMoved` if it is at another one: what comes from here was sent before it moved (ZOOKEEPER-710).
    pub(crate) fn claim(&mut self, session: SessionId, server: u8) -> Result<(), ErrorCode> {
        let Some(tracked) = self.tracked.get_mut(&session) else { return Ok(()) };
        let at = *tracked.server.get_or_insert(server);
        if at == server { Ok(()) } else { Err(ErrorCode::SessionMoved) }
    }

    /// The server at which the session is, if that is known.
    pub(crate) fn server_of(&self, session: SessionId) -> Option<u8> {
        self.tracked.get(&session)?.server
    }

    /// Whether the session may still ask for anything (`SessionTrackerImpl.checkSession`).
    ///
    /// # Errors
    /// `SessionExpired` if it is gone, or about to go.
    pub(crate) fn check(&self, session: SessionId) -> Result<(), ErrorCode> {
        match self.tracked.get(&session) {
            Some(tracked) if !tracked.is_closing => Ok(()),
            _ => Err(ErrorCode::SessionExpired),
        }
    }

    /// Counts the session's timeout anew. Tells whether it lives.
    pub(crate) fn touch(&mut self, now: Instant, session: SessionId) -> bool {
        let Some(tracked) = self.tracked.get_mut(&session).filter(|tracked| !tracked.is_closing) else {
            return false;
        };
        let bucket = self.queue.bucket(now + tracked.timeout);
        // A touch never brings the end nearer (`SessionTrackerImpl.touchSession` of old; clocks here do not go back).
        if bucket != tracked.bucket {
            self.queue.remove(session, tracked.bucket);
            self.queue.insert(session, bucket);
            tracked.bucket = bucket;
        }
        true
    }

    /// Touches a session that comes back, at this server and with a timeout that was negotiated anew. Tells whether it
    /// lives.
    pub(crate) fn reattach(&mut self, now: Instant, session: SessionId, timeout: Duration, server: u8) -> bool {
        if let Some(tracked) = self.tracked.get_mut(&session).filter(|tracked| !tracked.is_closing) {
            tracked.timeout = timeout;
            if !self.planted.keeps_first_server() {
                tracked.server = Some(server);
            }
        }
        self.touch(now, session)
    }

    /// From here on the session can ask for nothing (ZOOKEEPER-1208).
    pub(crate) fn mark_closing(&mut self, session: SessionId) {
        if self.planted.close_unmarked() {
            return;
        }
        if let Some(tracked) = self.tracked.get_mut(&session) {
            tracked.is_closing = true;
        }
    }

    /// Forgets a session that is closed.
    pub(crate) fn remove(&mut self, session: SessionId) {
        if let Some(tracked) = self.tracked.remove(&session) {
            self.queue.remove(session, tracked.bucket);
        }
    }

    /// The sessions whose time is up, a bucket at a time. They stay known until their close is applied.
    pub(crate) fn expire(&mut self, now: Instant) -> Vec<SessionId> {
        let mut expired = Vec::new();
        while let Some(sessions) = self.queue.poll(now) {
            expired.extend(sessions.into_iter().filter(|session| self.check(*session).is_ok()));
        }
        expired
    }

    /// When the next session may expire.
    pub(crate) fn next_deadline(&self) -> Option<Instant> {
        self.queue.next_deadline()
    }

    /// When sessions are due to expire, in order.
    pub(crate) fn by_deadline(&self) -> impl Iterator<Item = (Instant, &BTreeSet<SessionId>)> {
        self.queue.by_deadline()
    }

    /// How many sessions there are.
    pub(crate) fn len(&self) -> usize {
        self.tracked.len()
    }
}
