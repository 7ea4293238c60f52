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
    next: SessionId,
}

#[derive(Debug)]
struct Tracked {
    timeout: Duration,
    bucket: Bucket,
    is_closing: bool,
}

impl Sessions {
    /// No sessions yet; the first one will get the id `first`.
    pub(crate) fn new(tick: Duration, first: SessionId, planted: Planted) -> Sessions {
        Sessions { tracked: BTreeMap::new(), queue: ExpiryQueue::new(tick, planted), next: first }
    }

    /// A new session, not seen before.
    pub(crate) fn open(&mut self, now: Instant, timeout: Duration) -> SessionId {
        let session = self.next;
        self.next = SessionId(session.0 + 1);
        self.track(now, session, timeout);
        session
    }

    /// Tracks a session that exists already, with its full timeout.
    pub(crate) fn track(&mut self, now: Instant, session: SessionId, timeout: Duration) {
        let bucket = self.queue.bucket(now + timeout);
        let before = self.tracked.insert(session, Tracked { timeout, bucket, is_closing: false });
        assert!(before.is_none(), "a session is tracked once");
        self.queue.insert(session, bucket);
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

    /// Touches a session with a timeout that was negotiated anew. Tells whether it lives.
    pub(crate) fn reattach(&mut self, now: Instant, session: SessionId, timeout: Duration) -> bool {
        if let Some(tracked) = self.tracked.get_mut(&session).filter(|tracked| !tracked.is_closing) {
            tracked.timeout = timeout;
        }
        self.touch(now, session)
    }

    /// From here on the session can ask for nothing.
    pub(crate) fn mark_closing(&mut self, session: SessionId) {
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
