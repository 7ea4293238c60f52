//! Making a plan smaller for as long as it fails in the same way: from 57 faults to three.
//!
//! Passes, each in a file of its own, propose smaller plans: fewer [`faults`], fewer [`nodes`], earlier [`times`], a shorter
//! run ([`length`]), simpler [`kinds`] of faults, smaller numbers ([`dials`]), [`settings`] as they are by default. They go
//! round until none of them finds anything, or the runs are spent. A smaller plan is taken only if the same monitor speaks
//! first (where a run is kept for a point that it reaches: if it reaches that). It may do so under another seed of the
//! scheduler than the plan had, and keeps that one.
//!
//! What is left is small, not the smallest there is. The seed of the world is never changed, so that links, disks and
//! workloads draw what they drew. The result is a function of the plan and of the effort: no clock, no chance, one run after
//! the other.

mod dials;
mod faults;
mod goal;
mod kinds;
mod length;
mod nice;
mod nodes;
mod settings;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod times;
mod trials;

use std::fmt;
use std::time::Duration;

use history::Keep;

use crate::error::UserError;
use crate::execute::execute;
use crate::outcome::Outcome;
use crate::plan::Plan;
#[cfg(any(test, feature = "proptest"))]
use crate::roles::Roles;
#[cfg(any(test, feature = "proptest"))]
use crate::schedule::Fault;
use goal::Goal;
use trials::{Oracle, Stop, Trials};

/// What may be spent on making a plan smaller, and what must stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effort {
    /// How many runs at most.
    pub runs: u32,
    /// Under how many seeds of the scheduler each smaller plan is tried; its own is the first.
    pub scheduler_seeds: u32,
    /// Whether parameters beside the number of nodes and the length of the run may go back to their defaults.
    pub resets_parameters: bool,
    /// Whether faults are left out, and all else stays as it is. That takes the fewest runs.
    pub only_faults: bool,
}

impl Default for Effort {
    /// A thousand runs, three seeds of the scheduler, parameters may go back.
    fn default() -> Effort {
        Effort { runs: 1_000, scheduler_seeds: 3, resets_parameters: true, only_faults: false }
    }
}

impl Effort {
    /// The default, in so many runs at most.
    pub fn of_runs(runs: u32) -> Effort {
        Effort { runs, ..Effort::default() }
    }
}

/// How large a plan is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Its faults.
    pub faults: usize,
    /// The servers.
    pub servers: usize,
    /// The candidates.
    pub candidates: usize,
    /// The virtual time of the run.
    pub length: Duration,
}

impl Size {
    /// The size of a plan.
    pub fn of(plan: &Plan) -> Size {
        let roles = plan.roles();
        let (servers, candidates) = (roles.servers.len(), roles.candidates.len());
        Size { faults: plan.schedule.faults.len(), servers, candidates, length: plan.length() }
    }
}

/// How far it has got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// How many runs were spent.
    pub runs: u32,
    /// How many may be spent.
    pub bound: u32,
    /// The size of the smallest plan so far.
    pub size: Size,
}

/// A plan that fails in the same way and is smaller. In words: `57 faults -> 3, 5 candidates -> 2, 5m -> 1m (212 runs)`.
#[derive(Clone)]
pub struct Shrunk {
    /// The plan.
    pub plan: Plan,
    /// What came of it.
    pub outcome: Outcome,
    /// How many runs that took.
    pub runs: u32,
    /// How large the plan was.
    pub before: Size,
}

impl Shrunk {
    /// How large it is now.
    pub fn after(&self) -> Size {
        Size::of(&self.plan)
    }
}

impl fmt::Display for Shrunk {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (before, after) = (self.before, self.after());
        let things = |count: usize, thing: &str| format!("{count} {thing}{}", if count == 1 { "" } else { "s" });
        write!(formatter, "{} -> {}", things(before.faults, "fault"), after.faults)?;
        if before.servers != after.servers {
            write!(formatter, ", {} -> {}", things(before.servers, "server"), after.servers)?;
        }
        if before.candidates != after.candidates {
            write!(formatter, ", {} -> {}", things(before.candidates, "candidate"), after.candidates)?;
        }
        if before.length != after.length {
            write!(formatter, ", {} -> {}", crate::span::show(before.length), crate::span::show(after.length))?;
        }
        write!(formatter, " ({})", things(self.runs as usize, "run"))
    }
}

/// Leaves faults out for as long as `monitor` is the one that speaks first, under the plan's own seeds, in `runs` runs at
/// most. Nothing if it does not speak at all.
///
/// # Errors
/// If the plan does not fit together.
pub fn leave_faults_out(plan: &Plan, monitor: &str, runs: u32) -> Result<Option<Shrunk>, UserError> {
    let mut execute = |plan: &Plan| execute(plan, Keep::Nothing);
    let effort = Effort { scheduler_seeds: 1, only_faults: true, ..Effort::of_runs(runs) };
    shrink_with(plan, by(monitor), effort, &mut execute, &mut |_| ())
}

/// Makes a plan smaller for as long as `monitor` is the one that speaks first (`panic`: for as long as it panics with the
/// same words), in `runs` runs at most. Nothing if it does not speak at all. Parameters stay as they are, but for the number
/// of nodes and the length of the run.
///
/// # Errors
/// If the plan does not fit together.
pub fn shrink(plan: &Plan, monitor: &str, runs: u32) -> Result<Option<Shrunk>, UserError> {
    let mut execute = |plan: &Plan| execute(plan, Keep::Nothing);
    let effort = Effort { resets_parameters: false, ..Effort::of_runs(runs) };
    shrink_with(plan, by(monitor), effort, &mut execute, &mut |_| ())
}

/// Makes a plan smaller, whatever it fails by. Nothing if it holds. `progress` is told after each run how far it has got.
///
/// # Errors
/// If the plan does not fit together.
pub fn shrink_any(
    plan: &Plan,
    effort: Effort,
    progress: &mut dyn FnMut(&Progress),
) -> Result<Option<Shrunk>, UserError> {
    shrink_with(plan, Goal::to_fail_as, effort, &mut |plan| execute(plan, Keep::Nothing), progress)
}

/// Makes a plan smaller whose run holds and reaches a point of interest, for as long as it does both. Nothing if it does not.
///
/// # Errors
/// If the plan does not fit together.
pub fn shrink_reaching(
    plan: &Plan,
    point: &str,
    effort: Effort,
    progress: &mut dyn FnMut(&Progress),
) -> Result<Option<Shrunk>, UserError> {
    let goal = |_: &Outcome| Some(Goal::Reaches(point.to_owned()));
    shrink_with(plan, goal, effort, &mut |plan| execute(plan, Keep::Nothing), progress)
}

/// To fail by this monitor.
fn by(monitor: &str) -> impl FnOnce(&Outcome) -> Option<Goal> {
    move |outcome| Goal::to_fail_as(outcome).filter(|goal| goal.is_by(monitor))
}

/// Makes a plan smaller whose runs are the oracle's. The last one is spent on what has become of it.
fn shrink_with(
    plan: &Plan,
    goal: impl FnOnce(&Outcome) -> Option<Goal>,
    effort: Effort,
    oracle: &mut Oracle<'_>,
    progress: &mut dyn FnMut(&Progress),
) -> Result<Option<Shrunk>, UserError> {
    let effort = Effort { runs: effort.runs.max(2) - 1, ..effort };
    let (smallest, runs) = {
        let Some(mut trials) = Trials::begin(plan, goal, &effort, oracle, progress)? else { return Ok(None) };
        if let Err(Stop::Mistake(error)) = go_round(&mut trials, effort) {
            return Err(error);
        }
        (trials.best().clone(), trials.runs())
    };
    let outcome = oracle(&smallest)?;
    Ok(Some(Shrunk { plan: smallest, outcome, runs: runs + 1, before: Size::of(plan) }))
}

/// Goes through all passes until none of them finds anything smaller.
fn go_round(trials: &mut Trials<'_>, effort: Effort) -> Result<(), Stop> {
    if effort.only_faults {
        return faults::leave_faults_out(trials);
    }
    length::cut_off_the_rest(trials)?;
    nodes::leave_nodes_out_with_their_faults(trials)?;
    // Runs with many faults are the longest, and most of them are in vain: what only another scheduler can do without is
    // found when few are left.
    trials.be_thrifty(true);
    faults::leave_faults_out(trials)?;
    trials.be_thrifty(false);
    loop {
        let before = trials.accepted();
        faults::leave_faults_out(trials)?;
        // What makes every run shorter comes first.
        nodes::leave_nodes_out(trials)?;
        times::move_forward(trials)?;
        length::shorten(trials)?;
        kinds::simplify(trials)?;
        dials::turn_down(trials)?;
        if effort.resets_parameters {
            settings::reset(trials)?;
        }
        if trials.accepted() == before {
            faults::merge_neighbours(trials)?;
        }
        if trials.accepted() == before {
            faults::leave_pairs_out(trials)?;
        }
        if trials.accepted() == before {
            return Ok(());
        }
    }
}

/// Faults that are simpler than one and do not begin before this time, for whoever tries them one by one.
#[cfg(any(test, feature = "proptest"))]
pub(crate) fn simpler_faults(fault: &Fault, earliest: Duration, roles: &Roles) -> Vec<Fault> {
    let mut simpler = kinds::simpler(fault, roles);
    simpler.extend(dials::gentler(fault));
    simpler.extend(times::earlier(fault.at, earliest).into_iter().map(|at| Fault { at, ..fault.clone() }));
    simpler
}
