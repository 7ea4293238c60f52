//! `single-leader/belief`: no two nodes believe at the same instant that they lead.

use history::{Event, LeadershipEvent, Record};

use crate::reigns::Reigns;
use crate::sometimes::BELIEF_OVERLAPPED;
use crate::{Monitor, Report};

/// No two nodes believe at the same instant that they lead, and no node leads twice at once.
///
/// A belief begins with `Elected` and ends with `Deposed`, or with the process: exited, killed, without power. A
/// stalled process still believes: that is the very case in which two leaders meet.
pub struct Belief {
    promised: bool,
    reigns: Reigns,
}

impl Belief {
    /// Overlaps are violations.
    #[allow(clippy::new_without_default)]
    pub fn new() -> Belief {
        Belief::promised(true)
    }

    /// Overlaps are violations if they are promised not to happen, and counted otherwise.
    pub fn promised(promised: bool) -> Belief {
        Belief { promised, reigns: Reigns::default() }
    }
}

impl Monitor for Belief {
    fn name(&self) -> &'static str {
        "single-leader/belief"
    }

    fn observe(&mut self, record: &Record, report: &mut Report) {
        if let (Some(node), Event::Leadership(LeadershipEvent::Elected { term })) = (&record.node, &record.event) {
            let rivals: Vec<String> = self
                .reigns
                .iter()
                .filter(|(other, other_term, _)| *other != node || other_term != term)
                .map(|(other, term, since)| format!("{other} has believed so under term {term} since {since}"))
                .collect();
            if !rivals.is_empty() && self.promised {
                let rivals = rivals.join(" and ");
                let message =
                    format!("{node} believes from {} on that it leads under term {term}, while {rivals}", record.at);
                report.safety(self.name(), record, message);
            } else if !rivals.is_empty() {
                report.sometimes(BELIEF_OVERLAPPED);
            }
        }
        self.reigns.observe(record);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{History, deposed, elected};
    use history::MachineEvent;

    #[test]
    fn a_paused_leader_still_believes() {
        let history = History::new()
            .at(1.0)
            .tell("a", elected(1))
            .at(2.0)
            .machine("a", MachineEvent::Paused)
            .at(9.0)
            .tell("b", elected(2));
        let report = history.judge(Belief::new());
        let [violation] = report.violations() else { panic!("{report:?}") };
        assert_eq!(
            violation.message,
            "b believes from 9.000000s on that it leads under term 0x2, while a has believed so under term 0x1 since \
             1.000000s"
        );
        assert_eq!(violation.node, Some("b".into()));
    }

    #[test]
    fn a_belief_ends_with_deposition_or_with_the_process() {
        for ending in [MachineEvent::Exited, MachineEvent::Killed, MachineEvent::PowerLost] {
            let history = History::new()
                .at(1.0)
                .tell("a", elected(1))
                .tell("a", deposed(1))
                .tell("b", elected(2))
                .at(2.0)
                .machine("b", ending)
                .tell("c", elected(3));
            history.judge(Belief::new()).assert_clean();
        }
    }

    #[test]
    fn an_overlap_of_one_instant_is_one_too_many() {
        let history = History::new().at(1.0).tell("a", elected(1)).at(2.0).tell("b", elected(2)).tell("a", deposed(1));
        history.judge(Belief::new()).assert_violated_once("single-leader/belief");
    }

    #[test]
    fn one_node_may_not_lead_twice_at_once() {
        let history = History::new().at(1.0).tell("a", elected(1)).at(2.0).tell("a", elected(2)).tell("a", deposed(1));
        history.judge(Belief::new()).assert_violated_once("leads under term 0x2, while a has believed so");
    }

    #[test]
    fn an_overlap_that_is_not_promised_is_only_counted() {
        let history = History::new().at(1.0).tell("a", elected(1)).at(2.0).tell("b", elected(2));
        let report = history.judge(Belief::promised(false));
        report.assert_clean();
        assert_eq!(report.counters().of(BELIEF_OVERLAPPED), 1);
    }
}
