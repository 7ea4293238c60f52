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
use crate::roles::Roles;
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
    /// Whoever can be meant by [`Role::AnyCandidate`].
    candidates: BTreeSet<NodeName>,
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
    pub(crate) fn new(roles: &Roles) -> Lookout {
        let names = |nodes: &[String]| nodes.iter().map(|node| NodeName::new(node)).collect();
        let watch = Watch {
            servers: names(&roles.servers),
            candidates: names(&roles.candidates),
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
        let mut springs: Vec<usize> = watch.who_waits_for(node, Step::Fsync);
        if watch.ensemble.is_joining(node) {
            springs.extend(watch.who_waits_for(node, Step::JoiningFsync));
        }
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
                    Some(Role::AnyCandidate) => self.candidates.contains(node),
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
            (Some(node), event) if !watch.waiting.is_empty() => Step::of(event).map(|step| (node, step)),
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use history::{ClientEvent, EnsembleEvent, LeadershipEvent, Term};

    use super::*;
    use crate::ensemble::testing::{broadcast, established, told, up_to_date};
    use crate::schedule::Strike;

    fn ambush(node: &str, step: Step, nth: u32) -> Ambush {
        let (strike, node) = (Strike::Kill, node.into());
        Ambush { strike, node, step, nth, after: Duration::ZERO, down: Duration::ZERO }
    }

    fn roles() -> Roles {
        let candidates = vec!["c1".into(), "c2".into()];
        Roles { servers: vec!["zk1".into(), "zk2".into()], candidates, resources: vec!["vault".into()] }
    }

    /// Who is struck, by place, when one ambush after the other lies in wait and then this is told.
    fn struck(ambushes: &[Ambush], records: &[Record]) -> Vec<(usize, String)> {
        let mut lookout = Lookout::new(&roles());
        ambushes.iter().enumerate().for_each(|(place, ambush)| lookout.lie_in_wait(place, ambush));
        records.iter().for_each(|record| lookout.observe(record));
        lookout.take_sprung().into_iter().map(|sprung| (sprung.place, sprung.node.to_string())).collect()
    }

    #[test]
    fn the_nth_step_of_whom_it_concerns_is_struck_once() {
        let told = [broadcast("zk1"), broadcast("zk2"), broadcast("zk1"), broadcast("zk1"), broadcast("zk1")];
        let waiting = [ambush("zk1", Step::Broadcast, 2), ambush("@server", Step::Broadcast, 2)];
        assert_eq!(struck(&waiting, &told), [(1, "zk2".into()), (0, "zk1".into())]);
        assert_eq!(struck(&[ambush("zk1", Step::Broadcast, 5), ambush("zk1", Step::Elected, 1)], &told), []);
    }

    #[test]
    fn a_step_by_which_a_role_is_won_or_lost_counts() {
        let resigned = told("zk1", EnsembleEvent::Resigned { reason: "QuorumLost".into() });
        let told = [established("zk1", 1), up_to_date("zk2", 1), broadcast("zk1"), resigned];
        let waiting = [
            ambush("@leader", Step::Established, 1),
            ambush("@follower", Step::UpToDate, 1),
            ambush("@follower", Step::Broadcast, 1),
            ambush("@leader", Step::Resigned, 1),
        ];
        assert_eq!(struck(&waiting, &told), [(0, "zk1".into()), (1, "zk2".into()), (3, "zk1".into())]);
    }

    #[test]
    fn an_fsync_of_a_server_on_its_way_is_told_from_those_of_every_day() {
        let lookout = Lookout::new(&roles());
        lookout.lie_in_wait(1, &ambush("@server", Step::JoiningFsync, 1));
        let mut observer = lookout.clone();
        observer.observe(&up_to_date("zk1", 1));
        lookout.sync_begins(&"zk1".into());
        assert_eq!(lookout.take_sprung(), []);
        observer.observe(&told("zk1", EnsembleEvent::Resigned { reason: "LeaderSilent".into() }));
        lookout.sync_begins(&"zk1".into());
        assert_eq!(lookout.take_sprung(), [Sprung { place: 1, node: "zk1".into() }]);
    }

    #[test]
    fn the_second_candidate_that_leads_is_struck_and_not_the_first() {
        let event = |node: &str, event| Record { at: history::Time::from_nanos(1), node: Some(node.into()), event };
        let leads = |node: &str| event(node, Event::Leadership(LeadershipEvent::Elected { term: Term(1) }));
        let lost = |node: &str| event(node, Event::Client(ClientEvent::Disconnected { session: 1 }));
        let waiting = [
            ambush("@candidate", Step::Leading, 2),
            ambush("@candidate-leader", Step::Disconnected, 1),
            ambush("c2", Step::Disconnected, 2),
        ];
        let told = [lost("c2"), leads("c1"), lost("c2"), lost("c1"), leads("zk1"), leads("c2")];
        assert_eq!(struck(&waiting, &told), [(2, "c2".into()), (1, "c1".into()), (0, "c2".into())]);
    }

    #[test]
    fn any_server_is_no_other_node() {
        let lookout = Lookout::new(&roles());
        lookout.lie_in_wait(4, &ambush("@server", Step::Fsync, 1));
        lookout.sync_begins(&"vault".into());
        assert_eq!(lookout.take_sprung(), []);
        lookout.sync_begins(&"zk1".into());
        assert_eq!(lookout.take_sprung(), [Sprung { place: 4, node: "zk1".into() }]);
        assert!(!lookout.gives_up(4), "its step has come");
    }
}
