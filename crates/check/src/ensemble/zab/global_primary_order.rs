//! `zab/global-primary-order`: what is of a lower epoch is delivered before what is of a higher.

use super::ledger::epoch;
use super::{Rule, Step, What};
use crate::Report;

/// On every server. Over all of them it follows, for they deliver in one order.
pub(super) struct GlobalPrimaryOrder;

impl Rule for GlobalPrimaryOrder {
    fn step(&mut self, step: &Step<'_>, report: &mut Report) {
        let What::Delivers(delivery) = &step.what else { return };
        if epoch(delivery.previous) <= delivery.transaction.epoch() {
            return;
        }
        let (node, at) = (step.node, step.record.at);
        let (zxid, previous) = (delivery.transaction.zxid, delivery.previous);
        let message = format!("{node} delivered {zxid:#x} at {at}, after {previous:#x} of a later epoch");
        report.safety("zab/global-primary-order", step.record, message);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{History, zxid};

    #[test]
    fn an_old_transaction_comes_after_a_new_one() {
        let begun = History::ensemble().broadcasts("zk1", 1, 1).broadcasts("zk1", 1, 2).deliver(&["zk1"], 1, 1);
        let begun = begun.deliver(&["zk2"], 1, 1).led_by("zk2", 2, zxid(1, 1)).broadcasts("zk2", 2, 1);
        let begun = begun.deliver(&["zk2"], 2, 1);
        begun.ruled_by(GlobalPrimaryOrder).assert_clean();
        let late = begun.deliver(&["zk2"], 1, 2);
        late.ruled_by(GlobalPrimaryOrder)
            .assert_violated_once("zk2 delivered 0x100000002 at 0.000000s, after 0x200000001 of a later epoch");
    }
}
