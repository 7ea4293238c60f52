//! How times without a leader are distributed, over one run or many.
//!
//! They lie between milliseconds and a minute, so the classes grow: three to every factor of ten would be too coarse to
//! tell a session timeout from two, hence 1, 1.5, 2, 3, 5, 7 in each.

use std::time::Duration;

/// Where classes begin, within a factor of ten.
const STEPS: [f64; 6] = [1.0, 1.5, 2.0, 3.0, 5.0, 7.0];

/// A set of lengths of time, sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Distribution {
    sorted: Vec<Duration>,
    runs: u64,
}

/// How many lengths lie from one limit to another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Class {
    /// From here on, in milliseconds.
    pub from: f64,
    /// Up to here, in milliseconds, excluded.
    pub to: f64,
    /// How many.
    pub count: usize,
}

impl Distribution {
    /// The distribution of these lengths, which come from so many runs.
    pub fn new(mut lengths: Vec<Duration>, runs: u64) -> Distribution {
        lengths.sort_unstable();
        Distribution { sorted: lengths, runs }
    }

    /// How many lengths there are.
    pub fn count(&self) -> usize {
        self.sorted.len()
    }

    /// From how many runs they come.
    pub fn runs(&self) -> u64 {
        self.runs
    }

    /// The lengths, the shortest first.
    pub fn sorted(&self) -> &[Duration] {
        &self.sorted
    }

    /// The length that this part of all does not exceed, which is one that occurred; nothing if there are none.
    pub fn quantile(&self, part: f64) -> Option<Duration> {
        assert!((0.0..=1.0).contains(&part), "a part of all lies between none and all");
        let last = self.sorted.len().checked_sub(1)?;
        Some(self.sorted[(last as f64 * part).ceil() as usize])
    }

    /// The classes from the shortest length to the longest, empty ones between them included.
    pub fn classes(&self) -> Vec<Class> {
        let (Some(first), Some(last)) = (self.sorted.first(), self.sorted.last()) else { return Vec::new() };
        // What is shorter than a millisecond counts as one: on a scale of factors nothing has no place.
        let place = |length: &Duration| class_of(milliseconds(*length).max(1.0));
        let (low, high) = (place(first), place(last));
        let mut classes: Vec<Class> =
            (low..=high).map(|place| Class { from: limit(place), to: limit(place + 1), count: 0 }).collect();
        for length in &self.sorted {
            classes[place(length) - low].count += 1;
        }
        classes
    }
}

/// A length in milliseconds.
pub(crate) fn milliseconds(length: Duration) -> f64 {
    length.as_secs_f64() * 1_000.0
}

fn limit(place: usize) -> f64 {
    STEPS[place % STEPS.len()] * 10f64.powi(i32::try_from(place / STEPS.len()).unwrap_or(i32::MAX))
}

fn class_of(milliseconds: f64) -> usize {
    (0..).take_while(|place| limit(*place) <= milliseconds).last().unwrap_or(0)
}

/// A length of time for people: three digits, in the unit that fits.
pub(crate) fn show(length: Duration) -> String {
    let milliseconds = milliseconds(length);
    match milliseconds {
        _ if milliseconds < 10.0 => format!("{milliseconds:.1} ms"),
        _ if milliseconds < 1_000.0 => format!("{milliseconds:.0} ms"),
        _ if milliseconds < 60_000.0 => format!("{:.2} s", milliseconds / 1_000.0),
        _ => format!("{:.1} min", milliseconds / 60_000.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn distribution(milliseconds: &[u64]) -> Distribution {
        Distribution::new(milliseconds.iter().copied().map(Duration::from_millis).collect(), 1)
    }

    #[test]
    fn quantiles_are_lengths_that_occurred() {
        let hundred = distribution(&(1..=100).rev().collect::<Vec<_>>());
        assert_eq!(hundred.quantile(0.5), Some(Duration::from_millis(51)));
        assert_eq!(hundred.quantile(1.0), Some(Duration::from_millis(100)));
        assert_eq!(distribution(&[7]).quantile(0.99), Some(Duration::from_millis(7)));
        assert_eq!(distribution(&[]).quantile(0.5), None);
    }

    #[test]
    fn every_length_is_in_one_class() {
        let some = distribution(&[0, 1, 14, 15, 6_000, 6_999, 7_000]);
        let classes = some.classes();
        assert_eq!(classes.iter().map(|class| class.count).sum::<usize>(), 7);
        let of = |from: f64| classes.iter().find(|class| class.from == from).map(|class| (class.to, class.count));
        assert_eq!(of(1.0), Some((1.5, 2)));
        assert_eq!((of(10.0), of(15.0)), (Some((15.0, 1)), Some((20.0, 1))));
        assert_eq!((of(5_000.0), of(7_000.0)), (Some((7_000.0, 2)), Some((10_000.0, 1))));
        assert!(distribution(&[]).classes().is_empty());
    }

    #[test]
    fn lengths_are_short_to_read() {
        let shown = [5, 142, 6_125, 90_000].map(|length| show(Duration::from_millis(length)));
        assert_eq!(shown, ["5.0 ms", "142 ms", "6.12 s", "1.5 min"]);
    }
}
