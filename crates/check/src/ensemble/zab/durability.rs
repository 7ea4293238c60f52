//! `durability`: what an ensemble has delivered, or shown to a client, no later leader lacks and no server loses.

use super::ledger::Finding;
use super::{Rule, Step, What};
use crate::Report;

/// What anybody has delivered is committed, and may be acknowledged to its client. It is in the initial history of every
/// later leader, whatever quorum that came from and however often its servers were restarted in between; each server
/// delivers it in its place, and removes it from its log no more. And what a client has seen in a reply is delivered.
///
/// That a zxid has no counter means that it begins an epoch: it is no transaction.
pub(super) struct Durability;

impl Rule for Durability {
    fn step(&mut self, step: &Step<'_>, report: &mut Report) {
        let Step { record, node, ledger, .. } = step;
        let at = record.at;
        let message = match &step.what {
            What::Established { epoch, initial } => {
                let last = ledger.last_before(*epoch);
                if last <= *initial {
                    return;
                }
                format!(
                    "{node} leads in epoch {epoch} from {at} on, with a history up to {initial:#x}: {last:#x}, which was \
                     delivered, is lost"
                )
            }
            What::Delivers(delivery) => {
                let zxid = delivery.transaction.zxid;
                match delivery.finding {
                    Finding::Ahead { missing } | Finding::Foreign { instead: Some(missing) } if missing < zxid => {
                        format!(
                            "{node} delivered {zxid:#x} at {at} and has lost {missing:#x}, which others have delivered"
                        )
                    }
                    Finding::Different => {
                        format!("{node} delivered {zxid:#x} at {at} with another content than others")
                    }
                    _ => return,
                }
            }
            What::Truncates { to } => {
                let delivered = ledger.delivered_by(node);
                if delivered <= *to {
                    return;
                }
                format!("{node} removed at {at} what comes after {to:#x}, although it had delivered {delivered:#x}")
            }
            What::Shown { zxid } => {
                let last = ledger.last();
                // Zero is for nothing delivered, or for nothing known of what was.
                if *zxid <= last || last == 0 || *zxid & 0xffff_ffff == 0 {
                    return;
                }
                format!("{node} was shown {zxid:#x} at {at}, which nobody has delivered: the last one is {last:#x}")
            }
            _ => return,
        };
        report.safety("durability", record, message);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sometimes::HISTORY_ROTTED;
    use crate::testing::{History, ensemble, established, member_recovered, replied, serving, zxid};
    use history::{DiskEvent, EnsembleEvent, Event, MachineEvent};

    fn two_delivered() -> History {
        let begun = History::ensemble().broadcasts("zk1", 1, 1).broadcasts("zk1", 1, 2);
        begun.deliver(&["zk1", "zk2"], 1, 1).deliver(&["zk1"], 1, 2)
    }

    /// All lose power; what they recover reaches up to here.
    fn power_lost(history: History, last: i64) -> History {
        let servers = ["zk1", "zk2", "zk3"];
        let history = servers.iter().fold(history, |history, node| history.machine(node, MachineEvent::PowerLost));
        let recovered = |history: History, (id, node): (u8, &&str)| {
            history.machine(node, MachineEvent::Started).tell(node, member_recovered(id, 0, last))
        };
        (1..).zip(&servers).fold(history, recovered)
    }

    #[test]
    fn a_quorum_comes_back_without_what_it_had_delivered() {
        let lost = power_lost(two_delivered(), zxid(1, 1)).tell("zk3", established(2, zxid(1, 1)));
        lost.ruled_by(Durability).assert_violated_once(
            "zk3 leads in epoch 2 from 0.000000s on, with a history up to 0x100000001: 0x100000002, which was delivered, \
             is lost",
        );
        let kept = power_lost(two_delivered(), zxid(1, 2)).tell("zk3", established(2, zxid(1, 2)));
        let kept = kept.deliver(&["zk3"], 1, 1).deliver(&["zk3"], 1, 2).tell("zk3", serving(zxid(1, 2)));
        kept.deliver(&["zk1", "zk2"], 1, 1).deliver(&["zk1"], 1, 2).assert_keeps_all_rules();
    }

    #[test]
    fn a_rotten_disk_excuses_the_loss_and_a_replaced_one_does_not() {
        let with = |event| power_lost(two_delivered().tell("zk1", Event::Disk(event)), zxid(1, 1));
        let goes_on = |history: History| {
            let led = history.tell("zk3", established(2, zxid(1, 1))).deliver(&["zk3", "zk1"], 1, 1);
            let led = led.tell("zk3", serving(zxid(1, 1))).broadcasts("zk3", 2, 1);
            led.deliver(&["zk3", "zk1"], 2, 1).judge(super::super::Zab::new())
        };
        let rotted = goes_on(with(DiskEvent::Rotted { file: "log".into(), offset: 1 }));
        rotted.assert_clean();
        assert_eq!(rotted.counters().of(HISTORY_ROTTED), 1);
        let names: Vec<_> = goes_on(with(DiskEvent::Wiped)).violations().iter().map(|found| found.monitor).collect();
        assert_eq!(names, ["zab/primary-integrity", "durability"], "and then the history goes on without");
    }

    #[test]
    fn a_server_removes_what_it_has_delivered() {
        let truncated = |to| two_delivered().tell("zk1", ensemble(EnsembleEvent::Truncated { to }));
        truncated(zxid(1, 2)).ruled_by(Durability).assert_clean();
        truncated(zxid(1, 1)).ruled_by(Durability).assert_violated_once("although it had delivered 0x100000002");
    }

    #[test]
    fn a_client_is_shown_what_is_not_committed() {
        let shown = |zxid| two_delivered().tell("c1", replied(7, zxid));
        shown(zxid(1, 2)).tell("c1", replied(7, zxid(2, 0))).ruled_by(Durability).assert_clean();
        shown(zxid(1, 3)).ruled_by(Durability).assert_violated_once("c1 was shown 0x100000003");
    }
}
