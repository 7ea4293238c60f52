//! `single-leader/order`: leaders come in the order of their terms.

use history::{Event, LeadershipEvent, NodeName, Record, Term, Time};

use crate::processes::life_ended;
use crate::reigns::Reigns;
use crate::sometimes::{ORDER_BROKEN, REELECTED_UNDER_THE_SAME_TERM};
use crate::{Monitor, Report};

/// The terms of `Elected` strictly increase in true time over the whole run.
///
/// One exception: the node that holds the newest term may be elected under it again after it was `Deposed`, in the same
/// life of its process. That is a leader which steps down when its connection breaks, finds its session alive and its
/// znode still the first, and goes on: no other leader came between, so the term fences as well as before. A *new*
/// process with the old term is a violation: the znode it took for its own belongs to a session that is about to end
/// (CURATOR-696, KAFKA-1387).
pub struct Order {
    promised: bool,
    newest: Option<Newest>,
    reigns: Reigns,
}

struct Newest {
    term: Term,
    node: NodeName,
    at: Time,
    /// Whether the process that was elected still lives.
    alive: bool,
}

impl Order {
    /// A term that does not increase is a violation.
    #[allow(clippy::new_without_default)]
    pub fn new() -> Order {
        Order::promised(true)
    }

    /// A term that does not increase is a violation if it is promised not to happen, and counted otherwise.
    pub fn promised(promised: bool) -> Order {
        Order { promised, newest: None, reigns: Reigns::default() }
    }

    /// What is wrong with the election of `node` under `term`.
    fn fault(&self, node: &NodeName, term: Term) -> Option<String> {
        let newest = self.newest.as_ref().filter(|newest| term <= newest.term)?;
        let Newest { term: newer, node: winner, at, alive } = newest;
        if term < *newer {
            return Some(format!("although {winner} was elected under the newer term {newer} at {at}"));
        }
        if node != winner {
            return Some(format!("which is the term under which {winner} was elected at {at}"));
        }
        if !alive {
            return Some(format!("which is the term of its own former process, elected at {at}"));
        }
        self.reigns.believes_under(node, term).then(|| format!("under which it leads already, since {at}"))
    }
}

impl Monitor for Order {
    fn name(&self) -> &'static str {
        "single-leader/order"
    }

    fn observe(&mut self, record: &Record, report: &mut Report) {
        if let Some(newest) = &mut self.newest
            && life_ended(record) == Some(&newest.node)
        {
            newest.alive = false;
        }
        if let (Some(node), Event::Leadership(LeadershipEvent::Elected { term })) = (&record.node, &record.event) {
            match self.fault(node, *term) {
                Some(fault) if self.promised => {
                    let message = format!("{node} was elected at {} under term {term}, {fault}", record.at);
                    report.safety(self.name(), record, message);
                }
                Some(_) => report.sometimes(ORDER_BROKEN),
                None => {
                    if self.newest.as_ref().is_some_and(|newest| newest.term == *term) {
                        report.sometimes(REELECTED_UNDER_THE_SAME_TERM);
                    }
                    self.newest = Some(Newest { term: *term, node: node.clone(), at: record.at, alive: true });
                }
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
    fn an_older_term_after_a_newer_one() {
        let history = History::new().at(1.0).tell("a", elected(7)).at(2.0).tell("b", elected(5));
        history.judge(Order::new()).assert_violated_once(
            "b was elected at 2.000000s under term 0x5, although a was elected under the newer term 0x7 at 1.000000s",
        );
        assert_eq!(history.judge(Order::promised(false)).counters().of(ORDER_BROKEN), 1);
    }

    #[test]
    fn the_same_term_for_somebody_else() {
        let history = History::new().at(1.0).tell("a", elected(5)).tell("a", deposed(5)).at(2.0).tell("b", elected(5));
        history.judge(Order::new()).assert_violated_once("the term under which a was elected");
    }

    #[test]
    fn a_leader_that_stepped_down_for_a_moment_may_go_on_under_its_term() {
        let history = History::new().at(1.0).tell("a", elected(5)).tell("a", deposed(5)).at(2.0).tell("a", elected(5));
        let report = history.judge(Order::new());
        report.assert_clean();
        assert_eq!(report.counters().of(REELECTED_UNDER_THE_SAME_TERM), 1);
    }

    #[test]
    fn a_new_process_may_not_go_on_under_the_term_of_the_old() {
        let history = History::new()
            .at(1.0)
            .tell("a", elected(5))
            .at(2.0)
            .machine("a", MachineEvent::Killed)
            .at(3.0)
            .machine("a", MachineEvent::Started)
            .at(4.0)
            .tell("a", elected(5));
        history.judge(Order::new()).assert_violated_once("the term of its own former process");
    }

    #[test]
    fn elected_twice_without_stepping_down() {
        let history = History::new().at(1.0).tell("a", elected(5)).at(2.0).tell("a", elected(5));
        history.judge(Order::new()).assert_violated_once("under which it leads already");
    }
}
