//! `epochs`: a server keeps what it has promised.

use std::collections::BTreeMap;

use history::{DiskEvent, EnsembleEvent, Event, NodeName, Record};

use crate::{Monitor, Report};

/// A server's accepted and current epochs never go back, over its restarts included: an epoch once accepted is a promise
/// to follow no older leader, one once entered says whose history it has. After recovery, repair included, they are in
/// order: accepted, current, that of the last logged transaction. And the epoch that a leader chooses is above all that
/// its quorum has accepted.
///
/// A disk that was replaced remembers nothing, and a rotten one maybe something else: of such a server the promises are
/// forgotten.
#[derive(Default)]
pub struct Epochs(BTreeMap<NodeName, Promised>);

#[derive(Clone, Copy, Default)]
struct Promised {
    accepted: u32,
    current: u32,
}

impl Epochs {
    /// Nothing promised yet.
    pub fn new() -> Epochs {
        Epochs::default()
    }

    fn event(&mut self, node: &NodeName, record: &Record, event: &EnsembleEvent) -> Option<String> {
        let at = record.at;
        let before = self.0.get(node).copied().unwrap_or_default();
        let (now, message) = match *event {
            EnsembleEvent::Recovered { accepted_epoch: accepted, current_epoch: current, last, .. } => {
                let logged = (last >> 32) as u32;
                let message = if accepted < before.accepted || current < before.current {
                    Some(format!(
                        "{node} recovered at {at} with accepted epoch {accepted} and current epoch {current}, after it \
                         had accepted {} and entered {}",
                        before.accepted, before.current
                    ))
                } else if accepted < current || current < logged {
                    Some(format!(
                        "{node} recovered at {at} with accepted epoch {accepted}, current epoch {current} and a last \
                         transaction of epoch {logged}, which are out of order"
                    ))
                } else {
                    None
                };
                (Promised { accepted, current }, message)
            }
            EnsembleEvent::EpochAccepted { epoch } => {
                let message = (epoch < before.accepted)
                    .then(|| format!("{node} accepted epoch {epoch} at {at}, after epoch {}", before.accepted));
                (Promised { accepted: epoch, ..before }, message)
            }
            EnsembleEvent::EpochEntered { epoch } => {
                let message = if epoch < before.current {
                    Some(format!("{node} entered epoch {epoch} at {at}, after epoch {}", before.current))
                } else if epoch < before.accepted {
                    Some(format!("{node} entered epoch {epoch} at {at}, although it had accepted {}", before.accepted))
                } else {
                    None
                };
                (Promised { current: epoch, ..before }, message)
            }
            EnsembleEvent::EpochProposed { epoch, above } => {
                let message = (epoch <= above)
                    .then(|| format!("{node} chose epoch {epoch} at {at}, although {above} was accepted already"));
                return message;
            }
            _ => return None,
        };
        match self.0.get_mut(node) {
            Some(promised) => *promised = now,
            None => drop(self.0.insert(node.clone(), now)),
        }
        message
    }
}

impl Monitor for Epochs {
    fn name(&self) -> &'static str {
        "epochs"
    }

    fn observe(&mut self, record: &Record, report: &mut Report) {
        match (&record.event, &record.node) {
            (Event::Ensemble(event), Some(node)) => {
                if let Some(message) = self.event(node, record, event) {
                    report.safety(self.name(), record, message);
                }
            }
            (Event::Disk(DiskEvent::Wiped | DiskEvent::Rotted { .. }), Some(node)) => drop(self.0.remove(node)),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{History, ensemble, member_recovered_with, zxid};

    fn epochs_up_to_three() -> History {
        History::new()
            .tell("zk1", member_recovered_with(1, (0, 0), 0, 0))
            .tell("zk1", ensemble(EnsembleEvent::EpochProposed { epoch: 2, above: 1 }))
            .tell("zk1", ensemble(EnsembleEvent::EpochAccepted { epoch: 2 }))
            .tell("zk1", ensemble(EnsembleEvent::EpochEntered { epoch: 2 }))
            .tell("zk1", ensemble(EnsembleEvent::EpochAccepted { epoch: 3 }))
    }

    fn recovers(epochs: (u32, u32), last: i64) -> History {
        epochs_up_to_three().tell("zk1", member_recovered_with(1, epochs, 0, last))
    }

    #[test]
    fn promises_survive_a_restart() {
        recovers((3, 2), zxid(2, 5)).judge(Epochs::new()).assert_clean();
        recovers((2, 2), 0).judge(Epochs::new()).assert_violated_once("after it had accepted 3 and entered 2");
        recovers((3, 1), 0).judge(Epochs::new()).assert_violated_once("accepted epoch 3 and current epoch 1, after");
    }

    #[test]
    fn the_epochs_and_the_log_are_in_order() {
        recovers((3, 2), zxid(3, 1)).judge(Epochs::new()).assert_violated_once("which are out of order");
        recovers((3, 4), zxid(2, 1)).judge(Epochs::new()).assert_violated_once("which are out of order");
    }

    #[test]
    fn a_replaced_or_rotten_disk_promises_nothing() {
        let begins_anew = |event| {
            let history = epochs_up_to_three().tell("zk1", Event::Disk(event));
            history.tell("zk1", member_recovered_with(1, (0, 0), 0, 0)).judge(Epochs::new())
        };
        begins_anew(DiskEvent::Wiped).assert_clean();
        begins_anew(DiskEvent::Rotted { file: "currentEpoch".into(), offset: 0 }).assert_clean();
        begins_anew(DiskEvent::Full { file: "log".into() }).assert_violated_once("epochs");
    }

    #[test]
    fn no_way_back_within_a_life_either() {
        let tell = |event| epochs_up_to_three().tell("zk1", ensemble(event)).judge(Epochs::new());
        tell(EnsembleEvent::EpochEntered { epoch: 3 }).assert_clean();
        tell(EnsembleEvent::EpochEntered { epoch: 2 }).assert_violated_once("although it had accepted 3");
        tell(EnsembleEvent::EpochAccepted { epoch: 1 }).assert_violated_once("accepted epoch 1");
        tell(EnsembleEvent::EpochProposed { epoch: 3, above: 3 }).assert_violated_once("chose epoch 3");
    }
}
