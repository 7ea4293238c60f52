//! `progress`: when the faults are over everybody who calls is answered.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use history::{CallEvent, Event, NetworkEvent, NodeName, Phase, Record, Time};

use crate::processes::Processes;
use crate::sometimes::PROGRESS_NOT_JUDGED;
use crate::{Monitor, Report};

/// In the liveness phase every process that calls, and that nothing keeps from calling, is answered within the bound: after
/// the phase began, or after whatever held its process down let it go.
///
/// Who is behind a link that is cut or bent for good is not judged.
pub struct Progress {
    bound: Duration,
    processes: Processes,
    /// Who has ever called, and when it was answered last.
    answered: BTreeMap<NodeName, Option<Time>>,
    hindered: BTreeSet<(NodeName, NodeName)>,
    liveness: Option<Time>,
    is_judged: bool,
}

impl Progress {
    /// Everybody is answered `bound` after the faults are over.
    pub fn within(bound: Duration) -> Progress {
        Progress {
            bound,
            processes: Processes::default(),
            answered: BTreeMap::new(),
            hindered: BTreeSet::new(),
            liveness: None,
            is_judged: false,
        }
    }

    fn network(&mut self, event: &NetworkEvent) {
        match event {
            NetworkEvent::Cut { from, to } => drop(self.hindered.insert((from.clone(), to.clone()))),
            NetworkEvent::Healed { from, to } => drop(self.hindered.remove(&(from.clone(), to.clone()))),
            _ => {}
        }
    }

    fn judge(&mut self, now: Time, report: &mut Report) {
        let Some(liveness) = self.liveness.filter(|liveness| now >= *liveness + self.bound && !self.is_judged) else {
            return;
        };
        self.is_judged = true;
        let (deadline, bound) = (liveness + self.bound, self.bound.as_secs_f64());
        for (node, answered) in &self.answered {
            let is_hindered = self.hindered.iter().any(|(from, to)| from == node || to == node);
            let is_late_itself = self.processes.since(node) > liveness;
            let is_served = answered.is_some_and(|answered| answered >= liveness);
            if self.processes.runs(node) && !is_hindered && !is_late_itself && !is_served {
                let message = format!("{node} was not answered within {bound:.3}s after the faults were over");
                report.liveness("progress", deadline, Some(node.clone()), message);
            }
        }
    }
}

impl Monitor for Progress {
    fn name(&self) -> &'static str {
        "progress"
    }

    fn observe(&mut self, record: &Record, report: &mut Report) {
        self.judge(record.at, report);
        match (&record.node, &record.event) {
            (_, Event::Network(event)) => self.network(event),
            (_, Event::Phase(Phase::Liveness)) => self.liveness = Some(record.at),
            (_, Event::Machine(_)) => self.processes.observe(record),
            (Some(node), Event::Call(CallEvent::Invoked { .. })) if !self.answered.contains_key(node) => {
                self.answered.insert(node.clone(), None);
            }
            (Some(node), Event::Call(CallEvent::Returned { .. })) => {
                if let Some(answered) = self.answered.get_mut(node) {
                    *answered = Some(record.at);
                }
            }
            _ => {}
        }
    }

    fn finish(&mut self, now: Time, report: &mut Report) {
        self.judge(now, report);
        if !self.is_judged && !self.answered.is_empty() {
            report.sometimes(PROGRESS_NOT_JUDGED);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{History, secs};

    fn called(history: History, call: u64, is_answered: bool) -> History {
        let (operation, key, argument) = ("get".to_owned(), String::new(), String::new());
        let history = history.tell("c1", Event::Call(CallEvent::Invoked { call, operation, key, argument }));
        if !is_answered {
            return history;
        }
        history.tell("c1", Event::Call(CallEvent::Returned { call, result: String::new() }))
    }

    fn bound() -> Progress {
        Progress::within(Duration::from_secs(5))
    }

    #[test]
    fn who_is_not_answered_in_time_is_named() {
        let before = called(History::new(), 1, true).at(10.0).liveness();
        let late = called(before.clone().at(12.0), 2, false).at(16.0);
        let report = called(late, 3, true).judge(bound());
        assert_eq!(report.violations().len(), 1);
        assert_eq!((report.violations()[0].at, report.violations()[0].node.as_deref()), (secs(15.0), Some("c1")));
        let in_time = called(before.at(12.0), 2, true).at(16.0);
        assert!(called(in_time, 3, false).judge(bound()).is_clean());
    }

    #[test]
    fn who_is_cut_off_for_good_is_not_judged() {
        let cut = Event::Network(NetworkEvent::Cut { from: "c1".into(), to: "zk1".into() });
        let history = called(History::new(), 1, true).world(cut).at(10.0).liveness().at(16.0);
        assert!(called(history, 2, false).judge(bound()).is_clean());
    }
}
