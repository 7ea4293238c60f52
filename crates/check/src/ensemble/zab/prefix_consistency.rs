//! `zab/prefix-consistency`: of the histories of any two servers one is the beginning of the other.

use super::ledger::Finding;
use super::{Rule, Step, What};
use crate::Report;

/// So every delivery is the next one of the one order, and every state that a server begins with is a beginning of it.
pub(super) struct PrefixConsistency;

impl Rule for PrefixConsistency {
    fn step(&mut self, step: &Step<'_>, report: &mut Report) {
        let Step { record, node, .. } = step;
        let message = match &step.what {
            What::Begins { zxid, is_known: false } => {
                format!("{node} begins with the state as of {zxid:#x} at {}, which nobody has delivered", record.at)
            }
            What::Delivers(delivery) => {
                let zxid = delivery.transaction.zxid;
                let why = match delivery.finding {
                    Finding::News | Finding::Known | Finding::Forgotten => return,
                    Finding::Different => "others have delivered it with another content".to_owned(),
                    Finding::Behind => "others have delivered it before that".to_owned(),
                    Finding::Ahead { missing } => format!("others have delivered {missing:#x} between the two"),
                    Finding::Foreign { instead: Some(instead) } => format!("others have delivered {instead:#x} there"),
                    Finding::Foreign { instead: None } => "nobody else has it in this place".to_owned(),
                };
                format!("{node} delivered {zxid:#x} at {} after {:#x}: {why}", record.at, delivery.previous)
            }
            _ => return,
        };
        report.safety("zab/prefix-consistency", record, message);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{History, delivered, member_recovered, restored, zxid};

    fn three_transactions() -> History {
        let begun = History::ensemble().broadcasts("zk1", 1, 1).broadcasts("zk1", 1, 2).broadcasts("zk1", 1, 3);
        begun.deliver(&["zk1", "zk2"], 1, 1).deliver(&["zk1", "zk2"], 1, 2).deliver(&["zk1"], 1, 3)
    }

    #[test]
    fn lagging_restarted_and_restored_servers_follow_the_one_order() {
        three_transactions()
            .deliver(&["zk3"], 1, 1)
            .tell("zk2", member_recovered(2, zxid(1, 1), zxid(1, 2)))
            .deliver(&["zk2"], 1, 2)
            .tell("zk3", restored(zxid(1, 2)))
            .deliver(&["zk3", "zk2"], 1, 3)
            .assert_keeps_all_rules();
    }

    #[test]
    fn a_server_leaves_one_out() {
        let history = three_transactions().deliver(&["zk3"], 1, 2);
        history.ruled_by(PrefixConsistency).assert_violated_once("zk3 delivered 0x100000002 at 0.000000s after 0x0");
        history.ruled_by(PrefixConsistency).assert_violated_once("others have delivered 0x100000001 between the two");
    }

    #[test]
    fn the_same_zxid_with_another_content() {
        let history = three_transactions().tell("zk3", delivered(zxid(1, 1), 666));
        history.ruled_by(PrefixConsistency).assert_violated_once("with another content");
    }

    #[test]
    fn a_server_delivers_twice_or_begins_where_nobody_was() {
        let twice = three_transactions().deliver(&["zk2"], 1, 2);
        twice.ruled_by(PrefixConsistency).assert_violated_once("others have delivered it before that");
        let nowhere = three_transactions().tell("zk3", restored(zxid(2, 9)));
        nowhere.ruled_by(PrefixConsistency).assert_violated_once("zk3 begins with the state as of 0x200000009");
    }
}
