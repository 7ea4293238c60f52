//! Tests of the checker: by hand, against a real object, against all permutations.

mod against_permutations;
mod classics;
mod generated;
mod histories;
mod objects;
mod windows;

use serde_json::Value;

use super::{History, Judgement, Line, ModelName, Stage, Verdict, Window, judge};

/// More than any of these histories needs.
const BUDGET: u64 = 100_000;

/// Events in short: `a write 1` and `a write@x 1` begin a call of process a, `a ok 1`, `a fail` and `a info` end it.
fn told(events: &[&str]) -> History {
    let read = |event: &&str| {
        let mut words = event.splitn(3, ' ');
        let process = words.next().expect("a process").into();
        let verb = words.next().expect("what it does");
        let value = words.next().map_or(Value::Null, |value| serde_json::from_str(value).expect("a JSON value"));
        let (stage, operation, key) = match (verb, verb.split_once('@')) {
            ("ok", _) => (Stage::Ok, None, Value::Null),
            ("fail", _) => (Stage::Fail, None, Value::Null),
            ("info", _) => (Stage::Info, None, Value::Null),
            (_, Some((operation, key))) => (Stage::Invoke, Some(operation.to_owned()), key.into()),
            (operation, None) => (Stage::Invoke, Some(operation.to_owned()), Value::Null),
        };
        Line { process, stage, operation, key, value, time: None }
    };
    History::new(events.iter().map(read))
}

fn judged(model: ModelName, events: &[&str]) -> Judgement {
    judge(&told(events), model, BUDGET).expect("the history is well formed")
}

fn holds(model: ModelName, events: &[&str]) {
    let judgement = judged(model, events);
    assert_eq!(judgement.verdict, Verdict::Holds, "{model}: {events:#?}");
}

/// The window of a history that must be violated: its calls with their answers.
fn violated(model: ModelName, events: &[&str]) -> Vec<String> {
    calls(&window(model, events))
}

fn window(model: ModelName, events: &[&str]) -> Window {
    match judged(model, events).verdict {
        Verdict::Violated { window } => window,
        other => panic!("{model}: {other:?} for {events:#?}"),
    }
}

fn calls(window: &Window) -> Vec<String> {
    let show = |shown: &super::Shown| {
        format!("{} {} -> {}", shown.process, shown.call, shown.answer.as_deref().unwrap_or("?"))
    };
    window.operations.iter().map(show).collect()
}
