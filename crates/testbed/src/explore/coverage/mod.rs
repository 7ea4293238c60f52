//! Coverage: which steps between shapes a run took, as a set of hashed features.
//!
//! A feature is a step somebody takes (an event with its content left out) together with some of what surrounds it: what
//! the node was doing, what the whole looked like, which faults were in force, what the node and what another one did
//! right before. Coverage is a guide and no verdict: it judges nothing, and it changes with the vocabulary of events, so it
//! is comparable within one version only.
//!
//! It is coarse on purpose. If nearly every run reached something new, everything would be worth keeping, and nothing a
//! guide.

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

impl Feature {
    /// Its kind, from 1: what a node did, or which of its surroundings.
    pub fn kind(self) -> u64 {
        self.0 >> 60
    }
}

/// The features of one run. Clones share what they see: one goes into the log, the other is read in the end.
#[derive(Clone, Default)]
pub struct Coverage(Arc<Mutex<Seen>>);

#[derive(Default)]
struct Seen {
    shape: Shape,
    /// What nodes did in which state, and how often.
    counts: BTreeMap<u64, u32>,
    /// What else was so at that moment.
    surroundings: BTreeSet<Feature>,
    /// The last step of each node.
    last: BTreeMap<NodeName, u64>,
    /// The last step of all, who took it, and when.
    latest: Option<(u64, Option<NodeName>, Time)>,
}

impl Coverage {
    /// What the run did; of what nodes did also how often, in orders of magnitude.
    pub fn features(&self) -> BTreeSet<Feature> {
        let seen = self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let counted = seen.counts.iter().flat_map(|(feature, count)| {
            // That something came twice is news, that it came nine times instead of eight is none.
            let magnitude = match count {
                1 => 0,
                2..8 => 1,
                8..64 => 2,
                _ => 3,
            };
            (0..=magnitude).map(move |magnitude| Feature(of_kind(1, &(feature, magnitude))))
        });
        counted.chain(seen.surroundings.iter().copied()).collect()
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
        let doing = record.node.as_ref().map(|node| self.shape.of(node));
        *self.counts.entry(hash(&("doing", step, doing))).or_default() += 1;
        let before = record.node.as_ref().and_then(|node| self.last.get(node)).copied();
        let mut surround = |what: u64| {
            self.surroundings.insert(Feature(what));
        };
        if !is_weighty(&record.event) {
            return;
        }
        surround(of_kind(2, &(step, self.shape.ensemble())));
        surround(of_kind(3, &(step, self.shape.election())));
        surround(of_kind(4, &(step, before)));
        if matches!(record.event, Event::Leadership(_) | Event::Ensemble(_) | Event::Client(_)) {
            self.shape.weather().iter().for_each(|family| surround(of_kind(5, &(step, family))));
        }
        if let Some((latest, by, at)) = &self.latest
            && *by != record.node
        {
            // Within ten milliseconds two steps may be in flight past each other; within a second they follow each other.
            match record.at.since(*at).as_millis() {
                0..10 => surround(of_kind(6, &(step, latest))),
                10..1_000 => surround(of_kind(7, &(step, latest))),
                _ => {}
            }
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

/// A hash whose highest four bits are the kind of the feature, for those who want to know of what there is much.
fn of_kind(kind: u64, content: &impl Hash) -> u64 {
    kind << 60 | hash(content) >> 4
}

fn hash(content: &impl Hash) -> u64 {
    let mut hasher = SipHasher13::new_with_keys(0, 0x636f_7665_7261_6765);
    content.hash(&mut hasher);
    hasher.finish()
}

/// Whether a step changes who leads, who serves, or who has a session: what happens around such steps is worth telling
/// apart, what happens around all others is much and says little.
fn is_weighty(event: &Event) -> bool {
    match event {
        Event::Machine(_) | Event::Leadership(_) | Event::Fault(_) | Event::Sometimes(_) => true,
        Event::Ensemble(event) => !matches!(event, EnsembleEvent::Synchronised { .. }),
        Event::Client(event) => matches!(
            event,
            ClientEvent::Disconnected { .. } | ClientEvent::SessionExpired { .. } | ClientEvent::Unanswered { .. }
        ),
        Event::Service(event) => matches!(event, ServiceEvent::SessionExpired { .. } | ServiceEvent::NotServing { .. }),
        Event::Resource(event) => matches!(event, ResourceEvent::Refused { .. }),
        _ => false,
    }
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
        // By its first plain words: names of nodes and numbers are left out, for whom it hits is what the shape says.
        Event::Fault(FaultEvent::Begins { what, family, .. }) => {
            let is_plain = |word: &&str| word.chars().all(|letter| letter.is_ascii_lowercase());
            hash(&(family, what.split(' ').filter(is_plain).take(2).collect::<Vec<_>>()))
        }
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
        let counted = |count| times(count).iter().filter(|feature| feature.kind() == 1).count();
        // The first time it did not lead yet: that is another step.
        assert_eq!([1, 2, 3, 8, 9, 64, 65].map(counted), [1, 2, 3, 3, 4, 4, 5]);
        assert_eq!(times(18), times(30));
        assert!(times(18).is_subset(&times(70)));
    }
}
