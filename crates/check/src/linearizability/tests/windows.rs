//! What is shown of a violation: enough, and no more.

use super::against_permutations::any_order;
use super::objects::{Dice, Recipe, history};
use super::{BUDGET, calls, told, window};
use crate::linearizability::frontier::Budget;
use crate::linearizability::narrow::{Narrowed, narrow};
use crate::linearizability::search::{Found, Search};
use crate::linearizability::{Line, Model, ModelName, Operation, Register, Verdict, Vocabulary, Znode, judge};

/// Narrows down, if the operations are not linearizable.
fn narrowed<V: Vocabulary>(vocabulary: &V, lines: &[Line]) -> Option<Narrowed<V>> {
    let operations = history(lines).operations(vocabulary).expect("well formed");
    match Search::new(vocabulary, &operations).run(&mut Budget::new(BUDGET)) {
        Found::Stuck(stage) => Some(narrow(vocabulary, &operations, stage, BUDGET)),
        _ => None,
    }
}

fn is_explained<M: Model>(model: &M, narrowed: &Narrowed<M>) -> bool {
    narrowed.starts.iter().any(|start| any_order(model, &start.state, &narrowed.operations))
}

/// Whether there is an order of these operations and of any of the others of the history, at whatever time.
fn is_explained_whatever_the_others_did<V: Vocabulary>(
    vocabulary: &V,
    lines: &[Line],
    shown: &[Operation<V::Input, V::Output>],
) -> bool {
    let mut all = history(lines).operations(vocabulary).expect("well formed");
    let end = shown.iter().filter_map(|operation| operation.answered.as_ref()).map(|(_, moment)| moment.line).max();
    all.retain(|other| {
        Some(other.invoked.line) < end
            && !vocabulary.observes(&other.input, other.answer())
            && !shown.iter().any(|operation| operation.invoked == other.invoked)
    });
    for operation in &mut all {
        operation.invoked.line = 0;
        operation.answered = None;
    }
    all.extend_from_slice(shown);
    matches!(Search::new(vocabulary, &all).run(&mut Budget::new(BUDGET)), Found::Passed(_))
}

/// Histories with an answer that another one had.
fn spoiled(model: ModelName, operations: usize, seed: u64) -> Vec<Line> {
    let dice = &mut Dice(seed);
    let recipe = Recipe { model, operations, processes: 3, keys: 1, values: 3, doubt: 4 };
    let mut lines = recipe.history(seed);
    let looks = Recipe::looks(&lines);
    if !looks.is_empty() {
        let (one, other) = (looks[dice.below(looks.len())], looks[dice.below(looks.len())]);
        lines[one].value = lines[other].value.clone();
    }
    lines
}

fn windows_are_enough_and_minimal<V: Vocabulary>(vocabulary: &V, model: ModelName) {
    let mut seen = 0;
    for seed in 0..300 {
        let lines = &spoiled(model, 14, seed);
        let Some(mut narrowed) = narrowed(vocabulary, lines) else { continue };
        let text = format!("{model}, seed {seed}: {:#?}", narrowed.operations);
        assert!(narrowed.minimal, "{text}");
        if narrowed.operations.len() > 8 {
            continue;
        }
        seen += 1;
        assert!(!is_explained(vocabulary, &narrowed), "it is a violation by itself: {text}");
        let returned = |index: &usize| narrowed.operations[*index].answered.as_ref().map(|(_, moment)| *moment);
        let last = (0..narrowed.operations.len()).max_by_key(returned).expect("there are some");
        assert!(!is_explained_whatever_the_others_did(vocabulary, lines, &narrowed.operations), "{text}");
        for index in 0..narrowed.operations.len() {
            let operation = &narrowed.operations[index];
            if operation.answered.is_some() && vocabulary.observes(&operation.input, operation.answer()) {
                let mut fewer = narrowed.operations.clone();
                fewer.remove(index);
                let explained = is_explained_whatever_the_others_did(vocabulary, lines, &fewer);
                assert!(explained, "{index} is not needed: {text}");
            }
        }
        narrowed.operations[last].answered = None;
        assert!(is_explained(vocabulary, &narrowed), "only the last answer is impossible: {text}");
    }
    assert!(seen > 30, "{model}: {seen} violations");
}

#[test]
fn a_window_is_a_violation_of_which_nothing_can_be_left_out() {
    windows_are_enough_and_minimal(&Register, ModelName::Register);
    windows_are_enough_and_minimal(&Znode, ModelName::Znode);
}

#[test]
fn what_has_nothing_to_do_with_it_is_not_shown() {
    let events = [
        "a write 1",
        "a ok",
        "d read",
        "d ok 1",
        "b write 2",
        "e write 5",
        "e info",
        "b ok",
        "d read",
        "d ok 2",
        "f write 6",
        "c read",
        "c ok 1",
        "f ok",
        "c read",
        "c ok 6",
    ];
    let window = window(ModelName::Register, &events);
    assert_eq!(calls(&window), ["a write 1 -> done", "b write 2 -> done", "c read -> 1"]);
    assert_eq!(window.before, ["null"]);
    assert_eq!(
        window.to_string(),
        "  before: null\n  \
           a  write 1 -> done  lines 1-2\n  \
           b  write 2 -> done  lines 5-8\n  \
           c  read    -> 1     lines 12-13  <- impossible"
    );
}

#[test]
fn a_window_late_in_a_long_history_begins_with_what_is_possible_there() {
    let recipe = Recipe { model: ModelName::Register, operations: 3_000, processes: 6, keys: 1, values: 50, doubt: 1 };
    let mut lines = recipe.history(11);
    let late: Vec<usize> = Recipe::looks(&lines).into_iter().filter(|index| *index > 5_000).collect();
    lines[late[0]].value = lines[late[0]].value.as_u64().map(|value| 1_000 + value).into();
    let Verdict::Violated { window } = judge(&history(&lines), recipe.model, BUDGET).expect("well formed").verdict
    else {
        panic!("that was never written");
    };
    assert_eq!(window.operations.len(), 1);
    assert!(!window.before.is_empty());
    assert_eq!(window.operations[0].answered_line, Some(late[0] + 1));
}

#[test]
fn a_spent_budget_is_no_answer() {
    let events = ["a write 1", "b write 2", "a ok", "b ok", "c read", "c ok 1"];
    let judgement = judge(&told(&events), ModelName::Register, 2).expect("well formed");
    assert_eq!(judgement.verdict, Verdict::Unknown { parts: vec![String::new()] });
    assert_eq!(judgement.states, 2);
    let judgement = judge(&told(&events), ModelName::Register, 100).expect("well formed");
    assert_eq!(judgement.verdict, Verdict::Holds);
}
