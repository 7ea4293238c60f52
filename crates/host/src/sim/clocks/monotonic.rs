//! A clock that never goes back: piecewise linear in true time.
//!
//! At each change of rate it remembers where it was; between two changes its reading is a straight line. All
//! arithmetic is in integers: a reading is the same on every machine and at every optimisation level.

use std::time::Duration;

use history::Time;

const MILLION: u128 = 1_000_000;

/// What may be asked of a clock: it always moves, and never more than a thousand times too fast.
const SLOWEST: i64 = -999_999;
const FASTEST: i64 = 999_000_000;

/// A monotonic clock, as a function of true time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Monotonic {
    /// True time of the last change of rate.
    turned_at: Time,
    /// What the clock read then, in nanoseconds.
    reading_then: u64,
    /// How far the clock moves while a million units of true time pass.
    rate: u128,
}

impl Monotonic {
    /// A clock that reads zero at the beginning of the run and keeps true time.
    pub(super) const TRUE: Monotonic = Monotonic { turned_at: Time::ZERO, reading_then: 0, rate: MILLION };

    /// What the clock reads at true time `now`, in nanoseconds, rounded down.
    pub(super) fn read(&self, now: Time) -> u64 {
        let elapsed = now.since(self.turned_at).as_nanos();
        let moved = u64::try_from(elapsed * self.rate / MILLION).unwrap_or(u64::MAX);
        self.reading_then.saturating_add(moved)
    }

    /// The first instant of true time at which the clock reads `reading` or more, if its rate stays what it is.
    /// Nothing if that lies beyond the five centuries that true time can count.
    pub(super) fn when(&self, reading: Duration) -> Option<Time> {
        let to_move = reading.as_nanos().saturating_sub(u128::from(self.reading_then));
        let elapsed = to_move.checked_mul(MILLION)?.div_ceil(self.rate);
        let at = u128::from(self.turned_at.as_nanos()).checked_add(elapsed)?;
        u64::try_from(at).ok().map(Time::from_nanos)
    }

    /// How many parts per million the clock is fast.
    pub(super) fn drift(&self) -> i64 {
        self.rate as i64 - MILLION as i64
    }

    /// Lets the clock run `parts_per_million` fast from true time `now` on; slow if negative.
    ///
    /// # Panics
    /// If the clock would stand still, go back, or run more than a thousand times too fast.
    pub(super) fn set_drift(&mut self, now: Time, parts_per_million: i64) {
        assert!(
            (SLOWEST..=FASTEST).contains(&parts_per_million),
            "a clock drifts by {SLOWEST} to {FASTEST} parts per million, not by {parts_per_million}"
        );
        self.reading_then = self.read(now);
        self.turned_at = now;
        self.rate = (MILLION as i64 + parts_per_million) as u128;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_fast_clock_reads_more_than_true_time() {
        let mut clock = Monotonic::TRUE;
        clock.set_drift(Time::from_secs(10), 100_000);
        assert_eq!(clock.read(Time::from_secs(10)), 10_000_000_000);
        assert_eq!(clock.read(Time::from_secs(20)), 21_000_000_000);
        assert_eq!(clock.drift(), 100_000);
    }

    #[test]
    fn a_deadline_beyond_counting_never_comes() {
        assert_eq!(Monotonic::TRUE.when(Duration::MAX), None);
    }

    #[test]
    #[should_panic(expected = "a clock drifts by")]
    fn a_clock_cannot_stand_still() {
        Monotonic::TRUE.clone().set_drift(Time::ZERO, -1_000_000);
    }

    proptest! {
        #[test]
        fn never_goes_back_whatever_its_rate_does(
            changes in prop::collection::vec((0_u64..5_000_000_000, SLOWEST..3_000_000), 1..40),
        ) {
            let mut clock = Monotonic::TRUE;
            let (mut now, mut last) = (Time::ZERO, 0);
            for (wait, drift) in changes {
                now = now + Duration::from_nanos(wait);
                let before = clock.read(now);
                clock.set_drift(now, drift);
                let after = clock.read(now);
                prop_assert!(last <= before && before == after);
                last = after;
            }
        }

        #[test]
        fn the_hour_a_reading_is_due_is_the_first_that_shows_it(
            turned in 0_u64..1_000_000_000_000,
            drift in SLOWEST..3_000_000,
            ahead in 1_u64..1_000_000_000_000,
        ) {
            let mut clock = Monotonic::TRUE;
            clock.set_drift(Time::from_nanos(turned), drift);
            let wanted = clock.read(Time::from_nanos(turned)) + ahead;
            let due = clock.when(Duration::from_nanos(wanted)).expect("within centuries");
            prop_assert!(clock.read(due) >= wanted);
            prop_assert!(clock.read(due - Duration::from_nanos(1)) < wanted);
        }
    }
}
