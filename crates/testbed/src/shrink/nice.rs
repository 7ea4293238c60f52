//! Numbers that people read at a glance, for those that are none.

use std::time::Duration;

const MILLISECOND: u64 = 1_000;
const SECOND: u64 = 1_000 * MILLISECOND;

/// Seconds that are nice. Between four and ten seconds sessions expire: there every second counts.
const SECONDS: [u64; 34] = [
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 20, 25, 30, 40, 50, 60, 90, 120, 150, 180, 240, 300, 360, 480, 600, 900,
    1_200, 1_800, 3_600, 7_200, 21_600, 86_400,
];

/// Nice lengths of time below this one, the shortest first; zero is none of them.
pub(super) fn durations_below(duration: Duration) -> Vec<Duration> {
    let short = numbers_below(SECOND, 1);
    let nice = short.into_iter().chain(SECONDS.map(|seconds| seconds * SECOND)).map(Duration::from_micros);
    nice.filter(|nice| *nice < duration).collect()
}

/// What is to be tried where nothing nice below would do: whole seconds around it, then tenths of a second.
pub(super) fn durations_around(duration: Duration) -> Vec<Duration> {
    let nanoseconds = duration.as_nanos();
    let mut around = Vec::new();
    for unit in [SECOND, 100 * MILLISECOND].map(|unit| u128::from(unit) * 1_000) {
        if nanoseconds.is_multiple_of(unit) {
            break;
        }
        for whole in [nanoseconds / unit, nanoseconds.div_ceil(unit)] {
            let around_it = Duration::from_nanos(u64::try_from(whole * unit).unwrap_or(u64::MAX));
            if !around_it.is_zero() && !around.contains(&around_it) {
                around.push(around_it);
            }
        }
    }
    around
}

/// How round a time is: 2 for whole seconds, 1 for tenths, 0 for all others.
pub(super) fn roundness(duration: Duration) -> u8 {
    let microseconds = duration.as_micros();
    match () {
        () if microseconds.is_multiple_of(u128::from(SECOND)) => 2,
        () if microseconds.is_multiple_of(u128::from(100 * MILLISECOND)) => 1,
        () => 0,
    }
}

/// Nice numbers below this one and not below `least`, in ascending order: 1, 2, 5, 10, 20, …
pub(super) fn numbers_below(number: u64, least: u64) -> Vec<u64> {
    let mut numbers = Vec::new();
    let mut power = 1_u64;
    while power < number {
        numbers.extend([1, 2, 5].map(|digit| power.saturating_mul(digit)).iter().filter(|nice| **nice < number));
        power = power.saturating_mul(10);
    }
    numbers.retain(|nice| *nice >= least);
    numbers
}

/// The first of these values, the one in the middle, and the last.
#[cfg(any(test, feature = "proptest"))]
pub(super) fn far_half_and_near<T: Copy + PartialEq>(values: &[T]) -> Vec<T> {
    let places = [0, values.len() / 2, values.len().saturating_sub(1)];
    let mut few: Vec<T> = places.iter().filter_map(|place| values.get(*place).copied()).collect();
    few.dedup();
    few
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_below_ascends_and_stays_below() {
        assert_eq!(numbers_below(21, 1), [1, 2, 5, 10, 20]);
        assert_eq!(numbers_below(20, 4), [5, 10]);
        assert_eq!(numbers_below(1, 1), [0; 0]);
        let below = durations_below(Duration::from_millis(3_463));
        assert!(below.is_sorted() && below[0] == Duration::from_micros(1), "{below:?}");
        let last: Vec<u128> = below.iter().rev().take(4).map(Duration::as_millis).collect();
        assert_eq!(last, [3_000, 2_000, 1_000, 500]);
    }

    #[test]
    fn what_is_around_is_rounder() {
        let around = |milliseconds| durations_around(Duration::from_millis(milliseconds));
        assert_eq!(around(3_463), [3_000, 4_000, 3_400, 3_500].map(Duration::from_millis));
        assert_eq!(around(3_400), [3_000, 4_000].map(Duration::from_millis));
        assert_eq!(around(40), [1_000, 100].map(Duration::from_millis));
        assert!(around(7_000).is_empty());
    }
}
