//! `single-leader/overlap`: two nodes may believe at once that they lead, but no longer than the strategy says.

use std::time::Duration;

use history::{Event, LeadershipEvent, NodeName, Record, Term, Time};

use crate::reigns::Reigns;
use crate::{Monitor, Report};

/// Who believes to lead when another is elected gives that up within the bound. For strategies that do not promise
/// [`Belief`](crate::Belief) but state how long it may overlap: those that hold on until the session is over, and trust
/// that its end is known soon.
///
/// The node that was elected first is the one that has to go, stalled or not. Its process's end ends its belief.
pub struct Overlap {
    bound: Duration,
    promised: bool,
    reigns: Reigns,
    /// Who has to go, and since when.
    replaced: Vec<(NodeName, Term, Time)>,
}

impl Overlap {
    /// It is a violation if a replaced leader believes on for longer than this, where that is promised.
    pub fn ends_within(bound: Duration, promised: bool) -> Overlap {
        Overlap { bound, promised, reigns: Reigns::default(), replaced: Vec::new() }
    }

    fn look(&mut self, record: &Record, report: &mut Report) {
        let (reigns, bound) = (&self.reigns, self.bound);
        self.replaced.retain(|(node, term, _)| reigns.believes_under(node, *term));
        let overdue = self.replaced.extract_if(.., |(_, _, since)| record.at > *since + bound);
        for (node, term, since) in overdue {
            let bound = bound.as_secs_f64();
            let message = format!(
                "{node} still believes at {} that it leads under term {term}, {bound:.3}s after another was elected at \
                 {since}",
                record.at
            );
            if self.promised {
                report.safety("single-leader/overlap", record, message);
            }
        }
    }
}

impl Monitor for Overlap {
    fn name(&self) -> &'static str {
        "single-leader/overlap"
    }

    fn observe(&mut self, record: &Record, report: &mut Report) {
        if matches!(record.event, Event::Network(_)) {
            return;
        }
        if let (Some(node), Event::Leadership(LeadershipEvent::Elected { term })) = (&record.node, &record.event) {
            let known: Vec<(NodeName, Term)> =
                self.replaced.iter().map(|(node, term, _)| (node.clone(), *term)).collect();
            let others = self.reigns.iter().filter(|(other, other_term, _)| *other != node || other_term != term);
            let new = others.filter(|(other, term, _)| !known.contains(&((*other).clone(), *term)));
            let new: Vec<_> = new.map(|(other, term, _)| (other.clone(), term, record.at)).collect();
            self.replaced.extend(new);
        }
        self.reigns.observe(record);
        if !self.replaced.is_empty() {
            self.look(record, report);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{History, deposed, elected, serving};
    use history::MachineEvent;

    fn overlap() -> History {
        History::new().at(1.0).tell("a", elected(1)).at(9.0).tell("b", elected(2))
    }

    fn monitor() -> Overlap {
        Overlap::ends_within(Duration::from_secs(3), true)
    }

    #[test]
    fn who_was_replaced_has_so_long_to_go() {
        let late = overlap().at(12.5).tell("zk", serving(0));
        late.judge(monitor()).assert_violated_once(
            "a still believes at 12.500000s that it leads under term 0x1, 3.000s after another was elected at 9.000000s",
        );
        late.judge(Overlap::ends_within(Duration::from_secs(3), false)).assert_clean();
        overlap().at(11.9).tell("a", deposed(1)).at(60.0).tell("zk", serving(0)).judge(monitor()).assert_clean();
    }

    #[test]
    fn a_belief_ends_with_its_process() {
        let killed = overlap().at(10.0).machine("a", MachineEvent::Killed);
        killed.at(60.0).tell("zk", serving(0)).judge(monitor()).assert_clean();
    }

    #[test]
    fn a_third_leader_starts_no_new_count() {
        let third = overlap().at(11.0).tell("b", deposed(2)).tell("c", elected(3)).at(12.5).tell("zk", serving(0));
        third.judge(monitor()).assert_violated_once("a still believes");
    }
}
