//! Since when nothing disturbs the run.
//!
//! Under faults nothing can be asked to happen in time. What must happen "soon" is asked for when no fault is active
//! and no process or server has changed for as long as the bound says.

use std::collections::BTreeSet;
use std::time::Duration;

use history::{Event, FaultEvent, Phase, Record, ServiceEvent, Time};

/// Follows faults and life cycles.
#[derive(Debug, Default)]
pub(crate) struct Calm {
    active: BTreeSet<u32>,
    since: Time,
}

impl Calm {
    pub(crate) fn observe(&mut self, record: &Record) {
        match &record.event {
            Event::Fault(FaultEvent::Begins { index, .. }) => drop(self.active.insert(*index)),
            Event::Fault(FaultEvent::Ends { index }) => drop(self.active.remove(index)),
            // What stays broken from here on stays broken for good, outside of what must work.
            Event::Phase(Phase::Liveness) => self.active.clear(),
            Event::Machine(_) | Event::Disk(_) | Event::Clock(_) => {}
            Event::Service(
                ServiceEvent::Serving { .. } | ServiceEvent::NotServing { .. } | ServiceEvent::Recovered { .. },
            ) => {}
            _ => return,
        }
        self.since = record.at;
    }

    /// Whether something due since `from` is overdue at `now`.
    pub(crate) fn overdue(&self, from: Time, bound: Duration, now: Time) -> bool {
        self.active.is_empty() && now > from.max(self.since) + bound
    }
}
