//! `assignments`: a worker obeys no leader of the past, and in the end every task is done.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use history::{Event, LeadershipEvent, NodeName, Phase, Record, Term, Time, WorkEvent};

use crate::sometimes::{
    FORMER_LEADER_WORKED, STALE_ASSIGNMENT_REFUSED, TASK_DONE, TASK_DONE_AGAIN, TASK_NOT_DONE, TASK_REASSIGNED,
    TASK_SUBMITTED,
};
use crate::{Monitor, Report};

/// So many tasks are named in a message; of more only the number is told.
const NAMED: usize = 8;

/// No worker accepts an assignment under an older term after one under a newer, be it in another life of its process; all
/// assignments under one term come from one node; and where it is promised, every task that came in is done within the
/// bound: after the liveness phase began, or after it came in.
///
/// That a task is done twice is counted and not judged: no more than *at least once* is promised of any.
pub struct Assignments {
    bound: Option<Duration>,
    newest: BTreeMap<NodeName, Newest>,
    owners: BTreeMap<Term, NodeName>,
    leaders: BTreeSet<NodeName>,
    /// In whose hands each task was last.
    hands: BTreeMap<u64, NodeName>,
    /// Every task that came in or was done, with the time since when it waits; nothing for one that is done.
    tasks: BTreeMap<u64, Option<Time>>,
    liveness: Option<Time>,
    /// When the first of the open tasks is overdue. Known in the liveness phase alone.
    due: Option<Time>,
}

/// The assignment of the highest term that a worker has accepted.
struct Newest {
    term: Term,
    by: NodeName,
    at: Time,
}

impl Assignments {
    /// Every task must be done `bound` after the faults are over.
    pub fn done_within(bound: Duration) -> Assignments {
        Assignments::promised(Some(bound))
    }

    /// A task that is not done is a violation if there is a bound, and counted otherwise.
    pub fn promised(bound: Option<Duration>) -> Assignments {
        Assignments {
            bound,
            newest: BTreeMap::new(),
            owners: BTreeMap::new(),
            leaders: BTreeSet::new(),
            hands: BTreeMap::new(),
            tasks: BTreeMap::new(),
            liveness: None,
            due: None,
        }
    }

    fn accepted(&mut self, worker: &NodeName, accepted: &WorkEvent, record: &Record, report: &mut Report) {
        let WorkEvent::Accepted { task, term, by } = accepted else { return };
        let now = record.at;
        let owner = self.owners.entry(*term).or_insert_with(|| by.clone());
        if owner != by {
            let message = format!(
                "{worker} accepted task {task} at {now} from {by} under term {term}, under which {owner} has assigned"
            );
            report.safety(self.name(), record, message);
        }
        if self.hands.insert(*task, worker.clone()).is_some_and(|last| last != *worker) {
            report.sometimes(TASK_REASSIGNED);
        }
        if self.leaders.contains(worker) && worker != by {
            report.sometimes(FORMER_LEADER_WORKED);
        }
        match self.newest.get(worker) {
            Some(Newest { term: newer, by: successor, at }) if term < newer => {
                let message = format!(
                    "{worker} accepted task {task} at {now} from {by} under term {term}, although it had accepted one \
                     from {successor} under the newer term {newer} at {at}"
                );
                report.safety(self.name(), record, message);
            }
            _ => drop(self.newest.insert(worker.clone(), Newest { term: *term, by: by.clone(), at: now })),
        }
    }

    fn work(&mut self, record: &Record, event: &WorkEvent, report: &mut Report) {
        match (event, &record.node) {
            (WorkEvent::Submitted { task }, _) if !self.tasks.contains_key(task) => {
                self.tasks.insert(*task, Some(record.at));
                report.sometimes(TASK_SUBMITTED);
                self.look_ahead();
            }
            (WorkEvent::Done { task, .. }, _) => {
                let is_first = self.tasks.insert(*task, None) != Some(None);
                report.sometimes(if is_first { TASK_DONE } else { TASK_DONE_AGAIN });
                self.look_ahead();
            }
            (WorkEvent::Refused { .. }, _) => report.sometimes(STALE_ASSIGNMENT_REFUSED),
            (WorkEvent::Accepted { .. }, Some(worker)) => self.accepted(worker, event, record, report),
            _ => {}
        }
    }

    /// Since when each open task waits.
    fn open(&self) -> impl Iterator<Item = (u64, Time)> {
        self.tasks.iter().filter_map(|(task, since)| Some((*task, (*since)?)))
    }

    /// Works out when the first of the open tasks is overdue.
    fn look_ahead(&mut self) {
        let (Some(bound), Some(liveness)) = (self.bound, self.liveness) else { return };
        let first = self.open().map(|(_, since)| since).min();
        self.due = first.map(|since| since.max(liveness) + bound);
    }

    fn check_due(&mut self, now: Time, report: &mut Report) {
        let Some(due) = self.due.filter(|due| now > *due) else { return };
        // Said once: where tasks are left lying, more will be.
        self.bound = None;
        self.due = None;
        let open: Vec<u64> = self.open().map(|(task, _)| task).collect();
        let named: Vec<String> = open.iter().take(NAMED).map(u64::to_string).collect();
        let more = if open.len() > NAMED { ", …" } else { "" };
        let message = format!("{} tasks that came in are not done at {due}: {}{more}", open.len(), named.join(", "));
        report.liveness(self.name(), due, None, message);
    }
}

impl Monitor for Assignments {
    fn name(&self) -> &'static str {
        "assignments"
    }

    fn observe(&mut self, record: &Record, report: &mut Report) {
        self.check_due(record.at, report);
        match (&record.node, &record.event) {
            (_, Event::Work(event)) => self.work(record, event, report),
            (_, Event::Phase(Phase::Liveness)) => {
                self.liveness = Some(record.at);
                self.look_ahead();
            }
            (Some(node), Event::Leadership(LeadershipEvent::Elected { .. })) => {
                self.leaders.insert(node.clone());
            }
            _ => {}
        }
    }

    fn finish(&mut self, now: Time, report: &mut Report) {
        self.check_due(now, report);
        for _ in self.open() {
            report.sometimes(TASK_NOT_DONE);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{History, elected};
    use history::MachineEvent;

    fn submitted(task: u64) -> Event {
        Event::Work(WorkEvent::Submitted { task })
    }

    fn accepted(task: u64, term: i64, by: &str) -> Event {
        Event::Work(WorkEvent::Accepted { task, term: Term(term), by: by.into() })
    }

    fn done(task: u64, term: i64) -> Event {
        Event::Work(WorkEvent::Done { task, term: Term(term) })
    }

    fn monitor() -> Assignments {
        Assignments::done_within(Duration::from_secs(5))
    }

    #[test]
    fn an_older_term_after_a_newer_one_even_in_another_life() {
        let history = History::new()
            .at(1.0)
            .tell("w", accepted(1, 7, "b"))
            .machine("w", MachineEvent::Killed)
            .machine("w", MachineEvent::Started)
            .at(2.0)
            .tell("v", accepted(2, 5, "a"))
            .tell("w", accepted(3, 5, "a"));
        history.judge(monitor()).assert_violated_once(
            "w accepted task 3 at 2.000000s from a under term 0x5, although it had accepted one from b under the newer \
             term 0x7 at 1.000000s",
        );
    }

    #[test]
    fn a_term_belongs_to_one_node() {
        let history = History::new().tell("w", accepted(1, 7, "a")).tell("v", accepted(2, 7, "b"));
        history.judge(monitor()).assert_violated_once("from b under term 0x7, under which a has assigned");
    }

    #[test]
    fn what_came_in_must_be_done_after_the_faults() {
        let history = History::new()
            .tell("desk", submitted(1))
            .tell("desk", submitted(2))
            .tell("w", done(1, 7))
            .at(10.0)
            .liveness()
            .at(14.0)
            .tell("desk", submitted(3))
            .at(17.0);
        history.judge(monitor()).assert_violated_once("2 tasks that came in are not done at 15.000000s: 2, 3");
        let report = history.judge(Assignments::promised(None));
        report.assert_clean();
        assert_eq!(report.counters().of(TASK_NOT_DONE), 2);
        let late =
            History::new().tell("desk", submitted(2)).at(10.0).liveness().at(15.0).tell("w", done(2, 7)).at(17.0);
        late.judge(monitor()).assert_clean();
    }

    #[test]
    fn each_has_its_own_time_and_may_be_done_twice() {
        let history = History::new()
            .at(10.0)
            .liveness()
            .at(14.0)
            .tell("desk", submitted(3))
            .tell("desk", submitted(3))
            .at(18.0)
            .tell("w", done(3, 7))
            .tell("v", done(3, 8))
            .tell("desk", submitted(3))
            .at(30.0);
        let report = history.judge(monitor());
        report.assert_clean();
        let counted = [TASK_SUBMITTED, TASK_DONE, TASK_DONE_AGAIN].map(|point| report.counters().of(point));
        assert_eq!(counted, [1, 1, 1]);
    }

    #[test]
    fn a_former_leader_that_works_is_counted() {
        let history = History::new().tell("a", elected(5)).tell("b", elected(7)).tell("a", accepted(1, 7, "b"));
        assert_eq!(history.judge(monitor()).counters().of(FORMER_LEADER_WORKED), 1);
    }
}
