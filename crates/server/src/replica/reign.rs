//! What a leader has and nobody else: the desk at which requests are decided, the sessions' time, and what is decided and
//! not committed. It ends with the leadership; the next leader begins with what is applied.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use host::Instant;
use proto::{SessionId, Zxid};

use crate::config::Config;
use crate::database::Database;
use crate::prepare::Preparer;
use crate::sessions::Sessions;
use crate::transaction::{Ticket, Transaction};

/// What a leader has and nobody else.
pub(super) struct Reign {
    pub(super) preparer: Preparer,
    pub(super) sessions: Sessions,
    /// Prepared and not committed, in order.
    pub(super) in_flight: VecDeque<Arc<Transaction>>,
    /// Who waits until a transaction is committed to be told that everything before is (`Leader.pendingSyncs`).
    pub(super) syncs: VecDeque<(Zxid, Ticket)>,
    /// Signs of life that wait until a transaction is committed: only a planted bug lets them.
    pub(super) queued_touches: VecDeque<(Zxid, SessionId)>,
    /// When containers and TTL znodes are looked at next.
    pub(super) next_reaping: Instant,
    /// How large the transactions of this reign were.
    pub(super) proposed: Sizes,
}

/// Sizes in bytes, -1 as long as there are none (`BufferStats`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sizes {
    pub(super) last: i64,
    pub(super) least: i64,
    pub(super) most: i64,
}

impl Sizes {
    const NONE: Sizes = Sizes { last: -1, least: -1, most: -1 };

    /// Takes one more into account.
    pub(super) fn note(&mut self, bytes: usize) {
        self.last = i64::try_from(bytes).unwrap_or(i64::MAX);
        self.most = self.most.max(self.last);
        self.least = if self.least < 0 { self.last } else { self.least.min(self.last) };
    }
}

impl Reign {
    /// Begins to lead with what is applied, transactions going on after `last`.
    pub(super) fn begin(config: &Config, database: &Database, last: Zxid, now: Instant) -> Reign {
        let timeout = |milliseconds: i32| Duration::from_millis(u64::try_from(milliseconds).unwrap_or(0));
        let found = database.sessions.iter().map(|(session, milliseconds)| (*session, timeout(*milliseconds)));
        Reign {
            preparer: Preparer::new(last, config.prepare_options()),
            sessions: Sessions::rearmed(config.tick, config.planted(), now, found),
            in_flight: VecDeque::new(),
            syncs: VecDeque::new(),
            queued_touches: VecDeque::new(),
            next_reaping: now + config.container_check_interval,
            proposed: Sizes::NONE,
        }
    }

    /// When something is due.
    pub(super) fn next_deadline(&self) -> Instant {
        self.sessions.next_deadline().map_or(self.next_reaping, |deadline| deadline.min(self.next_reaping))
    }

    /// Asks to be told when everything prepared so far is committed. Tells whether it is already.
    pub(super) fn sync(&mut self, ticket: Ticket) -> bool {
        match self.in_flight.back() {
            Some(last) => {
                self.syncs.push_back((last.zxid, ticket));
                false
            }
            None => true,
        }
    }

    /// Counts the signs of life that waited for no more than this transaction.
    pub(super) fn take_queued_touches(&mut self, now: Instant, committed: Zxid) {
        while let Some((_, session)) = self.queued_touches.pop_front_if(|(zxid, _)| *zxid <= committed) {
            self.sessions.touch(now, session);
        }
    }

    /// The next of those who waited for no more than this transaction.
    pub(super) fn next_synced(&mut self, committed: Zxid) -> Option<Ticket> {
        self.syncs.pop_front_if(|(zxid, _)| *zxid <= committed).map(|(_, ticket)| ticket)
    }
}
