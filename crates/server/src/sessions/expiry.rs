//! When sessions expire: in buckets of one tick (`ExpiryQueue.java`).
//!
//! A session touched at `t` with timeout `T` goes into the bucket behind `t + T`, so it expires `T` at the earliest and
//! `T` plus a tick at the latest after its last touch. Times are those of the monotonic clock.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use host::Instant;
use proto::SessionId;

use crate::mutant::Planted;

/// The sessions by the time at which they expire.
#[derive(Debug)]
pub(crate) struct ExpiryQueue {
    tick_milliseconds: u64,
    planted: Planted,
    buckets: BTreeMap<Bucket, BTreeSet<SessionId>>,
}

/// A bucket: the milliseconds on the monotonic clock at which it is emptied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Bucket(u64);

impl Bucket {
    fn deadline(self) -> Instant {
        Instant::from_reading(Duration::from_millis(self.0))
    }
}

impl ExpiryQueue {
    /// An empty queue.
    ///
    /// # Panics
    /// If the tick is shorter than a millisecond.
    pub(crate) fn new(tick: Duration, planted: Planted) -> ExpiryQueue {
        let tick_milliseconds = u64::try_from(tick.as_millis()).unwrap_or(u64::MAX);
        assert!(tick_milliseconds > 0, "a tick is at least a millisecond");
        ExpiryQueue { tick_milliseconds, planted, buckets: BTreeMap::new() }
    }

    /// The bucket for what is to expire not before `at`.
    pub(crate) fn bucket(&self, at: Instant) -> Bucket {
        let at = u64::try_from(at.reading().as_millis()).unwrap_or(u64::MAX / 2);
        let tick = self.tick_milliseconds;
        if self.planted.expiry_rounds_down() {
            return Bucket(at / tick * tick);
        }
        Bucket((at / tick + 1).saturating_mul(tick))
    }

    /// Puts a session into a bucket.
    pub(crate) fn insert(&mut self, session: SessionId, bucket: Bucket) {
        self.buckets.entry(bucket).or_default().insert(session);
    }

    /// Takes a session out of its bucket.
    pub(crate) fn remove(&mut self, session: SessionId, bucket: Bucket) {
        if let Some(sessions) = self.buckets.get_mut(&bucket) {
            sessions.remove(&session);
            if sessions.is_empty() {
                self.buckets.remove(&bucket);
            }
        }
    }

    /// When the next bucket is due.
    pub(crate) fn next_deadline(&self) -> Option<Instant> {
        self.buckets.first_key_value().map(|(bucket, _)| bucket.deadline())
    }

    /// The buckets in order, with their deadlines.
    pub(crate) fn by_deadline(&self) -> impl Iterator<Item = (Instant, &BTreeSet<SessionId>)> {
        self.buckets.iter().map(|(bucket, sessions)| (bucket.deadline(), sessions))
    }

    /// Takes the sessions of the next bucket, if its time has come.
    pub(crate) fn poll(&mut self, now: Instant) -> Option<BTreeSet<SessionId>> {
        (self.next_deadline()? <= now).then(|| self.buckets.pop_first().map(|(_, sessions)| sessions))?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(milliseconds: u64) -> Instant {
        Instant::from_reading(Duration::from_millis(milliseconds))
    }

    fn queue() -> ExpiryQueue {
        ExpiryQueue::new(Duration::from_millis(2000), Planted::default())
    }

    #[test]
    fn expiry_is_never_early_and_at_most_a_tick_late() {
        let queue = queue();
        for due in 0..10_000 {
            let Bucket(bucket) = queue.bucket(at(due));
            assert!(bucket > due && bucket <= due + 2000, "{due} went into {bucket}");
        }
    }

    #[test]
    fn buckets_come_in_order_and_only_when_due() {
        let mut queue = queue();
        let late = queue.bucket(at(5000));
        let early = queue.bucket(at(1000));
        queue.insert(SessionId(1), late);
        queue.insert(SessionId(2), early);
        assert_eq!(queue.poll(at(1999)), None);
        assert_eq!(queue.poll(at(9000)), Some(BTreeSet::from([SessionId(2)])));
        assert_eq!(queue.poll(at(9000)), Some(BTreeSet::from([SessionId(1)])));
        assert_eq!(queue.next_deadline(), None);
    }

    #[cfg(feature = "zoo")]
    #[test]
    fn the_mutant_expires_early() {
        let queue = ExpiryQueue::new(Duration::from_millis(2000), Planted::new(Some(crate::Mutant::ExpiryRoundsDown)));
        assert_eq!(queue.bucket(at(5999)), Bucket(4000));
    }
}
