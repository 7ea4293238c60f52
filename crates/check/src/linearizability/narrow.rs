//! From a history that no order explains to the few operations that show why.
//!
//! To leave an operation out is not always sound: without its write, any read is wrong. So this is what is done:
//! 1. The history is cut behind the first return that no order gets past. What has not returned by then is open-ended.
//! 2. If that is long, it is cut in front too: the window begins with all the configurations that are possible there.
//! 3. An operation is *dropped* if the violation is there even when it may take effect at any time, once or never.
//!    Whatever it really did, it does not matter.
//! 4. What was dropped comes back where it is needed to explain the other answers: those before the last one must not
//!    look impossible as well.

use super::frontier::{Budget, Goal};
use super::search::{Found, Search, Start};
use super::{Model, Operation, Operations};

/// So many returns are looked at; what lies before is a matter of the states that the window begins with.
const WINDOW: usize = 40;

/// So many states an attempt to make the window smaller may cost: there are many attempts.
const ATTEMPT: u64 = 30_000;

/// A small part of a history that is not linearizable.
pub(super) struct Narrowed<M: Model> {
    /// Where the object may be when it begins; what took effect by then are indices into the operations.
    pub(super) starts: Vec<Start<M::State>>,
    /// The operations, by their invocation.
    pub(super) operations: Operations<M>,
    /// Whether none of them can be left out.
    pub(super) minimal: bool,
}

/// Narrows down a history that was found not to be linearizable, beyond `stuck`.
pub(super) fn narrow<M: Model>(
    model: &M,
    operations: &[Operation<M::Input, M::Output>],
    stuck: usize,
    budget: u64,
) -> Narrowed<M> {
    let prefix = shortest_prefix(model, operations, stuck, budget);
    let Some(narrowed) = cut_front(model, prefix.clone(), budget) else {
        let start = Start::new(model.initial());
        return Narrowed { starts: vec![start], operations: prefix, minimal: false };
    };
    let window = Reduction { model, starts: narrowed.starts, operations: narrowed.operations };
    let (needed, is_minimal) = window.needed(budget);
    let (shown, is_explained) = window.explained(&needed, budget);
    let Reduction { starts, operations, .. } = window.only(&shown);
    Narrowed { starts, operations, minimal: is_minimal && is_explained }
}

/// What was seen up to a line.
fn seen<I: Clone, O: Clone>(operations: &[Operation<I, O>], line: usize) -> Vec<Operation<I, O>> {
    let begun = operations.iter().filter(|operation| operation.invoked.line <= line);
    let cut = begun.map(|operation| {
        let answered = operation.answered.clone().filter(|(_, moment)| moment.line <= line);
        Operation { answered, ..operation.clone() }
    });
    cut.collect()
}

/// The history up to the first return that no order gets past.
///
/// The search knows what is answered later, so that it may be stuck a bit too early: the right return is looked for from
/// there on. Every longer prefix of a prefix that is not linearizable is not linearizable.
fn shortest_prefix<M: Model>(
    model: &M,
    operations: &[Operation<M::Input, M::Output>],
    stuck: usize,
    budget: u64,
) -> Operations<M> {
    let whole = Search::new(model, operations);
    let up_to = |stage: usize| seen(operations, whole.line(stage));
    let is_violated =
        |stage: usize| matches!(Search::new(model, &up_to(stage)).run(&mut Budget::new(budget)), Found::Stuck(_));
    let last = whole.stages() - 1;
    // All before `low` are linearizable, as far as is known; `high` is not.
    let (mut low, mut high, mut stride) = (stuck, stuck, 1);
    while high < last && !is_violated(high) {
        low = high + 1;
        high = (high + stride).min(last);
        stride *= 2;
    }
    while low < high {
        let middle = low + (high - low) / 2;
        if is_violated(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    up_to(high)
}

/// Leaves out what returned long before the end. `None` if it costs too much to know what is possible there.
fn cut_front<M: Model>(model: &M, prefix: Operations<M>, budget: u64) -> Option<Narrowed<M>> {
    let search = Search::new(model, &prefix);
    let beginning = Start::new(model.initial());
    if search.stages() <= WINDOW {
        return Some(Narrowed { starts: vec![beginning], operations: prefix, minimal: false });
    }
    let mut fewest: Option<(usize, Vec<Start<M::State>>)> = None;
    for stage in [search.stages() - WINDOW, search.stages() - WINDOW * 3 / 4, search.stages() - WINDOW / 2] {
        let goal = Goal { stage, all: true };
        if let Found::Passed(starts) = search.run_from(std::slice::from_ref(&beginning), goal, &mut Budget::new(budget))
            && fewest.as_ref().is_none_or(|(_, fewest)| starts.len() < fewest.len())
        {
            fewest = Some((stage, starts));
        }
    }
    let (stage, starts) = fewest?;
    let beyond = search.beyond(stage);
    let Reduction { starts, operations, .. } = Reduction { model, starts, operations: prefix }.only(&beyond);
    Some(Narrowed { starts, operations, minimal: false })
}

/// A window on its way to become smaller.
struct Reduction<'a, M: Model> {
    model: &'a M,
    starts: Vec<Start<M::State>>,
    operations: Operations<M>,
}

impl<'a, M: Model> Reduction<'a, M> {
    /// The same with these operations only. What the others did before the window begins stays done.
    fn only(&self, chosen: &[usize]) -> Reduction<'a, M> {
        let operations: Operations<M> = chosen.iter().map(|index| self.operations[*index].clone()).collect();
        self.with(operations, chosen)
    }

    /// The same starts for other operations, of which `origins` says which ones of ours they are.
    fn with(&self, operations: Operations<M>, origins: &[usize]) -> Reduction<'a, M> {
        let place = |operation: &usize| origins.iter().position(|origin| origin == operation);
        let mut starts: Vec<Start<M::State>> = Vec::new();
        for start in &self.starts {
            let effective = start.effective.iter().filter_map(place).collect();
            let overwritten = start.overwritten.iter().filter_map(place).collect();
            let start = Start { state: start.state.clone(), effective, overwritten };
            if !starts.contains(&start) {
                starts.push(start);
            }
        }
        Reduction { model: self.model, starts, operations }
    }

    fn search(&self, budget: u64) -> Found<M::State> {
        let search = Search::new(self.model, &self.operations);
        let goal = Goal { stage: search.stages(), all: false };
        search.run_from(&self.starts, goal, &mut Budget::new(budget.min(ATTEMPT)))
    }

    /// The operation that returns last.
    fn last(&self) -> usize {
        let returned = |index: &usize| self.operations[*index].returned();
        (0..self.operations.len()).max_by_key(returned).expect("a violation has operations")
    }

    /// Whether an operation is of no use to others, given its answer.
    fn observes(&self, index: usize) -> bool {
        let operation = &self.operations[index];
        self.model.observes(&operation.input, operation.answer())
    }

    /// The operations without which there is no violation, and whether that is known of all of them.
    ///
    /// To drop fewer makes no violation go away, so that each needs to be tried once.
    fn needed(&self, budget: u64) -> (Vec<usize>, bool) {
        let last = self.last();
        let mut is_minimal = true;
        let mut needed: Vec<usize> = (0..self.operations.len()).collect();
        // What was observed goes first: a write whose effect was observed needs no time of its own any more, but to say
        // when it was is shorter than to say who saw it.
        let mut candidates: Vec<usize> = needed.iter().copied().filter(|candidate| *candidate != last).collect();
        candidates.sort_by_key(|candidate| !self.observes(*candidate));
        for candidate in candidates {
            let without: Vec<usize> = needed.iter().copied().filter(|index| *index != candidate).collect();
            match self.dropping_all_but(&without).search(budget) {
                Found::Stuck(_) => needed = without,
                Found::Passed(_) => {}
                Found::OutOfBudget => is_minimal = false,
            }
        }
        (needed, is_minimal)
    }

    /// The same where all other operations may take effect at any time, once or never.
    fn dropping_all_but(&self, kept: &[usize]) -> Reduction<'a, M> {
        let dropped = (0..self.operations.len()).filter(|index| !kept.contains(index) && !self.observes(*index));
        let mut origins: Vec<usize> = dropped.collect();
        let mut operations: Operations<M> = Vec::new();
        for index in &origins {
            let mut operation = self.operations[*index].clone();
            operation.invoked.line = 0;
            operation.answered = None;
            operations.push(operation);
        }
        origins.extend(kept);
        operations.extend(kept.iter().map(|index| self.operations[*index].clone()));
        self.with(operations, &origins)
    }

    /// The needed operations and as few others as explain all answers but the last one; and whether that is known.
    fn explained(&self, needed: &[usize], budget: u64) -> (Vec<usize>, bool) {
        let is_needed = |index: &usize| needed.contains(index);
        let mut is_known = true;
        let mut shown: Vec<usize> =
            (0..self.operations.len()).filter(|index| is_needed(index) || !self.observes(*index)).collect();
        loop {
            let before = shown.len();
            // Later ones first: what explained nothing but them goes with them.
            for candidate in shown.clone().into_iter().rev().filter(|index| !is_needed(index)) {
                let without: Vec<usize> = shown.iter().copied().filter(|index| *index != candidate).collect();
                let mut rest = self.only(&without);
                let last = rest.last();
                rest.operations[last].answered = None;
                match rest.search(budget) {
                    Found::Passed(_) => shown = without,
                    Found::Stuck(_) => {}
                    Found::OutOfBudget => is_known = false,
                }
            }
            if shown.len() == before {
                return (shown, is_known);
            }
        }
    }
}
