//! `zab/local-primary-order`: what a primary broadcast before a delivered transaction is delivered before it.

use super::ledger::{Finding, epoch};
use super::{Rule, Step, What};
use crate::Report;

/// All of it: both official specifications say `\E`, which a transaction satisfies with itself; the property says `\A`.
pub(super) struct LocalPrimaryOrder;

impl Rule for LocalPrimaryOrder {
    fn step(&mut self, step: &Step<'_>, report: &mut Report) {
        let What::Delivers(delivery) = &step.what else { return };
        let zxid = delivery.transaction.zxid;
        let is_of_this_primary = |other: i64| epoch(other) == delivery.transaction.epoch();
        let (before, how) = match (delivery.finding, delivery.skipped) {
            (_, Some(skipped)) => (skipped, "and nobody has delivered that"),
            (Finding::Ahead { missing }, _) if is_of_this_primary(missing) => {
                (missing, "and it has not delivered that")
            }
            (Finding::Foreign { instead: Some(instead) }, _) if is_of_this_primary(instead) && instead < zxid => {
                (instead, "and it has not delivered that")
            }
            (Finding::Behind | Finding::Foreign { .. }, _)
                if is_of_this_primary(delivery.previous) && delivery.previous > zxid =>
            {
                let (node, at, later) = (step.node, step.record.at, delivery.previous);
                let message =
                    format!("{node} delivered {zxid:#x} at {at}, after {later:#x}, which its primary broadcast later");
                return report.safety("zab/local-primary-order", step.record, message);
            }
            _ => return,
        };
        let (node, at) = (step.node, step.record.at);
        let message = format!("{node} delivered {zxid:#x} at {at}; its primary broadcast {before:#x} before, {how}");
        report.safety("zab/local-primary-order", step.record, message);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{History, zxid};

    fn two_broadcasts() -> History {
        History::ensemble().broadcasts("zk1", 1, 1).broadcasts("zk1", 1, 2)
    }

    #[test]
    fn the_first_is_left_out_by_all_or_by_one() {
        two_broadcasts()
            .deliver(&["zk1"], 1, 2)
            .ruled_by(LocalPrimaryOrder)
            .assert_violated_once("its primary broadcast 0x100000001 before, and nobody has delivered that");
        let delivered = two_broadcasts().deliver(&["zk1"], 1, 1).deliver(&["zk1"], 1, 2);
        delivered.ruled_by(LocalPrimaryOrder).assert_clean();
        let left_out = delivered.deliver(&["zk2"], 1, 2);
        left_out.clone().ruled_by(LocalPrimaryOrder).assert_violated_once("and it has not delivered that");
        let other_way_round = left_out.deliver(&["zk2"], 1, 1).ruled_by(LocalPrimaryOrder);
        assert_eq!(other_way_round.violations().len(), 2);
        assert!(other_way_round.violations()[1].message.ends_with("which its primary broadcast later"));
    }

    #[test]
    fn what_another_primary_left_behind_may_be_lost() {
        two_broadcasts()
            .deliver(&["zk1", "zk2"], 1, 1)
            .led_by("zk2", 2, zxid(1, 1))
            .broadcasts("zk2", 2, 1)
            .deliver(&["zk2", "zk3"], 2, 1)
            .ruled_by(LocalPrimaryOrder)
            .assert_clean();
    }
}
