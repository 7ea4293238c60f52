//! `zab/leadership-1` and `zab/leadership-2`: an epoch belongs to one leader.

use std::collections::BTreeMap;

use history::NodeName;

use super::{Rule, Step, What};
use crate::Report;

/// So many epochs are remembered.
const EPOCHS_REMEMBERED: usize = 1024;

/// Two servers that synchronise or broadcast never do it under the same epoch, not even one after the other; and an epoch
/// has one established leader at most, over the whole run, who alone broadcasts in it.
#[derive(Default)]
pub(super) struct Leadership {
    synchronising: Epochs,
    established: Epochs,
}

#[derive(Default)]
struct Epochs(BTreeMap<u32, NodeName>);

impl Epochs {
    /// Somebody takes an epoch; gives whoever has it already.
    fn take(&mut self, epoch: u32, node: &NodeName) -> Option<NodeName> {
        if let Some(owner) = self.0.get(&epoch) {
            return Some(owner.clone());
        }
        self.0.insert(epoch, node.clone());
        if self.0.len() > EPOCHS_REMEMBERED {
            self.0.pop_first();
        }
        None
    }
}

impl Rule for Leadership {
    fn step(&mut self, step: &Step<'_>, report: &mut Report) {
        let Step { record, node, .. } = step;
        let at = record.at;
        match &step.what {
            What::Synchronising { epoch } => {
                if let Some(other) = self.synchronising.take(*epoch, node).filter(|other| other != *node) {
                    let message = format!("{node} began to lead epoch {epoch} at {at}, which {other} leads or has led");
                    report.safety("zab/leadership-1", record, message);
                }
            }
            What::Established { epoch, .. } => {
                if let Some(other) = self.established.take(*epoch, node) {
                    let message = format!("{node} was established in epoch {epoch} at {at}, as {other} was before");
                    report.safety("zab/leadership-2", record, message);
                }
            }
            What::Broadcasts { transaction, .. } => {
                let epoch = transaction.epoch();
                if let Some(leader) = self.established.0.get(&epoch).filter(|leader| leader != node) {
                    let zxid = transaction.zxid;
                    let message = format!("{node} broadcast {zxid:#x} at {at}, in the epoch of {leader}");
                    report.safety("zab/leadership-2", record, message);
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{History, established, synchronising};

    #[test]
    fn two_leaders_in_one_epoch() {
        let history = History::ensemble().tell("zk2", synchronising(1));
        history.ruled_by(Leadership::default()).assert_violated_once("zab/leadership-1");
        let history = History::ensemble().tell("zk2", established(1, 0));
        history
            .ruled_by(Leadership::default())
            .assert_violated_once("zk2 was established in epoch 1 at 0.000000s, as zk1 was before");
        let history = History::ensemble().broadcasts("zk2", 1, 1);
        history.ruled_by(Leadership::default()).assert_violated_once("in the epoch of zk1");
    }

    #[test]
    fn each_in_its_own() {
        let history = History::ensemble().led_by("zk2", 2, 0).led_by("zk1", 3, 0).broadcasts("zk1", 3, 1);
        history.assert_keeps_all_rules();
    }
}
