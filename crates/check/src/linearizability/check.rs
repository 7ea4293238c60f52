//! The questions that can be asked.

use std::collections::BTreeMap;

use super::frontier::Budget;
use super::judgement::{Judgement, Verdict, Window};
use super::narrow::narrow;
use super::search::{Found, Search};
use super::{
    CasRegister, History, HistoryError, KeyValue, Model, ModelName, Operation, Operations, Register, Sequence,
    Vocabulary, Znode,
};

/// Whether the operations, in the order of their invocations, are those of a linearizable object.
///
/// Each part of the object is checked by itself, and may cost `budget` states. So may the search for the few operations
/// that show what is wrong.
pub fn check<M: Model>(model: &M, operations: &[Operation<M::Input, M::Output>], budget: u64) -> Judgement {
    let mut parts: BTreeMap<String, Operations<M>> = BTreeMap::new();
    for operation in operations {
        parts.entry(model.partition(&operation.input)).or_default().push(operation.clone());
    }
    let mut states = 0;
    let mut undecided = Vec::new();
    let mut violated: Vec<(usize, usize, &String)> = Vec::new();
    for (part, operations) in &parts {
        let search = Search::new(model, operations);
        let mut left = Budget::new(budget);
        match search.run(&mut left) {
            Found::Passed(_) => {}
            Found::Stuck(stage) => violated.push((search.line(stage), stage, part)),
            Found::OutOfBudget => undecided.push(part.clone()),
        }
        states += left.spent();
    }
    let earliest = violated.iter().min();
    let verdict = match earliest {
        Some((_, stage, part)) => {
            let narrowed = narrow(model, &parts[*part], *stage, budget);
            Verdict::Violated { window: Window::new(model, part, &narrowed) }
        }
        None if undecided.is_empty() => Verdict::Holds,
        None => Verdict::Unknown { parts: undecided },
    };
    Judgement { verdict, operations: operations.len(), parts: parts.len(), states }
}

/// Whether a history is linearizable, by the name of a model. See [`check`].
///
/// # Errors
/// The first line of the history that the model does not understand.
pub fn judge(history: &History, model: ModelName, budget: u64) -> Result<Judgement, HistoryError> {
    fn with<V: Vocabulary>(vocabulary: &V, history: &History, budget: u64) -> Result<Judgement, HistoryError> {
        Ok(check(vocabulary, &history.operations(vocabulary)?, budget))
    }
    match model {
        ModelName::Register => with(&Register, history, budget),
        ModelName::Cas => with(&CasRegister, history, budget),
        ModelName::KeyValue => with(&KeyValue, history, budget),
        ModelName::Znode => with(&Znode, history, budget),
        ModelName::Sequence => with(&Sequence, history, budget),
    }
}
