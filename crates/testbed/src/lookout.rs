//! The lookout: sees every event for the hand, knows who has which role, and calls when a step comes at which a fault
//! lies in wait.
//!
//! It is called while the event is being written into the log, so it can only note what it saw and wake the hand. The
//! hand acts in the same instant of virtual time; which other tasks run before it in that instant, the scheduler's seed
//! decides.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};

use history::{Event, NodeName, Observer, Record};
use tokio::sync::Notify;

use crate::ensemble::Ensemble;
use crate::role::Role;
use crate::schedule::{Ambush, Step};

/// The lookout. Clones share what they see: one goes into the log, the other stays with the hand.
#[derive(Clone)]
pub(crate) struct Lookout {
    watch: Arc<Mutex<Watch>>,
    call: Arc<Notify>,
}

struct Watch {
    /// Whoever can be meant by [`Role::AnyServer`]; of fsyncs, others are heard too.
    servers: BTreeSet<NodeName>,
    ensemble: Ensemble,
    /// What lies in wait, by its place in the schedule.
    waiting: BTreeMap<usize, Waiting>,
    sprung: VecDeque<Sprung>,
}

/// An ambush and how many more of its steps have to come.
struct Waiting {
    ambush: Ambush,
    left: u32,
}

/// An ambush whose step has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sprung {
    /// Its place in the schedule.
    pub(crate) place: usize,
    /// Who took the step.
    pub(crate) node: NodeName,
}

impl Lookout {
    pub(crate) fn new(servers: &[String]) -> Lookout {
        let watch = Watch {
            servers: servers.iter().map(|server| NodeName::new(server)).collect(),
            ensemble: Ensemble::default(),
            waiting: BTreeMap::new(),
            sprung: VecDeque::new(),
        };
        Lookout { watch: Arc::new(Mutex::new(watch)), call: Arc::default() }
    }

    /// Who has a role now.
    pub(crate) fn holder(&self, role: Role) -> Option<NodeName> {
        self.watch().ensemble.holder(role).cloned()
    }

    /// The last step of the protocol that a server took in its present life.
    pub(crate) fn last_step(&self, node: &str) -> Option<Step> {
        self.watch().ensemble.last_step(node)
    }

    /// Waits for the step of an ambush.
    pub(crate) fn lie_in_wait(&self, place: usize, ambush: &Ambush) {
        let waiting = Waiting { ambush: ambush.clone(), left: ambush.nth };
        self.watch().waiting.insert(place, waiting);
    }

    /// No longer waits. Says whether it still did: if not, the step has come.
    pub(crate) fn gives_up(&self, place: usize) -> bool {
        self.watch().waiting.remove(&place).is_some()
    }

    /// An fsync began on a node's machine, which no event tells.
    pub(crate) fn sync_begins(&self, node: &NodeName) {
        let watch = &mut *self.watch();
        let springs: Vec<usize> = watch.who_waits_for(node, Step::Fsync);
        self.step_comes(watch, &springs, node);
    }

    /// Returns when some ambush has sprung.
    pub(crate) async fn called(&self) {
        self.call.notified().await;
    }

    /// The ambushes that sprang since they were last taken, in order.
    pub(crate) fn take_sprung(&self) -> Vec<Sprung> {
        self.watch().sprung.drain(..).collect()
    }

    fn step_comes(&self, watch: &mut Watch, places: &[usize], node: &NodeName) {
        for place in places {
            let waiting = watch.waiting.get_mut(place).expect("it waits");
            waiting.left -= 1;
            if waiting.left == 0 {
                watch.waiting.remove(place);
                watch.sprung.push_back(Sprung { place: *place, node: node.clone() });
                self.call.notify_one();
            }
        }
    }

    fn watch(&self) -> MutexGuard<'_, Watch> {
        // A panic elsewhere in the run is reported as such; nothing here is half done.
        self.watch.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl Watch {
    /// The ambushes, by place, that a step of this node concerns.
    fn who_waits_for(&self, node: &NodeName, step: Step) -> Vec<usize> {
        let concerned = |waiting: &Waiting| {
            waiting.ambush.step == step
                && match Role::parse(&waiting.ambush.node) {
                    None => waiting.ambush.node == node.as_str(),
                    Some(Role::AnyServer) => self.servers.contains(node),
                    Some(role) => self.ensemble.holder(role) == Some(node),
                }
        };
        self.waiting.iter().filter(|(_, waiting)| concerned(waiting)).map(|(place, _)| *place).collect()
    }
}

impl Observer for Lookout {
    fn observe(&mut self, record: &Record) {
        // Most of what happens.
        if matches!(record.event, Event::Network(_)) {
            return;
        }
        let watch = &mut *self.watch();
        let step = match (&record.node, &record.event) {
            (Some(node), Event::Ensemble(event)) if !watch.waiting.is_empty() => {
                Step::told_by(event).map(|step| (node, step))
            }
            _ => None,
        };
        let Some((node, step)) = step else {
            watch.ensemble.observe(record);
            return;
        };
        // By a step a server may come to a role (`established`) or leave it (`resigned`): it has it at either moment.
        let mut places = watch.who_waits_for(node, step);
        watch.ensemble.observe(record);
        places.extend(watch.who_waits_for(node, step));
        places.sort_unstable();
        places.dedup();
        self.step_comes(watch, &places, node);
    }
}
