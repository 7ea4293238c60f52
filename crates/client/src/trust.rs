//! Until when the session is trusted: a value that anybody can read at any moment.
//!
//! It is an instant, not a flag, and that is the point: after a pause of the whole process no task has run yet that
//! could have cleared a flag, but an instant in the past says by itself that it is over.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use host::Instant;

/// Until when the session is trusted.
#[derive(Default)]
pub(crate) struct Trust {
    /// Nanoseconds on the node's monotonic clock; 0 for never.
    until: AtomicU64,
    /// Given up for good, whatever is set later.
    revoked: AtomicBool,
}

impl Trust {
    pub(crate) fn set(&self, until: Option<Instant>) {
        let nanoseconds = until.map_or(0, |until| u64::try_from(until.reading().as_nanos()).unwrap_or(u64::MAX));
        self.until.store(nanoseconds, Ordering::Release);
    }

    pub(crate) fn revoke(&self) {
        self.revoked.store(true, Ordering::Release);
    }

    pub(crate) fn until(&self) -> Option<Instant> {
        let nanoseconds = self.until.load(Ordering::Acquire);
        let is_any = nanoseconds > 0 && !self.revoked.load(Ordering::Acquire);
        is_any.then(|| Instant::from_reading(Duration::from_nanos(nanoseconds)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn revoked_trust_does_not_come_back() {
        let trust = Trust::default();
        assert_eq!(trust.until(), None);
        let instant = Instant::from_reading(Duration::from_millis(1500));
        trust.set(Some(instant));
        assert_eq!(trust.until(), Some(instant));
        trust.revoke();
        trust.set(Some(instant));
        assert_eq!(trust.until(), None);
    }
}
