//! The monotonic clocks of the nodes, as the history tells how they were bent.

use std::collections::BTreeMap;
use std::time::Duration;

use history::{ClockEvent, Event, NodeName, Record, Time};

/// A clock from one change of its rate to the next.
#[derive(Clone, Copy, Debug)]
struct Stretch {
    begins: Time,
    /// What the clock showed then, in nanoseconds.
    reading: i128,
    parts_per_million: i128,
}

/// The monotonic clocks of all nodes. A clock that nobody bent keeps true time; steps and freezes touch the wall
/// clock alone.
#[derive(Debug, Default)]
pub(crate) struct Clocks(BTreeMap<NodeName, Vec<Stretch>>);

impl Clocks {
    pub(crate) fn observe(&mut self, record: &Record) {
        let (Some(node), Event::Clock(ClockEvent::Drifts { parts_per_million })) = (&record.node, &record.event) else {
            return;
        };
        let reading = self.reading(node, record.at);
        let parts_per_million = i128::from(*parts_per_million);
        let stretch = Stretch { begins: record.at, reading, parts_per_million };
        self.0.entry(node.clone()).or_default().push(stretch);
    }

    /// How much time this node's clock counted between two instants.
    pub(crate) fn elapsed(&self, node: &NodeName, from: Time, to: Time) -> Duration {
        let nanoseconds = self.reading(node, to) - self.reading(node, from);
        Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(0))
    }

    fn reading(&self, node: &NodeName, at: Time) -> i128 {
        let stretches = self.0.get(node).map(Vec::as_slice).unwrap_or_default();
        let passed = stretches.partition_point(|stretch| stretch.begins <= at);
        match passed.checked_sub(1).map(|last| stretches[last]) {
            None => i128::from(at.as_nanos()),
            Some(Stretch { begins, reading, parts_per_million }) => {
                let true_time = i128::from(at.as_nanos()) - i128::from(begins.as_nanos());
                reading + true_time + true_time * parts_per_million / 1_000_000
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::secs;

    #[test]
    fn a_clock_counts_its_own_time() {
        let mut clocks = Clocks::default();
        let mut drifts = |at: f64, parts_per_million: i64| {
            let event = Event::Clock(ClockEvent::Drifts { parts_per_million });
            clocks.observe(&Record { at: secs(at), node: Some("a".into()), event });
        };
        drifts(10.0, 100_000);
        drifts(20.0, -500_000);
        let elapsed = |from: f64, to: f64| clocks.elapsed(&"a".into(), secs(from), secs(to)).as_secs_f64();
        assert_eq!(elapsed(0.0, 10.0), 10.0);
        assert_eq!(elapsed(10.0, 20.0), 11.0);
        assert_eq!(elapsed(15.0, 22.0), 5.5 + 1.0);
        assert_eq!(clocks.elapsed(&"b".into(), secs(15.0), secs(22.0)), Duration::from_secs(7));
    }
}
