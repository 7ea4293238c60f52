//! `sequence`: the numbers of sequential znodes are unique and increase, for every parent.

use std::collections::BTreeMap;

use history::{Event, Record, ServiceEvent};

use crate::service::parent;
use crate::sometimes::SEQUENCE_WRAPPED;
use crate::{Monitor, Report};

/// Under one parent, as long as it lives, every sequence number is higher than the one before, and a sequential znode's
/// name ends with its number in ten digits.
///
/// Gaps are legal: every create counts, also one that asked for no number. When the parent is deleted and created
/// anew the numbers begin anew. The counter has 32 bits and a sign: after 2147483647 comes -2147483648, and from there
/// on it increases again, so numbers are compared by their distance (ZooKeeper's own recipes, which sort the names,
/// are lost by then).
#[derive(Default)]
pub struct Sequence {
    last: BTreeMap<String, Last>,
}

struct Last {
    number: i32,
    zxid: i64,
}

impl Sequence {
    /// No number given yet.
    pub fn new() -> Sequence {
        Sequence::default()
    }

    fn created(&mut self, record: &Record, path: &str, zxid: i64, number: i32, report: &mut Report) {
        if !path.ends_with(&format!("{number:010}")) {
            let message = format!("the name of {path} does not end with its sequence number {number}");
            report.safety(self.name(), record, message);
        }
        let Some(parent) = parent(path) else { return };
        match self.last.get_mut(parent) {
            Some(last) if number.wrapping_sub(last.number) <= 0 => {
                let fault = if number == last.number { "given already" } else { "behind the last one" };
                let before = last.number;
                let message = format!(
                    "{path} was created at {} with sequence number {number}, which is {fault}: the last under {parent} was {before}",
                    record.at
                );
                report.safety(self.name(), record, message);
            }
            Some(last) => {
                if number < last.number {
                    report.sometimes(SEQUENCE_WRAPPED);
                }
                *last = Last { number, zxid };
            }
            None => drop(self.last.insert(parent.to_owned(), Last { number, zxid })),
        }
    }
}

impl Monitor for Sequence {
    fn name(&self) -> &'static str {
        "sequence"
    }

    fn observe(&mut self, record: &Record, report: &mut Report) {
        let Event::Service(event) = &record.event else { return };
        match event {
            ServiceEvent::Created { path, zxid, sequence: Some(number), .. } => {
                self.created(record, path, *zxid, *number, report);
            }
            ServiceEvent::Deleted { path, .. } => drop(self.last.remove(path)),
            _ => {}
        }
    }

    fn lost_above(&mut self, zxid: i64) {
        // What was lost was lost with its numbers; what was given before them is not remembered one by one.
        self.last.retain(|_, last| last.zxid <= zxid);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{History, created, deleted, sequential};

    #[test]
    fn a_number_given_twice_or_out_of_order() {
        let twice = History::new().tell("zk", sequential("/e/n-", 1, 4)).tell("zk", sequential("/e/m-", 2, 4));
        twice.judge(Sequence::new()).assert_violated_once("sequence number 4, which is given already");
        let back = History::new().tell("zk", sequential("/e/n-", 1, 4)).tell("zk", sequential("/e/n-", 2, 3));
        back.judge(Sequence::new()).assert_violated_once("sequence number 3, which is behind the last one");
    }

    #[test]
    fn gaps_other_parents_and_a_new_parent_are_fine() {
        let history = History::new()
            .tell("zk", sequential("/e/n-", 1, 0))
            .tell("zk", sequential("/e/n-", 2, 7))
            .tell("zk", sequential("/f/n-", 3, 0))
            .tell("zk", deleted("/e/n-0000000007", 4))
            .tell("zk", deleted("/e", 5))
            .tell("zk", created("/e", 6, 0))
            .tell("zk", sequential("/e/n-", 7, 0));
        history.judge(Sequence::new()).assert_clean();
    }

    #[test]
    fn the_counter_wraps_around_and_goes_on() {
        let history = History::new()
            .tell("zk", sequential("/e/n-", 1, i32::MAX))
            .tell("zk", sequential("/e/n-", 2, i32::MIN))
            .tell("zk", sequential("/e/n-", 3, i32::MIN + 1));
        let report = history.judge(Sequence::new());
        report.assert_clean();
        assert_eq!(report.counters().of(SEQUENCE_WRAPPED), 1);
    }

    #[test]
    fn the_name_carries_the_number() {
        let event = ServiceEvent::Created { path: "/e/n-5".into(), zxid: 1, owner: 0, sequence: Some(5) };
        let history = History::new().tell("zk", Event::Service(event));
        history.judge(Sequence::new()).assert_violated_once("/e/n-5 does not end with its sequence number 5");
    }
}
