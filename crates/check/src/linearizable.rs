//! `linearizable`: the calls that processes tell of are those of a linearizable object.

use std::collections::{BTreeMap, BTreeSet};

use history::{CallEvent, Event, NodeName, Record, ServiceEvent, Time};
use serde_json::{Value, json};

use crate::linearizability::{History, Line, ModelName, Stage, Verdict, judge};
use crate::processes::life_ended;
use crate::sometimes::{LINEARIZABLE, NOT_DECIDED};
use crate::{Monitor, Report};

/// So many states may be explored for each part of the object.
const BUDGET: u64 = 2_000_000;

/// Gathers the calls and judges them when the run ends.
///
/// Names stand for processes as the checker knows them, which call one after the other: a node that calls several times
/// at once has several, and a name whose call ended in doubt is never used again.
///
/// An ephemeral znode goes with its session. No process calls for that, so the monitor does: once the session's close
/// is told, it has taken effect at some time between the last answer of a create (or the expiry, if that was told) and
/// now.
pub struct Linearizable {
    model: ModelName,
    budget: u64,
    lines: Vec<(Place, Line)>,
    callers: BTreeMap<NodeName, Caller>,
    /// What each session may have created, and from where on it may go.
    ephemerals: BTreeMap<i64, BTreeMap<String, Mortal>>,
}

/// A znode that goes with its session: not before this place.
#[derive(Clone, Copy)]
struct Mortal {
    from: Place,
    /// That is where its session expired.
    expired: bool,
}

/// Where a line stands among others: the number of what was told, and whether it is put in behind that.
type Place = (usize, bool);

/// The calls of one node.
#[derive(Default)]
struct Caller {
    outstanding: BTreeMap<u64, Outstanding>,
    free: BTreeSet<String>,
    names: u32,
}

#[derive(Clone)]
struct Outstanding {
    process: String,
    operation: String,
    key: Value,
    /// Whose znode it creates, if that is ephemeral.
    owner: Option<i64>,
}

impl Linearizable {
    /// The calls are those of this model.
    pub fn as_model(model: ModelName) -> Linearizable {
        Linearizable { model, budget: BUDGET, lines: Vec::new(), callers: BTreeMap::new(), ephemerals: BTreeMap::new() }
    }

    fn call(&mut self, node: &NodeName, at: Time, event: &CallEvent) {
        let caller = self.callers.entry(node.clone()).or_default();
        let (stage, value, call) = match event {
            CallEvent::Invoked { call, operation, key, argument } => {
                let argument = parse(argument);
                let invoked = caller.begins(node, (operation, key), &argument);
                let before = caller.outstanding.insert(*call, invoked.clone());
                assert!(before.is_none(), "{node} gives the number {call} to two calls");
                (Stage::Invoke, argument, invoked)
            }
            CallEvent::Returned { call, result } => (Stage::Ok, parse(result), caller.ends(*call, true)),
            CallEvent::Failed { call } => (Stage::Fail, Value::Null, caller.ends(*call, true)),
            CallEvent::InDoubt { call } => (Stage::Info, Value::Null, caller.ends(*call, false)),
        };
        let here = self.lines.len();
        if let (Some(owner), Some(key)) = (call.owner, call.key.as_str()) {
            self.creates(owner, key, stage, Mortal { from: (here, true), expired: false });
        }
        let (process, operation) = (call.process.into(), Some(call.operation));
        self.lines.push(((here, false), Line { process, stage, operation, key: call.key, value, time: Some(at) }));
    }

    /// A session creates a znode that goes with it: not before it is there.
    fn creates(&mut self, owner: i64, key: &str, stage: Stage, here: Mortal) {
        match (stage, self.ephemerals.get_mut(&owner).and_then(|keys| keys.get_mut(key))) {
            (Stage::Invoke, None) => {
                self.ephemerals.entry(owner).or_default().insert(key.to_owned(), here);
            }
            (Stage::Ok, Some(znode)) => *znode = here,
            // It was there before; or the session has ended already, and the answer took its time.
            _ => {}
        }
    }

    /// From now on the session may end.
    fn expired(&mut self, session: i64) {
        // Were it told twice, by one leader after the other, the first of them may be right.
        let here = Mortal { from: (self.lines.len(), true), expired: true };
        for znode in self.ephemerals.get_mut(&session).into_iter().flat_map(BTreeMap::values_mut) {
            if !znode.expired {
                *znode = here;
            }
        }
    }

    /// The session has ended.
    fn closed(&mut self, session: i64, at: Time) {
        for (key, znode) in self.ephemerals.remove(&session).unwrap_or_default() {
            let line = |stage, value, time| Line {
                process: format!("session {session:#x} at {key}").into(),
                stage,
                operation: Some("expire".to_owned()),
                key: Value::String(key.clone()),
                value,
                time,
            };
            self.lines.push((znode.from, line(Stage::Invoke, json!({ "owner": session }), None)));
            self.lines.push(((self.lines.len(), false), line(Stage::Ok, Value::Null, Some(at))));
        }
    }
}

impl Caller {
    fn begins(&mut self, node: &NodeName, (operation, key): (&str, &str), argument: &Value) -> Outstanding {
        let process = self.free.pop_first().unwrap_or_else(|| {
            self.names += 1;
            if self.names == 1 { node.to_string() } else { format!("{node}.{}", self.names) }
        });
        let creates = operation == "create_ephemeral";
        let owner = argument.get("owner").and_then(Value::as_i64).filter(|_| creates);
        Outstanding { process, operation: operation.to_owned(), key: key.into(), owner }
    }

    fn ends(&mut self, call: u64, is_certain: bool) -> Outstanding {
        let outstanding = self.outstanding.remove(&call);
        let outstanding = outstanding.unwrap_or_else(|| panic!("call {call} ends and never began"));
        if is_certain {
            self.free.insert(outstanding.process.clone());
        }
        outstanding
    }
}

/// What is no JSON is text.
fn parse(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))
}

impl Monitor for Linearizable {
    fn name(&self) -> &'static str {
        "linearizable"
    }

    fn observe(&mut self, record: &Record, _report: &mut Report) {
        match (&record.node, &record.event) {
            (Some(node), Event::Call(event)) => self.call(node, record.at, event),
            (_, Event::Service(ServiceEvent::SessionExpired { session })) => self.expired(*session),
            (_, Event::Service(ServiceEvent::SessionClosed { session, .. })) => self.closed(*session, record.at),
            (Some(node), Event::Machine(_)) if life_ended(record).is_some() => {
                // What it had asked for is in doubt for ever.
                if let Some(caller) = self.callers.get_mut(node) {
                    caller.outstanding.clear();
                }
            }
            _ => {}
        }
    }

    fn finish(&mut self, now: Time, report: &mut Report) {
        let mut lines = std::mem::take(&mut self.lines);
        lines.sort_by_key(|(place, _)| *place);
        let history = History::new(lines.into_iter().map(|(_, line)| line));
        let judgement = match judge(&history, self.model, self.budget) {
            Ok(judgement) => judgement,
            Err(error) => panic!("the calls are none of a {}: {error}", self.model),
        };
        match judgement.verdict {
            Verdict::Holds if judgement.operations == 0 => {}
            Verdict::Holds => report.sometimes(LINEARIZABLE),
            Verdict::Unknown { .. } => report.sometimes(NOT_DECIDED),
            Verdict::Violated { window } => {
                let last = window.operations.iter().filter_map(|shown| shown.answered_at).max().unwrap_or(now);
                let message = format!("no order explains the answers at {}\n{window}", window.part);
                report.safety_at(self.name(), last, message);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{self, closed};
    use history::MachineEvent;

    fn invoked(call: u64, operation: &str, argument: &str) -> Event {
        let (operation, key) = (operation.to_owned(), "/x".to_owned());
        Event::Call(CallEvent::Invoked { call, operation, key, argument: argument.to_owned() })
    }

    fn returned(call: u64, result: &str) -> Event {
        Event::Call(CallEvent::Returned { call, result: result.to_owned() })
    }

    fn judged(history: testing::History) -> Report {
        history.judge(Linearizable::as_model(ModelName::Znode))
    }

    #[test]
    fn a_stale_read_is_found_and_shown() {
        let told = testing::History::new()
            .tell("a", invoked(1, "create", "1"))
            .tell("a", returned(1, "null"))
            .at(1.0)
            .tell("b", invoked(1, "exists", "null"))
            .at(2.0)
            .tell("b", returned(1, "null"));
        let report = judged(told);
        assert_eq!(report.violations().len(), 1);
        assert!(report.violations()[0].message.contains("impossible"), "{:?}", report.violations());
    }

    #[test]
    fn what_a_killed_process_asked_for_may_come_late_or_never() {
        let begun = || testing::History::new().tell("a", invoked(1, "create", "1"));
        let killed = begun().machine("a", MachineEvent::Killed).tell("b", invoked(1, "get", "null"));
        assert!(judged(killed.clone().tell("b", returned(1, "{\"error\":\"NoNode\"}"))).is_clean());
        assert!(judged(killed.tell("b", returned(1, "{\"data\":1,\"version\":0}"))).is_clean());
    }

    #[test]
    fn an_ephemeral_goes_with_its_session_and_not_without() {
        let created = || {
            testing::History::new()
                .tell("a", invoked(1, "create_ephemeral", "{\"data\":1,\"owner\":7}"))
                .tell("a", returned(1, "null"))
                .at(1.0)
        };
        let gone =
            |history: testing::History| history.tell("b", invoked(1, "exists", "null")).tell("b", returned(1, "null"));
        assert!(judged(gone(created().tell("zk1", closed(7, 2)))).is_clean());
        assert_eq!(judged(gone(created())).violations().len(), 1, "nobody has taken it away");
        let there = created()
            .tell("zk1", closed(7, 2))
            .at(2.0)
            .tell("b", invoked(1, "exists", "null"))
            .tell("b", returned(1, "{\"version\":0}"));
        assert_eq!(judged(there).violations().len(), 1, "it outlived its session");
    }

    #[test]
    fn a_node_may_call_several_times_at_once() {
        let history = testing::History::new()
            .tell("a", invoked(1, "create", "1"))
            .tell("a", invoked(2, "get", "null"))
            .tell("a", returned(2, "{\"data\":1,\"version\":0}"))
            .tell("a", returned(1, "null"));
        assert!(judged(history).is_clean());
    }
}
