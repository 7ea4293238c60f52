//! What the agreement among servers can be tested by.

use std::collections::{BTreeMap, BTreeSet};

use history::{EnsembleEvent, Event, MachineEvent, NetworkEvent, NodeName, Record, ServiceEvent, SyncKind};

use crate::Report;
use crate::ensemble::Leaders;
use crate::processes::life_ended;

/// Another server of the ensemble than before was established as its leader.
pub const ENSEMBLE_LEADER_CHANGED: &str = "leader of the ensemble changed";
/// The process of the ensemble's leader ended.
pub const ENSEMBLE_LEADER_CRASHED: &str = "leader of the ensemble crashed";
/// It ended while something that it had broadcast was delivered nowhere: it may be lost, or happen later.
pub const ENSEMBLE_LEADER_CRASHED_OUTSTANDING: &str = "leader of the ensemble crashed with transactions outstanding";
/// A learner got what it lacked.
pub const SYNCHRONISED_BY_DIFF: &str = "learner synchronised by DIFF";
/// A learner had to give up transactions.
pub const SYNCHRONISED_BY_TRUNC: &str = "learner synchronised by TRUNC";
/// A learner had to give up transactions and got others.
pub const SYNCHRONISED_BY_TRUNC_AND_DIFF: &str = "learner synchronised by TRUNC and DIFF";
/// A learner got a whole state.
pub const SYNCHRONISED_BY_SNAP: &str = "learner synchronised by SNAP";
/// So many servers were without power at once that a majority of the voters was.
pub const QUORUM_LOST_POWER: &str = "quorum lost power at once";
/// A link between the ensemble's leader and a follower in service was cut, so that the follower served on by what it
/// knew.
pub const FOLLOWER_CUT_OFF: &str = "follower in service cut off from its leader";
/// A server found its epochs and its log at odds after a crash, and repaired them.
pub const EPOCHS_REPAIRED: &str = "epochs repaired after a crash";
/// A session went on at another server. The new server's leader tells it, in these words: only it knows.
pub const SESSION_MOVED: &str = "a session moved to another server";

/// Counts the points above, but the one that is told.
#[derive(Default)]
pub(super) struct Ensemble {
    leaders: Leaders,
    last_leader: Option<NodeName>,
    voters: BTreeSet<NodeName>,
    serving: BTreeSet<NodeName>,
    without_power: BTreeSet<NodeName>,
    /// What each leader broadcast last.
    broadcast: BTreeMap<NodeName, i64>,
    delivered: i64,
}

impl Ensemble {
    pub(super) fn observe(&mut self, record: &Record, report: &mut Report) {
        let Some(node) = &record.node else {
            if let Event::Network(event) = &record.event {
                self.network(event, report);
            }
            return;
        };
        match &record.event {
            Event::Ensemble(event) => self.ensemble(node, event, report),
            Event::Machine(event) => self.machine(node, record, event, report),
            Event::Network(event) => return self.network(event, report),
            Event::Service(ServiceEvent::Serving { .. }) => drop(self.serving.insert(node.clone())),
            Event::Service(ServiceEvent::NotServing { .. }) => drop(self.serving.remove(node)),
            _ => return,
        }
        self.leaders.observe(record);
    }

    fn ensemble(&mut self, node: &NodeName, event: &EnsembleEvent, report: &mut Report) {
        match event {
            EnsembleEvent::Recovered { voter, repaired, last, .. } => {
                if *voter && !self.voters.contains(node) {
                    self.voters.insert(node.clone());
                }
                if *repaired {
                    report.sometimes(EPOCHS_REPAIRED);
                }
                if *last > 0 {
                    report.sometimes(super::RECOVERED);
                }
            }
            EnsembleEvent::Established { .. } => {
                if self.last_leader.as_ref().is_some_and(|last| last != node) {
                    report.sometimes(ENSEMBLE_LEADER_CHANGED);
                }
                self.last_leader = Some(node.clone());
            }
            EnsembleEvent::Synchronised { kind, .. } => report.sometimes(match kind {
                SyncKind::Diff => SYNCHRONISED_BY_DIFF,
                SyncKind::Truncate => SYNCHRONISED_BY_TRUNC,
                SyncKind::TruncateDiff => SYNCHRONISED_BY_TRUNC_AND_DIFF,
                SyncKind::Snapshot => SYNCHRONISED_BY_SNAP,
            }),
            EnsembleEvent::Broadcast { zxid, .. } => match self.broadcast.get_mut(node) {
                Some(last) => *last = *zxid,
                None => drop(self.broadcast.insert(node.clone(), *zxid)),
            },
            EnsembleEvent::Delivered { zxid, .. } => self.delivered = self.delivered.max(*zxid),
            _ => {}
        }
    }

    fn machine(&mut self, node: &NodeName, record: &Record, event: &MachineEvent, report: &mut Report) {
        if life_ended(record).is_none() {
            return;
        }
        if self.leaders.believes(node) {
            report.sometimes(ENSEMBLE_LEADER_CRASHED);
            if self.broadcast.get(node).is_some_and(|last| *last > self.delivered) {
                report.sometimes(ENSEMBLE_LEADER_CRASHED_OUTSTANDING);
            }
        }
        self.serving.remove(node);
        if !self.voters.contains(node) {
            return;
        }
        if *event == MachineEvent::Started {
            self.without_power.remove(node);
        } else if *event == MachineEvent::PowerLost && self.without_power.insert(node.clone()) {
            let majority = self.voters.len() / 2 + 1;
            // Counted when it comes to be, not again for each one more.
            if self.voters.len() > 1 && self.without_power.len() == majority {
                report.sometimes(QUORUM_LOST_POWER);
            }
        }
    }

    fn network(&self, event: &NetworkEvent, report: &mut Report) {
        let NetworkEvent::Cut { from, to } = event else { return };
        let Some((leader, _)) = self.leaders.leader() else { return };
        let other = if from == leader {
            to
        } else if to == leader {
            from
        } else {
            return;
        };
        if self.serving.contains(other) {
            report.sometimes(FOLLOWER_CUT_OFF);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Sometimes;
    use crate::testing::{History, broadcast, delivered, ensemble, established, member_recovered, serving, zxid};

    fn begun() -> History {
        let begins = |history: History, (id, node): (u8, &&str)| history.tell(node, member_recovered(id, 0, 0));
        let begun = (1..).zip(&["zk1", "zk2", "zk3"]).fold(History::new(), begins);
        begun.tell("zk1", established(1, 0)).each(&["zk1", "zk2"], &[serving(0)])
    }

    fn points(history: &History) -> Vec<(String, u64)> {
        let report = history.judge(Sometimes::new());
        report.counters().iter().map(|(point, count)| (point.to_owned(), count)).collect()
    }

    fn once(points: &[&str]) -> Vec<(String, u64)> {
        points.iter().map(|point| ((*point).to_owned(), 1)).collect()
    }

    #[test]
    fn a_leader_crashes_with_something_outstanding() {
        let broadcast = begun().tell("zk1", broadcast(zxid(1, 1), 0));
        let crashes = |history: History| {
            let next = history.machine("zk1", MachineEvent::Killed).machine("zk1", MachineEvent::Started);
            points(&next.tell("zk2", established(2, 0)))
        };
        let without = [ENSEMBLE_LEADER_CHANGED, ENSEMBLE_LEADER_CRASHED];
        let with = [ENSEMBLE_LEADER_CHANGED, ENSEMBLE_LEADER_CRASHED, ENSEMBLE_LEADER_CRASHED_OUTSTANDING];
        assert_eq!(crashes(broadcast.clone()), once(&with));
        assert_eq!(crashes(broadcast.tell("zk2", delivered(zxid(1, 1), 0))), once(&without));
    }

    #[test]
    fn a_quorum_loses_power_only_if_it_does_at_once() {
        let one = begun().machine("zk2", MachineEvent::PowerLost);
        let back = one.clone().machine("zk2", MachineEvent::Started).machine("zk3", MachineEvent::PowerLost);
        assert_eq!(points(&back), []);
        let at_once = one.machine("zk3", MachineEvent::PowerLost).machine("zk1", MachineEvent::PowerLost);
        assert_eq!(points(&at_once), once(&[ENSEMBLE_LEADER_CRASHED, QUORUM_LOST_POWER]));
    }

    #[test]
    fn a_cut_between_leader_and_follower() {
        let cut = |from: &str, to: &str| Event::Network(NetworkEvent::Cut { from: from.into(), to: to.into() });
        assert_eq!(points(&begun().world(cut("zk2", "zk1"))), once(&[FOLLOWER_CUT_OFF]));
        assert_eq!(points(&begun().tell("zk1", cut("zk1", "zk3")).tell("zk2", cut("zk2", "zk3"))), []);
    }

    #[test]
    fn the_four_ways_to_synchronise_and_a_repair() {
        let kinds = [SyncKind::Diff, SyncKind::Truncate, SyncKind::TruncateDiff, SyncKind::Snapshot];
        let synchronised = kinds.map(|kind| ensemble(EnsembleEvent::Synchronised { learner: 2, kind }));
        let all = begun().each(&["zk1"], &synchronised);
        let names = [SYNCHRONISED_BY_DIFF, SYNCHRONISED_BY_SNAP, SYNCHRONISED_BY_TRUNC, SYNCHRONISED_BY_TRUNC_AND_DIFF];
        assert_eq!(points(&all), once(&names));
        assert_eq!(points(&begun().tell("zk3", member_recovered(3, 0, 5))), once(&[super::super::RECOVERED]));
    }
}
