//! `zab/agreement`: if one server delivered a and another b, then one of the two delivered both.

use super::ledger::Finding;
use super::{Rule, Step, What};
use crate::Report;

/// What servers have delivered grows in one line. One that delivers what nobody has, where others have delivered what it
/// has not, has left it.
pub(super) struct Agreement;

impl Rule for Agreement {
    fn step(&mut self, step: &Step<'_>, report: &mut Report) {
        let What::Delivers(delivery) = &step.what else { return };
        let (node, zxid) = (step.node, delivery.transaction.zxid);
        let others = match delivery.finding {
            Finding::Foreign { instead: Some(instead) } => {
                format!("others have delivered {instead:#x}, and not this one")
            }
            Finding::Different => "others have delivered another one under this zxid".to_owned(),
            _ => return,
        };
        let message = format!("{node} delivered {zxid:#x} at {}; {others}", step.record.at);
        report.safety("zab/agreement", step.record, message);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::History;

    #[test]
    fn two_servers_go_two_ways() {
        let begun = History::ensemble().broadcasts("zk1", 1, 1).deliver(&["zk1"], 1, 1).broadcasts("zk2", 2, 1);
        let apart = begun.clone().deliver(&["zk2"], 2, 1);
        apart.ruled_by(Agreement).assert_violated_once("zk2 delivered 0x200000001 at 0.000000s; others have delivered");
        begun.deliver(&["zk2"], 1, 1).deliver(&["zk2"], 2, 1).ruled_by(Agreement).assert_clean();
    }
}
