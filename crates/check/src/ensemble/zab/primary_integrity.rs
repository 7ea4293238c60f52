//! `zab/primary-integrity`: a leader has delivered all of earlier epochs that anybody has delivered.

use history::NodeName;

use super::ledger::{Finding, epoch};
use super::{Rule, Step, What};
use crate::Report;

/// Asked at three moments: when a leader is established its initial history reaches as far as anybody has delivered; when
/// it serves it has delivered all of that; and from then on nobody delivers anything of earlier epochs beyond it.
#[derive(Default)]
pub(super) struct PrimaryIntegrity {
    newest: Option<Reign>,
}

struct Reign {
    leader: NodeName,
    epoch: u32,
    initial: i64,
}

impl Rule for PrimaryIntegrity {
    fn step(&mut self, step: &Step<'_>, report: &mut Report) {
        let Step { record, node, ledger, .. } = step;
        let at = record.at;
        let message = match (&step.what, &self.newest) {
            (What::Established { epoch, initial }, newest) => {
                let (epoch, initial, last) = (*epoch, *initial, ledger.last_before(*epoch));
                if newest.as_ref().is_none_or(|newest| newest.epoch < epoch) {
                    self.newest = Some(Reign { leader: (*node).clone(), epoch, initial });
                }
                if last <= initial {
                    return;
                }
                format!(
                    "{node} was established in epoch {epoch} at {at} with a history up to {initial:#x}, although \
                     {last:#x} was delivered"
                )
            }
            (What::Serves, Some(reign)) if reign.leader == **node => match ledger.missing_at(node) {
                Some(missing) if epoch(missing) < reign.epoch => format!(
                    "{node} serves as leader of epoch {} at {at}, and has not delivered {missing:#x} as others have",
                    reign.epoch
                ),
                _ => return,
            },
            (What::Delivers(delivery), Some(reign)) if delivery.finding == Finding::News => {
                let zxid = delivery.transaction.zxid;
                if delivery.transaction.epoch() >= reign.epoch || zxid <= reign.initial {
                    return;
                }
                let Reign { leader, epoch, initial } = reign;
                format!(
                    "{node} delivered {zxid:#x} at {at}, although {leader} is established in epoch {epoch} with a \
                     history up to {initial:#x}"
                )
            }
            _ => return,
        };
        report.safety("zab/primary-integrity", record, message);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{History, established, serving, zxid};

    fn one_delivered() -> History {
        History::ensemble().broadcasts("zk1", 1, 1).broadcasts("zk1", 1, 2).deliver(&["zk1"], 1, 1)
    }

    #[test]
    fn a_leader_whose_history_is_too_short() {
        let history = one_delivered().led_by("zk2", 2, 0);
        history.ruled_by(PrimaryIntegrity::default()).assert_violated_once(
            "zk2 was established in epoch 2 at 0.000000s with a history up to 0x0, although 0x100000001 was delivered",
        );
    }

    #[test]
    fn a_leader_that_serves_before_it_has_delivered_its_history() {
        let established = one_delivered().tell("zk2", established(2, zxid(1, 1)));
        let early = established.clone().tell("zk2", serving(0));
        early.ruled_by(PrimaryIntegrity::default()).assert_violated_once("zk2 serves as leader of epoch 2");
        let right = established.deliver(&["zk2"], 1, 1).tell("zk2", serving(zxid(1, 1)));
        right.assert_keeps_all_rules();
        let beyond = right.deliver(&["zk1"], 1, 2);
        beyond.ruled_by(PrimaryIntegrity::default()).assert_violated_once("although zk2 is established in epoch 2");
    }

    #[test]
    fn an_old_leader_may_learn_late_that_it_was_established() {
        one_delivered()
            .deliver(&["zk3", "zk2"], 1, 1)
            .led_by("zk3", 3, zxid(1, 1))
            .broadcasts("zk3", 3, 1)
            .deliver(&["zk3"], 3, 1)
            .led_by("zk2", 2, zxid(1, 1))
            .assert_keeps_all_rules();
    }
}
