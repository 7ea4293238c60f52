//! Where monitors write down what they find.

use std::collections::BTreeMap;
use std::time::Duration;

use history::{NodeName, Record, Time};
use serde::Serialize;

use crate::{Counters, Kind, Violation};

/// So many violations of one monitor are kept with their message; more are only counted. A run that is broken for good
/// would otherwise say so at every event, and its memory would not stay flat.
const KEPT_OF_EACH_MONITOR: u64 = 32;

/// The findings of one run.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    violations: Vec<Violation>,
    of_each_monitor: BTreeMap<&'static str, u64>,
    counters: Counters,
    interregna: Vec<Duration>,
}

impl Report {
    /// An empty report.
    pub fn new() -> Report {
        Report::default()
    }

    /// Writes down that a safety rule was broken by this event.
    pub fn safety(&mut self, monitor: &'static str, record: &Record, message: String) {
        self.violation(monitor, Kind::Safety, record.at, record.node.clone(), message);
    }

    /// Writes down that a safety rule was broken at a time, by no event alone.
    pub fn safety_at(&mut self, monitor: &'static str, at: Time, message: String) {
        self.violation(monitor, Kind::Safety, at, None, message);
    }

    /// Writes down that what had to happen by `at` did not.
    pub fn liveness(&mut self, monitor: &'static str, at: Time, node: Option<NodeName>, message: String) {
        self.violation(monitor, Kind::Liveness, at, node, message);
    }

    fn violation(&mut self, monitor: &'static str, kind: Kind, at: Time, node: Option<NodeName>, message: String) {
        debug_assert!(!message.is_empty(), "{monitor} broke its silence to say nothing");
        let count = self.of_each_monitor.entry(monitor).or_default();
        *count += 1;
        if *count <= KEPT_OF_EACH_MONITOR {
            self.violations.push(Violation { monitor, kind, at, node, message });
        }
    }

    /// Counts that a point of interest was reached.
    pub fn sometimes(&mut self, point: &str) {
        self.counters.count(point);
    }

    /// Writes down how long nobody led, between one leader and the next.
    pub fn interregnum(&mut self, duration: Duration) {
        self.interregna.push(duration);
    }

    /// The violations, in the order in which they were found; of each monitor at most the first 32.
    pub fn violations(&self) -> &[Violation] {
        &self.violations
    }

    /// How many violations each monitor found, those without a kept message included.
    pub fn violations_of_each_monitor(&self) -> &BTreeMap<&'static str, u64> {
        &self.of_each_monitor
    }

    /// The `sometimes` counters.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// How long nobody led, for every change of leader, in the order of events.
    pub fn failover_times(&self) -> &[Duration] {
        &self.interregna
    }

    /// Whether nothing is wrong.
    pub fn is_clean(&self) -> bool {
        self.of_each_monitor.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_violations_is_counted_but_not_kept() {
        let mut report = Report::new();
        for _ in 0..100 {
            report.liveness("flood", Time::ZERO, None, "again".into());
        }
        assert_eq!(report.violations().len(), 32);
        assert_eq!(report.violations_of_each_monitor()["flood"], 100);
        assert!(!report.is_clean());
    }
}
