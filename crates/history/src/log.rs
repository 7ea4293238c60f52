//! The log of a run: every event passes through it once, is hashed, shown to the monitors, and kept if asked for.

use serde::{Deserialize, Serialize};

use crate::trace::Tracer;
use crate::{Event, NodeName, Time, TraceHash};

/// One event, with the true time at which it happened and the node it happened on.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Record {
    /// True virtual time.
    pub at: Time,
    /// The node, or nothing for what concerns the world as a whole.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub node: Option<NodeName>,
    /// What happened.
    pub event: Event,
}

/// Which events the log keeps. The hash and the observers see all of them in any case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Keep {
    /// None: the memory of a run stays flat however long it is.
    #[default]
    Nothing,
    /// What a story is told of: faults, life cycles, leadership, sessions; not single requests or messages.
    Story,
    /// All.
    Everything,
}

/// Somebody who sees every event as it happens, such as a monitor.
pub trait Observer: Send {
    /// Sees one event. Must not block, and must not draw random numbers: either would change the run it watches.
    fn observe(&mut self, record: &Record);
}

/// The event log of one run.
pub struct Log {
    keep: Keep,
    kept: Vec<Record>,
    count: u64,
    tracer: Tracer,
    observers: Vec<Box<dyn Observer>>,
}

impl Log {
    /// An empty log that will keep what `keep` says.
    pub fn new(keep: Keep) -> Log {
        Log { keep, kept: Vec::new(), count: 0, tracer: Tracer::new(), observers: Vec::new() }
    }

    /// Adds an observer, who sees all events from now on.
    pub fn observe_with(&mut self, observer: Box<dyn Observer>) {
        self.observers.push(observer);
    }

    /// Takes in one event.
    pub fn append(&mut self, record: Record) {
        self.count += 1;
        self.tracer.add(&record);
        for observer in &mut self.observers {
            observer.observe(&record);
        }
        let keep = match self.keep {
            Keep::Nothing => false,
            Keep::Story => record.event.is_story(),
            Keep::Everything => true,
        };
        if keep {
            self.kept.push(record);
        }
    }

    /// How many events there were.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The hash of all events so far.
    pub fn trace(&self) -> TraceHash {
        self.tracer.hash()
    }

    /// The events kept, in order.
    pub fn kept(&self) -> &[Record] {
        &self.kept
    }

    /// Takes the kept events out of the log.
    pub fn take_kept(&mut self) -> Vec<Record> {
        std::mem::take(&mut self.kept)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{LeadershipEvent, Phase};
    use std::sync::{Arc, Mutex};

    fn record(at: u64, event: Event) -> Record {
        Record { at: Time::from_nanos(at), node: Some("a".into()), event }
    }

    fn note(text: &str) -> Event {
        Event::Note { topic: "test".into(), text: text.into() }
    }

    #[test]
    fn same_events_same_hash_whatever_is_kept() {
        let mut one = Log::new(Keep::Nothing);
        let mut two = Log::new(Keep::Everything);
        for at in 0..10 {
            one.append(record(at, note("x")));
            two.append(record(at, note("x")));
        }
        assert_eq!(one.trace(), two.trace());
        assert_eq!(one.kept().len(), 0);
        assert_eq!(two.kept().len(), 10);
    }

    #[test]
    fn time_order_and_content_all_change_the_hash() {
        let hash = |records: &[Record]| {
            let mut log = Log::new(Keep::Nothing);
            records.iter().cloned().for_each(|record| log.append(record));
            log.trace()
        };
        let (a, b) = (record(1, note("a")), record(1, note("b")));
        assert_ne!(hash(&[a.clone(), b.clone()]), hash(&[b.clone(), a.clone()]));
        assert_ne!(hash(std::slice::from_ref(&a)), hash(std::slice::from_ref(&b)));
        assert_ne!(hash(&[a]), hash(&[record(2, note("a"))]));
    }

    #[test]
    fn the_hash_is_the_same_in_every_build() {
        let mut log = Log::new(Keep::Nothing);
        log.append(record(7, Event::Phase(Phase::Liveness)));
        log.append(record(8, Event::Leadership(LeadershipEvent::Candidate { path: "/e/n-1".into() })));
        assert_eq!(log.trace().to_string(), HASH_OF_TWO_EVENTS);
    }

    /// Pinned: changes only when the vocabulary does, and then every saved trace hash is void.
    const HASH_OF_TWO_EVENTS: &str = "ceabee1f0701eea4";

    #[test]
    fn observers_see_everything_though_nothing_is_kept() {
        struct Counter(Arc<Mutex<u32>>);
        impl Observer for Counter {
            fn observe(&mut self, _: &Record) {
                *self.0.lock().unwrap() += 1;
            }
        }
        let seen = Arc::new(Mutex::new(0));
        let mut log = Log::new(Keep::Nothing);
        log.observe_with(Box::new(Counter(seen.clone())));
        log.append(record(1, note("a")));
        log.append(record(2, note("b")));
        assert_eq!(*seen.lock().unwrap(), 2);
    }
}
