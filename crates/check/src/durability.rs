//! `durability`: what a lone server has applied it still has after a restart.

use std::collections::BTreeSet;

use history::{DiskEvent, Event, NodeName, Record, ServiceEvent};

use crate::sometimes::HISTORY_ROTTED;
use crate::{Monitor, Report};

/// A lone server applies a transaction (and answers for it) when it is on disk; so it recovers at least what it has
/// applied. A server that answers first and writes then loses acknowledged writes with the power.
///
/// Judged only as long as one server is all there is: a member of an ensemble may have applied what is on the disks of
/// the others only; what an ensemble has applied the rule of the same name in [`Zab`](crate::Zab) judges. A disk that rots excuses the loss, which is counted.
#[derive(Default)]
pub struct Durability {
    applied: i64,
    /// The only server came back with this, after having applied that.
    lost: Option<(i64, i64)>,
    rotten: BTreeSet<NodeName>,
}

impl Durability {
    /// Nothing applied yet.
    pub fn new() -> Durability {
        Durability::default()
    }

    fn lose(&self, record: &Record, event: &ServiceEvent, found: i64, applied: i64, report: &mut Report) {
        let Some(node) = &record.node else { return };
        let how = if matches!(event, ServiceEvent::Recovered { .. }) { "recovered" } else { "serves" };
        if self.rotten.contains(node) {
            report.sometimes(HISTORY_ROTTED);
            return;
        }
        let message =
            format!("{node} {how} at {} as of transaction {found:#x}, although it had applied {applied:#x}", record.at);
        report.safety("durability", record, message);
    }
}

impl Monitor for Durability {
    fn name(&self) -> &'static str {
        "durability"
    }

    fn observe(&mut self, record: &Record, report: &mut Report) {
        if let (Some(node), Event::Disk(DiskEvent::Rotted { .. })) = (&record.node, &record.event) {
            self.rotten.insert(node.clone());
        }
        let Event::Service(event) = &record.event else { return };
        if let Some((found, applied)) = self.lost.take() {
            self.lose(record, event, found, applied, report);
        }
        match event {
            ServiceEvent::Created { zxid, .. }
            | ServiceEvent::Deleted { zxid, .. }
            | ServiceEvent::Changed { zxid, .. }
            | ServiceEvent::SessionClosed { zxid, .. } => self.applied = self.applied.max(*zxid),
            _ => {}
        }
    }

    fn lost_above(&mut self, zxid: i64) {
        self.lost = Some((zxid, std::mem::replace(&mut self.applied, zxid)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{History, created, recovered, serving};

    fn applied_five() -> History {
        History::new().tell("zk1", serving(0)).tell("zk1", created("/a", 5, 0)).at(9.0)
    }

    #[test]
    fn a_lone_server_comes_back_with_less_than_it_had_applied() {
        applied_five()
            .tell("zk1", recovered(4))
            .tell("zk1", serving(4))
            .judge(Durability::new())
            .assert_violated_once("zk1 recovered at 9.000000s as of transaction 0x4, although it had applied 0x5");
    }

    #[test]
    fn all_of_it_is_enough() {
        applied_five().tell("zk1", recovered(5)).tell("zk1", serving(5)).judge(Durability::new()).assert_clean();
    }

    #[test]
    fn a_rotten_disk_and_a_member_of_an_ensemble_are_excused() {
        let rotted = Event::Disk(DiskEvent::Rotted { file: "log".into(), offset: 1 });
        let report = applied_five().tell("zk1", rotted).tell("zk1", recovered(0)).judge(Durability::new());
        report.assert_clean();
        assert_eq!(report.counters().of(HISTORY_ROTTED), 1);
        applied_five().tell("zk2", serving(0)).tell("zk1", recovered(4)).judge(Durability::new()).assert_clean();
    }
}
