//! How far the wall clock of a node is from true time.
//!
//! Between two events the offset changes at an even rate; a strobe is told and not drawn jump by jump.

use std::collections::BTreeMap;

use history::{ClockEvent, NodeName, Time};

/// The offset of a wall clock from here on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offset {
    /// Since when.
    pub at: Time,
    /// Fast if positive, in nanoseconds.
    pub nanoseconds: i64,
    /// How fast it changes, in parts per million: a clock that stands still loses a million.
    pub rate: i64,
    /// How far it jumps to and fro, in nanoseconds; 0 if it does not.
    pub strobe: i64,
}

/// Follows the clocks through the records.
#[derive(Default)]
pub(super) struct Clocks(BTreeMap<NodeName, Clock>);

#[derive(Default)]
struct Clock {
    drift: i64,
    is_frozen: bool,
    strobe: i64,
    offsets: Vec<Offset>,
}

impl Clock {
    fn nanoseconds(&self, at: Time) -> i64 {
        let Some(last) = self.offsets.last() else { return 0 };
        let passed = i128::try_from(at.since(last.at).as_nanos()).unwrap_or(i128::MAX);
        let gained = passed * i128::from(last.rate) / 1_000_000;
        last.nanoseconds.saturating_add(i64::try_from(gained).unwrap_or(0))
    }
}

impl Clocks {
    pub(super) fn observe(&mut self, at: Time, node: &NodeName, event: &ClockEvent) {
        let clock = self.0.entry(node.clone()).or_default();
        let mut now = clock.nanoseconds(at);
        match event {
            ClockEvent::Stepped { nanoseconds } => now = now.saturating_add(*nanoseconds),
            ClockEvent::Drifts { parts_per_million } => clock.drift = *parts_per_million,
            ClockEvent::Frozen => clock.is_frozen = true,
            ClockEvent::Strobes { nanoseconds, .. } => (clock.is_frozen, clock.strobe) = (false, *nanoseconds),
            ClockEvent::Thawed => (clock.is_frozen, clock.strobe) = (false, 0),
        }
        let rate = if clock.is_frozen { -1_000_000 } else { clock.drift };
        clock.offsets.push(Offset { at, nanoseconds: now, rate, strobe: clock.strobe });
    }

    pub(super) fn finish(self) -> BTreeMap<NodeName, Vec<Offset>> {
        self.0.into_iter().map(|(node, clock)| (node, clock.offsets)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_add_up_drifts_grow_and_frozen_clocks_fall_behind() {
        let node = NodeName::new("a");
        let mut clocks = Clocks::default();
        let mut tell = |at, event| clocks.observe(Time::from_secs(at), &node, &event);
        tell(10, ClockEvent::Stepped { nanoseconds: 5_000 });
        tell(20, ClockEvent::Drifts { parts_per_million: 100 });
        tell(30, ClockEvent::Frozen);
        tell(32, ClockEvent::Thawed);
        let offsets: Vec<i64> = clocks.finish()[&node].iter().map(|offset| offset.nanoseconds).collect();
        assert_eq!(offsets, [5_000, 5_000, 1_005_000, 1_005_000 - 2_000_000_000]);
    }
}
