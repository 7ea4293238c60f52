//! `zab/total-order`: no two servers deliver two transactions in opposite order.

use super::ledger::Finding;
use super::{Rule, Step, What};
use crate::Report;

/// A server that delivers what others delivered before something that it has delivered already.
pub(super) struct TotalOrder;

impl Rule for TotalOrder {
    fn step(&mut self, step: &Step<'_>, report: &mut Report) {
        let What::Delivers(delivery) = &step.what else { return };
        if delivery.finding != Finding::Behind {
            return;
        }
        let (node, zxid, previous) = (step.node, delivery.transaction.zxid, delivery.previous);
        let at = step.record.at;
        let message =
            format!("{node} delivered {zxid:#x} at {at}, after {previous:#x}: others delivered it before, or it did");
        report.safety("zab/total-order", step.record, message);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::History;

    #[test]
    fn the_other_way_round() {
        let begun = History::ensemble().broadcasts("zk1", 1, 1).broadcasts("zk1", 1, 2);
        let begun = begun.deliver(&["zk1"], 1, 1).deliver(&["zk1"], 1, 2).deliver(&["zk2"], 1, 2);
        begun.ruled_by(TotalOrder).assert_clean();
        let round = begun.deliver(&["zk2"], 1, 1);
        round.ruled_by(TotalOrder).assert_violated_once("zk2 delivered 0x100000001 at 0.000000s, after 0x100000002");
    }
}
