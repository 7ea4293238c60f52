//! `zab/integrity`: what is delivered was broadcast by some primary, with that content.

use super::ledger::Finding;
use super::{Rule, Step, What};
use crate::Report;

/// The first delivery of each transaction is compared with its broadcast, all others with the first. And no zxid is
/// broadcast twice: what it stands for would not be one thing.
pub(super) struct Integrity;

impl Rule for Integrity {
    fn step(&mut self, step: &Step<'_>, report: &mut Report) {
        let Step { record, node, .. } = step;
        let message = match &step.what {
            What::Broadcasts { transaction, is_new: false } => {
                format!("{node} broadcast {:#x} at {}, which was broadcast before", transaction.zxid, record.at)
            }
            What::Delivers(delivery) => {
                let zxid = delivery.transaction.zxid;
                let how = match (delivery.finding, delivery.broadcast) {
                    (Finding::News | Finding::Foreign { .. }, None) => "which no primary has broadcast",
                    (Finding::News | Finding::Foreign { .. }, Some(checksum))
                        if checksum != delivery.transaction.checksum =>
                    {
                        "which was broadcast with another content"
                    }
                    (Finding::Different, _) => "which no primary has broadcast with this content",
                    _ => return,
                };
                format!("{node} delivered {zxid:#x} at {}, {how}", record.at)
            }
            _ => return,
        };
        report.safety("zab/integrity", record, message);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{History, delivered, zxid};

    #[test]
    fn out_of_nowhere() {
        let history = History::ensemble().deliver(&["zk1"], 1, 1);
        history.ruled_by(Integrity).assert_violated_once("zk1 delivered 0x100000001 at 0.000000s, which no primary");
    }

    #[test]
    fn another_content_at_the_first_and_at_a_later_delivery() {
        let begun = History::ensemble().broadcasts("zk1", 1, 1);
        let first = begun.clone().tell("zk2", delivered(zxid(1, 1), 666));
        first.ruled_by(Integrity).assert_violated_once("which was broadcast with another content");
        let later = begun.deliver(&["zk1"], 1, 1).tell("zk2", delivered(zxid(1, 1), 666));
        later.ruled_by(Integrity).assert_violated_once("zk2 delivered");
    }

    #[test]
    fn one_zxid_twice() {
        let twice = History::ensemble().broadcasts("zk1", 1, 1).broadcasts("zk1", 1, 1);
        twice.ruled_by(Integrity).assert_violated_once("which was broadcast before");
    }

    #[test]
    fn what_a_dead_leader_broadcast_may_be_delivered_under_the_next_one() {
        let history = History::ensemble().broadcasts("zk1", 1, 1).led_by("zk2", 2, zxid(1, 1));
        history.deliver(&["zk2", "zk3"], 1, 1).ruled_by(Integrity).assert_clean();
    }
}
