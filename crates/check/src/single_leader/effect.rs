//! `single-leader/effect`: no act of a deposed leader takes effect.

use std::collections::BTreeMap;

use history::{Event, NodeName, Record, ResourceEvent, Term, Time};

use crate::sometimes::STALE_ACT_ACCEPTED;
use crate::{Monitor, Report};

/// The terms of the acts that a resource accepts never go back, and one term belongs to one node.
///
/// Judged for every resource by itself: two resources may hear of a new leader one after the other.
pub struct Effect {
    promised: bool,
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
        Effect { promised, newest: BTreeMap::new() }
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

    fn observe(&mut self, record: &Record, report: &mut Report) {
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
    use crate::testing::{History, accepted, refused};

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
    fn one_term_is_not_for_two() {
        let history = History::new().at(1.0).tell("store", accepted(1, "a")).tell("store", accepted(1, "b"));
        history.judge(Effect::new()).assert_violated_once("which is the term of a");
    }
}
