//! Small histories, by trying all orders.

use serde_json::json;

use super::BUDGET;
use super::objects::{Dice, Recipe, history};
use crate::linearizability::{
    CasRegister, History, KeyValue, Line, Model, ModelName, Operation, Register, Sequence, Stage, Verdict, Vocabulary,
    Znode, check,
};

/// Whether any order explains the operations that are left. It remembers nothing and prunes nothing.
pub(super) fn any_order<M: Model>(model: &M, state: &M::State, left: &[Operation<M::Input, M::Output>]) -> bool {
    if left.iter().all(|operation| operation.answered.is_none()) {
        return true;
    }
    (0..left.len()).any(|index| {
        let next = &left[index];
        let precedes =
            |other: &Operation<_, _>| other.answered.as_ref().is_some_and(|(_, moment)| *moment < next.invoked);
        if left.iter().any(precedes) {
            return false;
        }
        let mut rest = left.to_vec();
        rest.remove(index);
        model.step(state, &next.input, next.answer()).is_some_and(|state| any_order(model, &state, &rest))
    })
}

fn agree<V: Vocabulary>(vocabulary: &V, history: &History) -> bool {
    let operations = history.operations(vocabulary).expect("well formed");
    let expected = any_order(vocabulary, &vocabulary.initial(), &operations);
    let found = check(vocabulary, &operations, BUDGET).verdict;
    assert_eq!(found == Verdict::Holds, expected, "{found:?}, but all orders say otherwise:\n{history}");
    assert!(!matches!(found, Verdict::Unknown { .. }));
    expected
}

/// Gives one call the answer of another one, or one that is often possible.
fn spoil(model: ModelName, lines: &mut [Line], dice: &mut Dice) {
    let looks = Recipe::looks(lines);
    let others: Vec<usize> = (0..lines.len())
        .filter(|index| lines[*index].stage == Stage::Ok && !looks.contains(index) && !lines[*index].value.is_null())
        .collect();
    if !looks.is_empty() {
        let (one, other) = (looks[dice.below(looks.len())], looks[dice.below(looks.len())]);
        lines[one].value = match (model, dice.below(3)) {
            (_, 0) => lines[other].value.clone(),
            (ModelName::Znode, _) => json!({"data": dice.below(2), "version": dice.below(3)}),
            (ModelName::KeyValue, _) => json!(["0;", "1;", "0;1;", "1;0;"][dice.below(4)]),
            _ => json!(dice.below(3)),
        };
    } else if !others.is_empty() {
        let one = others[dice.below(others.len())];
        lines[one].value = match (model, lines[one].value.as_bool()) {
            (_, Some(answer)) => json!(!answer),
            (ModelName::Znode, None) => json!({"version": dice.below(3)}),
            (_, None) => return,
        };
    }
}

#[test]
fn the_search_finds_what_trying_all_orders_finds() {
    for model in ModelName::ALL {
        let (mut held, mut violated) = (0, 0);
        for seed in 0..2_500 {
            let dice = &mut Dice(seed);
            let recipe = Recipe {
                model,
                operations: 2 + dice.below(6),
                processes: 2 + dice.below(5),
                keys: 1,
                values: 2 + dice.below(2),
                doubt: [0, 20, 40][dice.below(3)],
            };
            let mut lines = recipe.history(seed);
            if dice.below(4) > 0 {
                spoil(model, &mut lines, dice);
            }
            let history = history(&lines);
            let holds = match model {
                ModelName::Register => agree(&Register, &history),
                ModelName::Cas => agree(&CasRegister, &history),
                ModelName::KeyValue => agree(&KeyValue, &history),
                ModelName::Znode => agree(&Znode, &history),
                ModelName::Sequence => agree(&Sequence, &history),
            };
            if holds {
                held += 1;
            } else {
                violated += 1;
            }
        }
        assert!(held > 200 && violated > 200, "{model}: {held} held, {violated} violated: both must be common");
    }
}
