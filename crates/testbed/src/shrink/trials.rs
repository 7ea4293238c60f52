//! Trying candidates: each under several seeds of the scheduler, none twice, all within a bound of runs.
//!
//! It knows nothing of simulations: whether a plan fails is asked of an oracle, and the passes that propose candidates are
//! tested with oracles that only look at the plan.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::goal::Goal;
use super::{Effort, Progress, Size};
use crate::error::UserError;
use crate::outcome::Outcome;
use crate::plan::Plan;
use crate::schedule::{Fault, Schedule};

/// Says what comes of a plan.
pub(super) type Oracle<'a> = dyn FnMut(&Plan) -> Result<Outcome, UserError> + 'a;

/// Why no more candidates are tried.
#[derive(Debug)]
pub(super) enum Stop {
    /// All runs are spent.
    Spent,
    /// The oracle cannot answer.
    Mistake(UserError),
}

/// The plan that fails and is smallest so far, and all that was tried in vain.
pub(super) struct Trials<'a> {
    best: Plan,
    /// When the best plan fails.
    fails_at: Duration,
    goal: Goal,
    /// The seeds of the scheduler under which a candidate may fail.
    schedulers: Vec<u64>,
    runs: u32,
    bound: u32,
    accepted: u32,
    /// Whether only the scheduler under which the best plan fails is tried.
    is_thrifty: bool,
    /// Under which schedulers each candidate was tried, whatever came of it; those that were taken count as tried under all,
    /// for to go back to one would be to go in a circle.
    tried: BTreeMap<String, BTreeSet<u64>>,
    oracle: &'a mut Oracle<'a>,
    progress: &'a mut dyn FnMut(&Progress),
}

impl<'a> Trials<'a> {
    /// Begins with a plan; nothing if its run does not do what it is to do. `goal` makes that of what came of it.
    pub(super) fn begin(
        plan: &Plan,
        goal: impl FnOnce(&Outcome) -> Option<Goal>,
        effort: &Effort,
        oracle: &'a mut Oracle<'a>,
        progress: &'a mut dyn FnMut(&Progress),
    ) -> Result<Option<Trials<'a>>, UserError> {
        let outcome = oracle(plan)?;
        let Some(goal) = goal(&outcome) else { return Ok(None) };
        let Some(fails_at) = goal.met_at(&outcome) else { return Ok(None) };
        // Small numbers beside the plan's own: people read the file.
        let others = (1..).filter(|seed| *seed != plan.scheduler_seed);
        let others = others.take(effort.scheduler_seeds.saturating_sub(1) as usize);
        let schedulers: Vec<u64> = std::iter::once(plan.scheduler_seed).chain(others).collect();
        let tried = BTreeMap::from([(inputs(plan), schedulers.iter().copied().collect())]);
        let best = plan.clone();
        let bound = effort.runs;
        Ok(Some(Trials {
            best,
            fails_at,
            goal,
            schedulers,
            runs: 1,
            bound,
            accepted: 0,
            is_thrifty: false,
            tried,
            oracle,
            progress,
        }))
    }

    /// Tries candidates under one scheduler only, or under all of them.
    pub(super) fn be_thrifty(&mut self, is_thrifty: bool) {
        self.is_thrifty = is_thrifty;
    }

    /// The smallest plan so far.
    pub(super) fn best(&self) -> &Plan {
        &self.best
    }

    /// The faults of the smallest plan so far.
    pub(super) fn faults(&self) -> &[Fault] {
        &self.best.schedule.faults
    }

    /// When it fails.
    pub(super) fn fails_at(&self) -> Duration {
        self.fails_at
    }

    /// How many candidates were taken.
    pub(super) fn accepted(&self) -> u32 {
        self.accepted
    }

    /// How many runs were spent.
    pub(super) fn runs(&self) -> u32 {
        self.runs
    }

    /// Tries a plan, and takes it for the best if it fails in the same way under any of the schedulers. What does not fit
    /// together, or was tried before, costs no run.
    pub(super) fn accepts(&mut self, candidate: Plan) -> Result<bool, Stop> {
        let inputs = inputs(&candidate);
        if !candidate.fits() {
            return Ok(false);
        }
        // What failed last is likeliest to fail again.
        let first = self.best.scheduler_seed;
        let mut schedulers = self.schedulers.clone();
        schedulers.sort_by_key(|seed| *seed != first);
        schedulers.truncate(if self.is_thrifty { 1 } else { schedulers.len() });
        for scheduler_seed in schedulers {
            if self.tried.get(&inputs).is_some_and(|tried| tried.contains(&scheduler_seed)) {
                continue;
            }
            if self.runs >= self.bound {
                return Err(Stop::Spent);
            }
            self.runs += 1;
            let plan = Plan { scheduler_seed, ..candidate.clone() };
            let outcome = (self.oracle)(&plan).map_err(Stop::Mistake)?;
            let met_at = self.goal.met_at(&outcome);
            if let Some(fails_at) = met_at {
                (self.best, self.fails_at) = (plan, fails_at);
                self.accepted += 1;
            }
            (self.progress)(&Progress { runs: self.runs, bound: self.bound, size: Size::of(&self.best) });
            let tried = self.tried.entry(inputs.clone()).or_default();
            if met_at.is_some() {
                tried.extend(&self.schedulers);
                return Ok(true);
            }
            tried.insert(scheduler_seed);
        }
        Ok(false)
    }

    /// Tries the best plan with these faults in place of its own.
    pub(super) fn accepts_faults(&mut self, faults: Vec<Fault>) -> Result<bool, Stop> {
        self.accepts(Plan { schedule: Schedule::new(faults), ..self.best.clone() })
    }

    /// Tries the best plan with another fault at this place.
    pub(super) fn accepts_fault(&mut self, place: usize, fault: Fault) -> Result<bool, Stop> {
        let mut faults = self.faults().to_vec();
        faults[place] = fault;
        self.accepts_faults(faults)
    }

    /// Looks for the first of these values, the simplest first, with which the plan still fails. Where there are many it is
    /// looked for as if all values behind it failed, too. Says whether there was one.
    pub(super) fn simplest<T>(
        &mut self,
        values: &[T],
        mut candidate: impl FnMut(&Plan, &T) -> Plan,
    ) -> Result<bool, Stop> {
        /// So few are tried one by one.
        const FEW: usize = 4;
        let one_by_one = if values.len() <= FEW { values } else { &values[..1] };
        for value in one_by_one {
            if self.accepts(candidate(&self.best, value))? {
                return Ok(true);
            }
        }
        let (mut low, mut high) = (one_by_one.len(), values.len());
        while low < high {
            let middle = low.midpoint(high);
            match self.accepts(candidate(&self.best, &values[middle]))? {
                true => high = middle,
                false => low = middle + 1,
            }
        }
        Ok(high < values.len())
    }
}

/// All inputs of a plan but the seed of the scheduler.
fn inputs(plan: &Plan) -> String {
    Plan { scheduler_seed: plan.seed, ..plan.clone() }.to_saved(None).to_text()
}
