//! Since when nothing disturbs the run.
//!
//! Under faults nothing can be asked to happen in time. What must happen "soon" is asked for when no fault is active,
//! some server is in service (of an ensemble: its leader), and no process or server has changed for as long as the bound
//! says. A member of an ensemble that was cut off may not know it yet: the bound must leave it the time to notice.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use history::{EnsembleEvent, Event, FaultEvent, NodeName, Phase, Record, ServiceEvent, Time};

use crate::ensemble::Leaders;
use crate::processes::{Processes, life_ended};

/// Follows faults and life cycles.
#[derive(Debug, Default)]
pub(crate) struct Calm {
    active: BTreeSet<u32>,
    /// Every server that ever served, and whether it does.
    servers: BTreeMap<NodeName, bool>,
    processes: Processes,
    leaders: Leaders,
    since: Time,
}

impl Calm {
    pub(crate) fn observe(&mut self, record: &Record) {
        self.leaders.observe(record);
        match &record.event {
            Event::Fault(FaultEvent::Begins { index, .. }) => drop(self.active.insert(*index)),
            Event::Fault(FaultEvent::Ends { index }) => drop(self.active.remove(index)),
            // What stays broken from here on stays broken for good, outside of what must work.
            Event::Phase(Phase::Liveness) => self.active.clear(),
            Event::Machine(_) => {
                self.processes.observe(record);
                if let Some(server) = life_ended(record).and_then(|node| self.servers.get_mut(node)) {
                    *server = false;
                }
            }
            Event::Disk(_) | Event::Clock(_) | Event::Service(ServiceEvent::Recovered { .. }) => {}
            Event::Ensemble(EnsembleEvent::Recovered { .. }) => {}
            Event::Service(ServiceEvent::Serving { .. }) => self.serves(record, true),
            Event::Service(ServiceEvent::NotServing { .. }) => self.serves(record, false),
            _ => return,
        }
        self.since = record.at;
    }

    fn serves(&mut self, record: &Record, serves: bool) {
        if let Some(node) = &record.node {
            self.servers.insert(node.clone(), serves);
        }
    }

    /// Whether something due since `from` is overdue at `now`.
    pub(crate) fn overdue(&self, from: Time, bound: Duration, now: Time) -> bool {
        let in_service = |(node, serves): (&NodeName, &bool)| {
            *serves && self.processes.runs(node) && self.leaders.is_in_charge(node)
        };
        self.active.is_empty()
            && now > from.max(self.since) + bound
            && (self.servers.is_empty() || self.servers.iter().any(in_service))
    }
}
