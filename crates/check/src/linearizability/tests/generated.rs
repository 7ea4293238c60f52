//! Histories of real objects.

use serde_json::json;

use super::objects::{Dice, Recipe, history};
use super::{BUDGET, calls};
use crate::linearizability::{ModelName, Verdict, judge};

#[test]
fn histories_of_real_objects_hold() {
    for model in ModelName::ALL {
        for seed in 0..150 {
            for (processes, doubt, values) in [(2, 0, 3), (5, 10, 4), (9, 3, 1_000)] {
                let recipe = Recipe { model, operations: 60, processes, keys: 2, values, doubt };
                let judgement = judge(&history(&recipe.history(seed)), model, BUDGET).expect("well formed");
                assert_eq!(judgement.verdict, Verdict::Holds, "{recipe:?}, seed {seed}");
            }
        }
    }
}

#[test]
fn histories_with_an_impossible_answer_do_not() {
    for model in ModelName::ALL {
        let mut changed = 0;
        for seed in 0..150 {
            let recipe = Recipe { model, operations: 40, processes: 5, keys: 2, values: 4, doubt: 8 };
            let mut lines = recipe.history(seed);
            let looks = Recipe::looks(&lines);
            if looks.is_empty() {
                continue;
            }
            let place = looks[Dice(seed).below(looks.len())];
            lines[place].value = match model {
                ModelName::Znode => json!({"data": "never", "version": 0}),
                ModelName::Sequence => json!(-1),
                _ => json!("never"),
            };
            changed += 1;
            let judgement = judge(&history(&lines), model, BUDGET).expect("well formed");
            let Verdict::Violated { window } = &judgement.verdict else {
                panic!("{recipe:?}, seed {seed}: {:?} states {}", judgement.verdict, judgement.states)
            };
            let last = window.operations.iter().filter_map(|shown| shown.answered_line).max();
            assert_eq!(last, Some(place + 1), "{recipe:?}, seed {seed}");
            // Of appends there are too many combinations to be sure that none of them can be left out.
            if window.minimal {
                assert_eq!(window.operations.len(), 1, "{recipe:?}, seed {seed}: {:#?}", calls(window));
            }
            assert!(window.minimal || model == ModelName::KeyValue, "{recipe:?}, seed {seed}");
        }
        assert!(changed > 100);
    }
}

#[test]
fn ten_thousand_operations_of_ten_processes_are_few_states() {
    for model in ModelName::ALL {
        // Which order of many appends was the right one is known only when somebody looks, and any of the numbers under
        // way may be passed over: they need more keys.
        let needs_room = matches!(model, ModelName::KeyValue | ModelName::Sequence);
        let crowded = if needs_room { [(10, 0), (50, 1)] } else { [(1, 0), (10, 1)] };
        for (keys, doubt) in crowded {
            let recipe = Recipe { model, operations: 10_000, processes: 10, keys, values: 100, doubt };
            let judgement = judge(&history(&recipe.history(7)), model, 1_000_000).expect("well formed");
            assert_eq!(judgement.verdict, Verdict::Holds, "{recipe:?}");
            assert!(judgement.states < 100_000, "{recipe:?}: {}", judgement.states);
        }
    }
}

#[test]
fn what_was_found_is_a_function_of_the_history() {
    let recipe = Recipe { model: ModelName::Znode, operations: 60, processes: 6, keys: 2, values: 3, doubt: 10 };
    let mut lines = recipe.history(3);
    let look = Recipe::looks(&lines)[5];
    lines[look].value = json!({"data": 1, "version": 700});
    let first = judge(&history(&lines), recipe.model, BUDGET).expect("well formed");
    assert_eq!(judge(&history(&lines), recipe.model, BUDGET), Ok(first));
}
