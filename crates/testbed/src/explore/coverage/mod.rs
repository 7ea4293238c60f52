//! Coverage: which steps between shapes a run took, as a set of hashed features.
//!
//! A feature is a step somebody takes (an event with its content left out) together with some of what surrounds it: what
//! the node was doing, what the whole looked like, which faults were in force, what the node and what another one did
//! right before. How often it came counts by orders of magnitude. Coverage is a guide and no verdict: it judges nothing,
//! and it changes with the vocabulary of events, so it is comparable within one version only.

mod shape;

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex};

use history::{
    CallEvent, ClientEvent, EnsembleEvent, Event, FaultEvent, NetworkEvent, NodeName, Observer, Record, ResourceEvent,
    ServiceEvent, Time, WorkEvent,
};
use siphasher::sip::SipHasher13;

use shape::Shape;

/// Something that a run did, hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Feature(pub u64);

/// The features of one run. Clones share what they see: one goes into the log, the other is read in the end.
#[derive(Clone, Default)]
pub struct Coverage(Arc<Mutex<Seen>>);

#[derive(Default)]
struct Seen {
    shape: Shape,
    counts: BTreeMap<u64, u32>,
    /// The last step of each node.
    last: BTreeMap<NodeName, u64>,
    /// The last step of all, who took it, and when.
    latest: Option<(u64, Option<NodeName>, Time)>,
}

impl Coverage {
    /// What the run did, each with how often it did so in orders of magnitude.
    pub fn features(&self) -> BTreeSet<Feature> {
        let seen = self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let mut features = BTreeSet::new();
        for (feature, count) in &seen.counts {
            // 1, 2, 4, 16, 64, …: that something came twice is news, that it came nine times instead of eight is none.
            let magnitude = match count {
                1 => 0,
                2..4 => 1,
                _ => 1 + count.ilog2() / 2,
            };
            for magnitude in 0..=magnitude {
                features.insert(Feature(hash(&(feature, magnitude))));
            }
        }
        features
    }
}

impl Observer for Coverage {
    fn observe(&mut self, record: &Record) {
        // Most of what happens, and nothing that a shape is made of.
        if matches!(record.event, Event::Network(NetworkEvent::Delivered { .. })) {
            return;
        }
        let seen = &mut *self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some(step) = step(&record.event) {
            seen.take(record, step);
        }
        seen.shape.observe(record);
    }
}

impl Seen {
    fn take(&mut self, record: &Record, step: u64) {
        let (summary, weather) = (self.shape.summary(), self.shape.weather());
        let doing = record.node.as_ref().map(|node| self.shape.of(node));
        let before = record.node.as_ref().and_then(|node| self.last.get(node)).copied();
        let mut features = vec![
            hash(&("doing", step, doing)),
            hash(&("summary", step, doing.map(|doing| (doing.standing, doing.session, doing.phase)), summary)),
            hash(&("weather", step, summary, weather)),
            hash(&("twice", step, before)),
        ];
        if let Some((latest, by, at)) = &self.latest
            && *by != record.node
        {
            // Within ten milliseconds two steps may be in flight past each other; within a second they follow each other.
            let apart = match record.at.since(*at).as_millis() {
                0..10 => 0_u8,
                10..1_000 => 1,
                _ => 2,
            };
            features.push(hash(&("across", step, doing.map(|doing| doing.standing), latest, apart)));
        }
        for feature in features {
            *self.counts.entry(feature).or_default() += 1;
        }
        if let Some(node) = &record.node {
            match self.last.get_mut(node) {
                Some(last) => *last = step,
                None => drop(self.last.insert(node.clone(), step)),
            }
        }
        self.latest = Some((step, record.node.clone(), record.at));
    }
}

fn hash(content: &impl Hash) -> u64 {
    let mut hasher = SipHasher13::new_with_keys(0, 0x636f_7665_7261_6765);
    content.hash(&mut hasher);
    hasher.finish()
}

/// An event as a step: its kind, with paths, numbers and words of people left out. Nothing for what comes all the time
/// and says nothing new.
fn step(event: &Event) -> Option<u64> {
    let kind = std::mem::discriminant(event);
    let detail: u64 = match event {
        Event::Machine(event) => hash(event),
        Event::Network(NetworkEvent::Delivered { .. } | NetworkEvent::Quality { .. }) => return None,
        Event::Network(event) => hash(&std::mem::discriminant(event)),
        Event::Clock(event) => hash(&std::mem::discriminant(event)),
        Event::Disk(event) => hash(&std::mem::discriminant(event)),
        // By the first word: whom it hits is what the shape says.
        Event::Fault(FaultEvent::Begins { what, family, .. }) => hash(&(family, what.split(' ').next())),
        Event::Fault(FaultEvent::Ends { .. }) => return None,
        Event::Phase(phase) => hash(phase),
        Event::Leadership(event) => hash(&std::mem::discriminant(event)),
        Event::Resource(ResourceEvent::Accepted { .. }) => return None,
        Event::Resource(event) => hash(&std::mem::discriminant(event)),
        Event::Service(event) => match event {
            ServiceEvent::SessionTouched { .. } | ServiceEvent::Changed { .. } => return None,
            event => hash(&std::mem::discriminant(event)),
        },
        Event::Ensemble(event) => match event {
            EnsembleEvent::Broadcast { .. } | EnsembleEvent::Delivered { .. } | EnsembleEvent::Digest { .. } => {
                return None;
            }
            EnsembleEvent::Synchronised { kind, .. } => hash(kind),
            EnsembleEvent::Resigned { reason } => hash(reason),
            event => hash(&std::mem::discriminant(event)),
        },
        Event::Client(event) => match event {
            ClientEvent::Replied { .. } | ClientEvent::SawData { .. } | ClientEvent::SawChildren { .. } => return None,
            ClientEvent::Unanswered { operation, .. } => hash(operation),
            ClientEvent::Watched { kind, .. } => hash(kind),
            ClientEvent::Notified { what, .. } => hash(what),
            ClientEvent::SessionExpired { locally, .. } => hash(&("expired", locally)),
            event => hash(&std::mem::discriminant(event)),
        },
        Event::Call(CallEvent::Invoked { .. } | CallEvent::Returned { .. }) => return None,
        Event::Call(event) => hash(&std::mem::discriminant(event)),
        Event::Sometimes(point) => hash(point),
        Event::Note { .. } => return None,
        Event::Work(WorkEvent::Refused { .. }) => hash(&"refused"),
        Event::Work(_) => return None,
    };
    Some(hash(&(kind, detail)))
}

#[cfg(test)]
mod tests {
    use history::{LeadershipEvent, MachineEvent, Term};

    use super::*;

    fn told(at: u64, node: &str, event: Event) -> Record {
        Record { at: Time::from_nanos(at * 1_000_000), node: Some(node.into()), event }
    }

    fn elected(at: u64, node: &str, term: i64) -> Record {
        told(at, node, Event::Leadership(LeadershipEvent::Elected { term: Term(term) }))
    }

    fn features(records: &[Record]) -> BTreeSet<Feature> {
        let mut coverage = Coverage::default();
        records.iter().for_each(|record| coverage.observe(record));
        coverage.features()
    }

    #[test]
    fn names_terms_and_times_do_not_count_but_what_happens_does() {
        assert_eq!(features(&[elected(1, "c1", 7)]), features(&[elected(900, "c2", 8)]));
        let killed = told(1, "c1", Event::Machine(MachineEvent::Killed));
        assert_ne!(features(&[elected(1, "c1", 7)]), features(&[killed]));
    }

    #[test]
    fn what_surrounds_a_step_counts() {
        let alone = features(&[elected(1, "c1", 7)]);
        let second = features(&[elected(1, "c1", 7), elected(2, "c2", 8)]);
        assert!(second.len() > alone.len() && alone.is_subset(&second));
        let later = features(&[elected(1, "c1", 7), elected(5_000, "c2", 8)]);
        assert_ne!(second, later, "close behind each other is not long after each other");
    }

    #[test]
    fn how_often_counts_by_orders_of_magnitude() {
        let times = |count: usize| features(&vec![elected(1, "c1", 7); count]);
        assert!(times(1).len() < times(2).len() && times(2).len() < times(5).len());
        assert_eq!(times(18), times(30));
        assert!(times(18).is_subset(&times(70)));
    }
}
