//! What a search has met, and what it will go on with.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::hash::Hash;

use indexmap::{IndexMap, IndexSet};

use super::bits::Bits;

/// The budget was spent.
#[derive(Debug)]
pub(super) struct Spent;

/// How much of the budget is left.
#[derive(Debug)]
pub(super) struct Budget {
    limit: u64,
    spent: u64,
}

impl Budget {
    pub(super) fn new(limit: u64) -> Budget {
        Budget { limit, spent: 0 }
    }

    /// How many states were explored.
    pub(super) fn spent(&self) -> u64 {
        self.spent
    }

    fn spend(&mut self) -> Result<(), Spent> {
        if self.spent == self.limit {
            return Err(Spent);
        }
        self.spent += 1;
        Ok(())
    }
}

/// How far a search goes.
#[derive(Clone, Copy)]
pub(super) struct Goal {
    /// So many returns are to be passed.
    pub(super) stage: usize,
    /// Whether to look for all ways there.
    pub(super) all: bool,
}

/// So many sets of calls are compared for one state.
const COMPARED: usize = 64;

/// Where a search is.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Configuration {
    /// So many returns were passed.
    pub(super) stage: usize,
    /// The calls that took effect and have not returned yet, by slot.
    pub(super) closed: Bits,
    /// The calls under way since whose invocation the state was overwritten, by slot: they can have taken effect just
    /// before that.
    pub(super) overwritten: Bits,
    /// The open-ended calls that took effect.
    pub(super) open: Bits,
    /// The state, by number.
    pub(super) state: usize,
}

/// What is still to be tried from a configuration, in this order. Most are left with the first.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Try {
    /// The call that is to return takes effect.
    Returning,
    /// Another call takes effect that is under way.
    UnderWay,
    /// An open-ended call takes effect.
    Open,
}

/// How a configuration was come by.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Arrival {
    /// So many steps were taken for the return that is to be passed.
    pub(super) cost: u32,
    /// Whether an open-ended call took effect last.
    pub(super) after_open: bool,
}

/// A configuration that waits for its turn.
#[derive(PartialEq, Eq)]
pub(super) struct Waiting {
    pub(super) configuration: Configuration,
    pub(super) next: Try,
    pub(super) cost: u32,
    pub(super) after_open: bool,
    sequence: u64,
}

impl Ord for Waiting {
    /// The greatest is continued first.
    fn cmp(&self, other: &Waiting) -> Ordering {
        let key = |waiting: &Waiting| (waiting.configuration.stage, Reverse(waiting.cost), Reverse(waiting.sequence));
        key(self).cmp(&key(other))
    }
}

impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Waiting) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// What one run of a search remembers.
pub(super) struct Frontier<'b, S> {
    pub(super) goal: Goal,
    /// The configurations that reached the goal.
    pub(super) arrived: Vec<Configuration>,
    budget: &'b mut Budget,
    states: IndexSet<S>,
    /// With which sets of open-ended calls used up, and of calls overwritten, a configuration was met; from none of them
    /// more is possible than from another one. There is an end to them, for each is compared with each.
    met: IndexMap<(usize, Bits, usize), Vec<(Bits, Bits)>>,
    /// What was met beyond that.
    met_beyond: IndexSet<Configuration>,
    waiting: BinaryHeap<Waiting>,
    sequence: u64,
}

impl<'b, S: Eq + Hash> Frontier<'b, S> {
    pub(super) fn new(goal: Goal, budget: &'b mut Budget) -> Frontier<'b, S> {
        Frontier {
            goal,
            arrived: Vec::new(),
            budget,
            states: IndexSet::new(),
            met: IndexMap::new(),
            met_beyond: IndexSet::new(),
            waiting: BinaryHeap::new(),
            sequence: 0,
        }
    }

    /// The number of a state.
    pub(super) fn intern(&mut self, state: S) -> usize {
        self.states.insert_full(state).0
    }

    pub(super) fn state(&self, configuration: &Configuration) -> &S {
        &self.states[configuration.state]
    }

    /// Whether one way to the goal is not enough, or none was found yet.
    pub(super) fn goes_on(&self) -> bool {
        self.goal.all || self.arrived.is_empty()
    }

    /// The next one to go on with.
    pub(super) fn pop(&mut self) -> Option<Waiting> {
        self.waiting.pop()
    }

    pub(super) fn wait(&mut self, configuration: Configuration, next: Try, arrival: Arrival) {
        let Arrival { cost, after_open } = arrival;
        self.sequence += 1;
        self.waiting.push(Waiting { configuration, next, cost, after_open, sequence: self.sequence });
    }

    /// Adds a configuration, unless it was met before.
    pub(super) fn add(&mut self, configuration: Configuration, arrival: Arrival) -> Result<(), Spent> {
        if !self.is_new(&configuration) {
            return Ok(());
        }
        self.budget.spend()?;
        if configuration.stage == self.goal.stage {
            self.arrived.push(configuration);
        } else {
            self.wait(configuration, Try::Returning, arrival);
        }
        Ok(())
    }

    /// Whether this was not met, nor anything from which more is possible.
    fn is_new(&mut self, configuration: &Configuration) -> bool {
        let Configuration { stage, closed, overwritten, open, state } = configuration;
        let met = self.met.entry((*stage, closed.clone(), *state)).or_default();
        if met.iter().any(|earlier| earlier.0.is_subset(open) && overwritten.is_subset(&earlier.1)) {
            return false;
        }
        met.retain(|earlier| !(open.is_subset(&earlier.0) && earlier.1.is_subset(overwritten)));
        if met.len() < COMPARED {
            met.push((open.clone(), overwritten.clone()));
            return true;
        }
        self.met_beyond.insert(configuration.clone())
    }
}
