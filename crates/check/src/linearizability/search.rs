//! The search for an order that explains the answers.
//!
//! The history is walked from return to return, and calls take effect *just in time* (Lowe, "Testing for
//! linearizability", 2017): only when a return cannot be passed otherwise. A configuration is the return that is to be
//! passed next, the calls that took effect though they have not returned, and the state. Two configurations with the
//! same future are met once. Beyond that four things keep the search small, each without changing its answer:
//! - A call that only observes takes effect as soon as it can.
//! - An open-ended call takes effect only where that is of use: of two configurations that differ only in which
//!   open-ended calls were used up, the one that used fewer *dominates* the other, which is dropped. Of equal calls the
//!   earlier one is used first.
//! - What is directly followed by a call that overwrites the state was in vain. So a write takes effect before its return
//!   only if somebody is there to see it; and when it returns it may have been overwritten at once, if the state was
//!   overwritten since its invocation. Without this, the subsets of all writes under way would be tried.
//! - The configuration that has passed most returns is continued first, and among those the one that took least for it.
//!
//! It is a loop over a heap, so that no history is deep enough to exhaust the stack.

use indexmap::IndexMap;

use super::bits::Bits;
use super::frontier::{Arrival, Budget, Configuration, Frontier, Goal, Spent, Try, Waiting};
use super::{Model, Operation};

/// The calls of one part of an object, prepared for the search.
pub(super) struct Search<'a, M: Model> {
    model: &'a M,
    operations: &'a [Operation<M::Input, M::Output>],
    /// The calls that returned, by their return: one stage of the search each.
    stages: Vec<Stage>,
    /// The open-ended calls that can be of use, by their invocation.
    open: Vec<Open>,
    /// The place of each closed call in the set of those that took effect before they returned.
    slots: Vec<usize>,
}

struct Stage {
    /// The call that is to return.
    operation: usize,
    /// The calls under way, itself included, by their return.
    closed: Vec<u32>,
    /// So many of the open-ended calls were invoked before.
    open: usize,
}

struct Open {
    operation: usize,
    /// An earlier call that is the same.
    same: Option<usize>,
}

/// Where the object may be when a search begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Start<S> {
    pub(super) state: S,
    /// The calls that took effect already.
    pub(super) effective: Vec<usize>,
    /// The calls under way that can have taken effect without a trace, for the state was overwritten since.
    pub(super) overwritten: Vec<usize>,
}

impl<S> Start<S> {
    /// A state in which nothing is under way.
    pub(super) fn new(state: S) -> Start<S> {
        Start { state, effective: Vec::new(), overwritten: Vec::new() }
    }
}

/// What a search found.
pub(super) enum Found<S> {
    /// An order, up to the stage that was asked for; or all of the ways there, if all were asked for.
    Passed(Vec<Start<S>>),
    /// No order gets past this stage.
    Stuck(usize),
    /// The budget was spent.
    OutOfBudget,
}

impl<'a, M: Model> Search<'a, M> {
    /// Prepares the search. The operations are in the order of their invocations.
    pub(super) fn new(model: &'a M, operations: &'a [Operation<M::Input, M::Output>]) -> Search<'a, M> {
        assert!(operations.is_sorted_by_key(|operation| operation.invoked.line), "operations are in order");
        let mut returns: Vec<(usize, usize)> =
            operations.iter().enumerate().filter_map(|(index, call)| Some((call.returned()?, index))).collect();
        returns.sort_unstable();

        let mut open = Vec::new();
        let mut latest = IndexMap::new();
        for (operation, call) in operations.iter().enumerate() {
            if call.answered.is_none() && !model.observes(&call.input, None) {
                let same = latest.insert(&call.input, open.len());
                open.push(Open { operation, same });
            }
        }

        let mut stages = Vec::with_capacity(returns.len());
        let mut slots = vec![usize::MAX; operations.len()];
        let mut free: Vec<usize> = Vec::new();
        let mut under_way: Vec<u32> = Vec::new();
        let (mut invoked, mut open_invoked, mut width) = (0, 0, 0);
        for (line, operation) in returns {
            while invoked < operations.len() && operations[invoked].invoked.line < line {
                if let Some(returned) = operations[invoked].returned() {
                    slots[invoked] = free.pop().unwrap_or_else(|| {
                        width += 1;
                        width - 1
                    });
                    let place =
                        under_way.partition_point(|other| operations[*other as usize].returned() < Some(returned));
                    under_way.insert(place, u32::try_from(invoked).expect("a history is no longer than that"));
                }
                invoked += 1;
            }
            while open_invoked < open.len() && operations[open[open_invoked].operation].invoked.line < line {
                open_invoked += 1;
            }
            stages.push(Stage { operation, closed: under_way.clone(), open: open_invoked });
            assert_eq!(under_way.remove(0) as usize, operation, "a call is under way until it returns");
            free.push(slots[operation]);
        }
        Search { model, operations, stages, open, slots }
    }

    /// How many stages there are.
    pub(super) fn stages(&self) -> usize {
        self.stages.len()
    }

    /// The calls that do not return before the stage.
    pub(super) fn beyond(&self, stage: usize) -> Vec<usize> {
        let mut beyond: Vec<usize> = self.stages[stage..].iter().map(|stage| stage.operation).collect();
        beyond.extend(
            self.operations.iter().enumerate().filter(|(_, call)| call.answered.is_none()).map(|(index, _)| index),
        );
        beyond.sort_unstable();
        beyond
    }

    /// The line of the return that ends a stage.
    pub(super) fn line(&self, stage: usize) -> usize {
        self.operations[self.stages[stage].operation].returned().expect("a stage ends with a return")
    }

    /// Searches from the beginning for an order of the whole history.
    pub(super) fn run(&self, budget: &mut Budget) -> Found<M::State> {
        let start = Start::new(self.model.initial());
        self.run_from(&[start], Goal { stage: self.stages.len(), all: false }, budget)
    }

    /// Searches from any of the `starts`.
    pub(super) fn run_from(&self, starts: &[Start<M::State>], goal: Goal, budget: &mut Budget) -> Found<M::State> {
        let mut frontier = Frontier::new(goal, budget);
        for start in starts {
            let configuration = self.begin(start, &mut frontier);
            if self.arrive(configuration, Arrival::default(), &mut frontier).is_err() {
                return Found::OutOfBudget;
            }
        }
        let mut furthest = 0;
        while frontier.goes_on() {
            let Some(waiting) = frontier.pop() else { break };
            furthest = furthest.max(waiting.configuration.stage);
            if self.go_on(waiting, &mut frontier).is_err() {
                return Found::OutOfBudget;
            }
        }
        match frontier.arrived.is_empty() {
            true => Found::Stuck(furthest),
            false => Found::Passed(self.describe(&frontier)),
        }
    }

    fn begin(&self, start: &Start<M::State>, frontier: &mut Frontier<'_, M::State>) -> Configuration {
        let state = frontier.intern(start.state.clone());
        let (closed, overwritten, open) = (Bits::default(), Bits::default(), Bits::default());
        let mut configuration = Configuration { stage: 0, closed, overwritten, open, state };
        for operation in start.overwritten.iter().filter(|operation| self.operations[**operation].answered.is_some()) {
            configuration.overwritten.insert(self.slots[*operation]);
        }
        for operation in &start.effective {
            match self.open.iter().position(|open| open.operation == *operation) {
                Some(index) => configuration.open.insert(index),
                None if self.operations[*operation].answered.is_some() => {
                    configuration.closed.insert(self.slots[*operation]);
                }
                // An open-ended call that only observes is not searched for.
                None => {}
            }
        }
        configuration
    }

    /// Tries what is to be tried next from a configuration.
    fn go_on(&self, waiting: Waiting, frontier: &mut Frontier<'_, M::State>) -> Result<(), Spent> {
        let Waiting { configuration, next, cost, after_open, .. } = waiting;
        let stage = &self.stages[configuration.stage];
        let after = match next {
            Try::Returning => {
                let slot = self.slots[stage.operation];
                if configuration.overwritten.contains(slot) {
                    let mut child = configuration.clone();
                    child.closed.insert(slot);
                    self.arrive(child, Arrival { cost: cost + 1, after_open }, frontier)?;
                }
                self.try_closed(&configuration, stage.operation, cost, frontier)?;
                Some(Try::UnderWay)
            }
            Try::UnderWay => {
                // The first one is the one that is to return.
                for other in &stage.closed[1..] {
                    self.try_closed(&configuration, *other as usize, cost, frontier)?;
                }
                (stage.open > 0).then_some(Try::Open)
            }
            Try::Open => {
                for index in 0..stage.open {
                    self.try_open(&configuration, index, cost, after_open, frontier)?;
                }
                None
            }
        };
        if let Some(next) = after {
            frontier.wait(configuration, next, Arrival { cost: cost + 1, after_open });
        }
        Ok(())
    }

    fn try_closed(
        &self,
        configuration: &Configuration,
        operation: usize,
        cost: u32,
        frontier: &mut Frontier<'_, M::State>,
    ) -> Result<(), Spent> {
        let slot = self.slots[operation];
        if configuration.closed.contains(slot) {
            return Ok(());
        }
        let Some(state) = self.step(frontier.state(configuration), operation) else { return Ok(()) };
        let mut child = Configuration { state: frontier.intern(state), ..configuration.clone() };
        child.closed.insert(slot);
        if self.overwrites(operation) {
            let is_returning = self.stages[configuration.stage].operation == operation;
            if !is_returning && !self.is_of_use(&child, frontier) {
                return Ok(());
            }
            self.overwrite(&mut child);
        }
        self.arrive(child, Arrival { cost: cost + 1, after_open: false }, frontier)
    }

    fn try_open(
        &self,
        configuration: &Configuration,
        index: usize,
        cost: u32,
        after_open: bool,
        frontier: &mut Frontier<'_, M::State>,
    ) -> Result<(), Spent> {
        let Open { operation, same } = &self.open[index];
        let is_used = configuration.open.contains(index);
        let is_for_another = same.is_some_and(|same| !configuration.open.contains(same));
        let overwrites = self.overwrites(*operation);
        let is_in_vain = after_open && overwrites;
        if is_used || is_for_another || is_in_vain {
            return Ok(());
        }
        let Some(state) = self.step(frontier.state(configuration), *operation) else { return Ok(()) };
        let state = frontier.intern(state);
        if state == configuration.state {
            return Ok(());
        }
        let mut child = Configuration { state, ..configuration.clone() };
        child.open.insert(index);
        if !self.is_of_use(&child, frontier) {
            return Ok(());
        }
        if overwrites {
            self.overwrite(&mut child);
        }
        self.arrive(child, Arrival { cost: cost + 1, after_open: true }, frontier)
    }

    fn step(&self, state: &M::State, operation: usize) -> Option<M::State> {
        let call = &self.operations[operation];
        self.model.step(state, &call.input, call.answer())
    }

    fn overwrites(&self, operation: usize) -> bool {
        let call = &self.operations[operation];
        self.model.overwrites(&call.input, call.answer())
    }

    /// The calls under way that have not taken effect.
    fn under_way(&self, configuration: &Configuration) -> impl Iterator<Item = usize> {
        let closed = &configuration.closed;
        let under_way = self.stages[configuration.stage].closed.iter().map(|operation| *operation as usize);
        under_way.filter(|operation| !closed.contains(self.slots[*operation]))
    }

    /// The state was overwritten: what overwrites it too can have done so just before, and nobody would know.
    fn overwrite(&self, configuration: &mut Configuration) {
        let hidden: Vec<usize> =
            self.under_way(configuration).filter(|operation| self.overwrites(*operation)).collect();
        for operation in hidden {
            configuration.overwritten.insert(self.slots[operation]);
        }
    }

    /// Whether anything that depends on the state can take effect in it. Something must take effect before the next
    /// return: if all that can overwrites the state, then what led to it was in vain, or could have waited.
    fn is_of_use(&self, configuration: &Configuration, frontier: &Frontier<'_, M::State>) -> bool {
        let state = frontier.state(configuration);
        let depends = |operation: usize| !self.overwrites(operation) && self.step(state, operation).is_some();
        let unused = (0..self.stages[configuration.stage].open).filter(|index| !configuration.open.contains(*index));
        self.under_way(configuration).any(depends) || unused.map(|index| self.open[index].operation).any(depends)
    }

    /// Lets observations take effect and passes returns as long as that is possible without a choice; then the
    /// configuration waits for its turn, unless it was met before or has reached the goal.
    fn arrive(
        &self,
        mut configuration: Configuration,
        mut arrival: Arrival,
        frontier: &mut Frontier<'_, M::State>,
    ) -> Result<(), Spent> {
        while configuration.stage < frontier.goal.stage {
            let stage = &self.stages[configuration.stage];
            for other in &stage.closed {
                let (call, slot) = (&self.operations[*other as usize], self.slots[*other as usize]);
                if !configuration.closed.contains(slot)
                    && self.model.observes(&call.input, call.answer())
                    && self.step(frontier.state(&configuration), *other as usize).is_some()
                {
                    configuration.closed.insert(slot);
                    // Somebody has seen what the open-ended call did: it was not in vain.
                    arrival.after_open = false;
                }
            }
            let slot = self.slots[stage.operation];
            if !configuration.closed.contains(slot) {
                break;
            }
            configuration.closed.remove(slot);
            configuration.overwritten.remove(slot);
            configuration.stage += 1;
            arrival = Arrival::default();
        }
        frontier.add(configuration, arrival)
    }

    fn describe(&self, frontier: &Frontier<'_, M::State>) -> Vec<Start<M::State>> {
        let describe = |configuration: &Configuration| {
            let open = self.open.iter().enumerate().filter(|(index, _)| configuration.open.contains(*index));
            let mut effective: Vec<usize> = open.map(|(_, open)| open.operation).collect();
            let closed = self.stages.get(configuration.stage).map_or(&[][..], |stage| &stage.closed);
            let those_in = |bits: &Bits| {
                let closed = closed.iter().map(|other| *other as usize);
                closed.filter(|other| bits.contains(self.slots[*other])).collect::<Vec<usize>>()
            };
            effective.extend(those_in(&configuration.closed));
            effective.sort_unstable();
            let overwritten = those_in(&configuration.overwritten);
            Start { state: frontier.state(configuration).clone(), effective, overwritten }
        };
        frontier.arrived.iter().map(describe).collect()
    }
}
