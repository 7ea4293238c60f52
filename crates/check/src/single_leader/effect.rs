//! `single-leader/effect`: no act of a deposed leader takes effect.

use std::collections::BTreeMap;

use history::{Event, NodeName, Record, ResourceEvent, Term, Time};

use super::ledger::Ledger;
use crate::sometimes::STALE_ACT_ACCEPTED;
use crate::{Monitor, Report};

/// The terms of the acts that a resource accepts never go back, and one term belongs to one node.
///
/// Judged for every resource by itself: two resources may hear of a new leader one after the other. The service is a
/// resource as well, for those leaders that write into its [ledger](history::ledger): there the order is that of its
/// transactions.
pub struct Effect {
    promised: bool,
    ledger: Ledger,
    newest: BTreeMap<Option<NodeName>, Newest>,
}

struct Newest {
    term: Term,
    by: NodeName,
    at: Time,
}

impl Effect {
    /// An accepted act of an older term is a violation.
    #[allow(clippy::new_without_default)]
    pub fn new() -> Effect {
        Effect::promised(true)
    }

    /// An accepted act of an older term is a violation if it is promised not to happen, and counted otherwise.
    pub fn promised(promised: bool) -> Effect {
        Effect { promised, ledger: Ledger::default(), newest: BTreeMap::new() }
    }

    fn broken(&self, record: &Record, report: &mut Report, message: String) {
        if self.promised {
            report.safety(self.name(), record, message);
        } else {
            report.sometimes(STALE_ACT_ACCEPTED);
        }
    }
}

impl Monitor for Effect {
    fn name(&self) -> &'static str {
        "single-leader/effect"
    }

    fn lost_above(&mut self, zxid: i64) {
        self.ledger.lost_above(zxid);
    }

    fn observe(&mut self, record: &Record, report: &mut Report) {
        if let Event::Service(event) = &record.event
            && let Some(message) = self.ledger.fault(record, event)
        {
            self.broken(record, report, message);
        }
        if let Event::Resource(ResourceEvent::Fenced { term, by }) = &record.event {
            // From here on an older term is one of the past, as if the newer one had acted.
            if self.newest.get(&record.node).is_none_or(|newest| newest.term < *term) {
                let newest = Newest { term: *term, by: by.clone(), at: record.at };
                self.newest.insert(record.node.clone(), newest);
            }
        }
        let Event::Resource(ResourceEvent::Accepted { term, by, act }) = &record.event else { return };
        let resource = record.node.as_deref().unwrap_or("the resource");
        match self.newest.get(&record.node) {
            Some(newest) if *term < newest.term => {
                let Newest { term: newer, by: winner, at } = newest;
                let message = format!(
                    "{resource} accepted `{act}` of {by} under term {term} at {}, after it had accepted an act of \
                     {winner} under the newer term {newer} at {at}",
                    record.at
                );
                self.broken(record, report, message);
            }
            Some(newest) if *term == newest.term && *by != newest.by => {
                let other = &newest.by;
                let message = format!(
                    "{resource} accepted `{act}` of {by} under term {term} at {}, which is the term of {other}",
                    record.at
                );
                self.broken(record, report, message);
            }
            _ => {
                let newest = Newest { term: *term, by: by.clone(), at: record.at };
                self.newest.insert(record.node.clone(), newest);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{History, accepted, changed, created, recovered, refused, serving};
    use history::{Term, ledger};

    fn entry(term: i64, by: &str) -> String {
        ledger::path_of(Term(term), by)
    }

    #[test]
    fn an_act_of_an_older_term_after_a_newer_one() {
        let history = History::new()
            .at(1.0)
            .tell("store", accepted(1, "a"))
            .at(2.0)
            .tell("store", accepted(2, "b"))
            .at(3.0)
            .tell("store", accepted(1, "a"));
        history.judge(Effect::new()).assert_violated_once(
            "store accepted `write` of a under term 0x1 at 3.000000s, after it had accepted an act of b under the \
             newer term 0x2 at 2.000000s",
        );
        let unpromised = history.judge(Effect::promised(false));
        unpromised.assert_clean();
        assert_eq!(unpromised.counters().of(STALE_ACT_ACCEPTED), 1);
    }

    #[test]
    fn refused_acts_and_other_resources_do_not_count() {
        let history = History::new()
            .at(1.0)
            .tell("store", accepted(1, "a"))
            .tell("store", accepted(2, "b"))
            .tell("store", refused(1, 2, "a"))
            .tell("other", accepted(1, "a"))
            .tell("store", accepted(2, "b"));
        history.judge(Effect::new()).assert_clean();
    }

    #[test]
    fn what_was_fenced_off_is_of_the_past() {
        let fenced = Event::Resource(ResourceEvent::Fenced { term: Term(2), by: "b".into() });
        let history = History::new().tell("store", accepted(1, "a")).tell("store", fenced);
        history.clone().tell("store", accepted(2, "b")).judge(Effect::new()).assert_clean();
        history.tell("store", accepted(1, "a")).judge(Effect::new()).assert_violated_once("single-leader/effect");
    }

    #[test]
    fn one_term_is_not_for_two() {
        let history = History::new().at(1.0).tell("store", accepted(1, "a")).tell("store", accepted(1, "b"));
        history.judge(Effect::new()).assert_violated_once("which is the term of a");
    }

    #[test]
    fn an_act_on_the_service_after_one_of_a_newer_term() {
        let newer = History::new()
            .tell("zk", created("/ledger", 1, 0))
            .tell("zk", created(&entry(1, "a"), 2, 0))
            .tell("zk", created(&entry(2, "b"), 3, 0));
        newer.judge(Effect::new()).assert_clean();
        newer.clone().at(3.0).tell("zk", changed(&entry(1, "a"), 4)).judge(Effect::new()).assert_violated_once(
            "the service committed an act of a under term 0x1 as 0x4 at 3.000000s, after it had committed one of b \
             under the newer term 0x2",
        );
        newer.tell("zk", created(&entry(2, "c"), 4, 0)).judge(Effect::new()).assert_violated_once("the term of b");
    }

    #[test]
    fn what_the_service_has_lost_was_no_act() {
        let lost = History::new()
            .tell("zk", created(&entry(1, "a"), 2, 0))
            .tell("zk", created(&entry(2, "b"), 3, 0))
            .tell("zk", recovered(2))
            .tell("zk", serving(2))
            .tell("zk", changed(&entry(1, "a"), 3));
        lost.judge(Effect::new()).assert_clean();
    }
}
