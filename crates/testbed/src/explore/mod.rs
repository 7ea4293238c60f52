//! Exploration: schedule after schedule, each chosen in the light of those before, in search of one that breaks something.
//!
//! Runs are numbered, and done in rounds: the schedules of a round are all chosen before any of them runs, and their
//! results are taken in by their numbers. So an exploration is a function of its settings, whatever the number of jobs,
//! and goes on after a break as if there had been none.
//!
//! It keeps no files and watches no clock: whoever drives it does.

mod aim;
mod corpus;
mod coverage;
mod covered;
mod findings;
mod mood;
mod mutate;
mod repair;
mod shard;
mod strategy;
mod swarm;

use std::collections::BTreeSet;

use check::Counters;
use history::Keep;
use host::random::Stream;
use rand::Rng;

use crate::error::UserError;
use crate::execute::execute_observed;
use crate::jobs::all_in_order;
use crate::outcome::Outcome;
use crate::parameters::Parameters;
use crate::plan::Plan;
use crate::scenario::Scenario;
use crate::schedule::{Family, Schedule, Weather};

pub use corpus::{Corpus, Entry};
pub use coverage::{Coverage, Feature};
pub use covered::{Covered, Reached};
pub use findings::{Class, Findings, Seen};
pub use mood::Lineage;
pub use shard::Shard;
pub use strategy::Strategy;

/// So many runs are chosen at once. Few, so that the next round knows what this one found; enough to keep some cores busy.
pub const ROUND: u64 = 16;

/// What is explored, and how.
#[derive(Clone)]
pub struct Settings {
    /// The scenario.
    pub scenario: &'static dyn Scenario,
    /// Its parameters.
    pub parameters: Parameters,
    /// The families of faults that may occur.
    pub families: BTreeSet<Family>,
    /// How the next schedule is found.
    pub strategy: Strategy,
    /// The seed of all choices.
    pub seed: u64,
    /// Which part of the runs is done.
    pub shard: Shard,
}

/// What an exploration knows so far: with its settings, all that its next run depends on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// How many runs were done, here and in what was merged.
    pub runs: u64,
    /// The next run of the shard, from 0.
    pub next: u64,
    /// What they reached.
    pub covered: Covered,
    /// The schedules that are kept.
    pub corpus: Corpus,
    /// What broke.
    pub findings: Findings,
    /// How often each point of interest was reached.
    pub sometimes: Counters,
}

/// One run of an exploration.
pub struct Explored {
    /// Its number in the whole campaign.
    pub number: u64,
    /// All of its inputs.
    pub plan: Plan,
    /// What came of it.
    pub outcome: Outcome,
    /// How many features it reached first.
    pub new_features: usize,
}

/// An exploration.
pub struct Exploration {
    settings: Settings,
    state: State,
}

impl Exploration {
    /// One that begins, or goes on from what is known.
    pub fn new(settings: Settings, state: State) -> Exploration {
        Exploration { settings, state }
    }

    /// What is explored.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// What is known so far.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Does a round of at most so many runs on so many threads; gives the runs in the order of their numbers.
    ///
    /// # Errors
    /// If the plans do not fit together.
    pub fn round(&mut self, most: u64, jobs: usize) -> Result<Vec<Explored>, UserError> {
        let chosen: Result<Vec<Chosen>, UserError> =
            (0..most.min(ROUND)).map(|nth| self.choose(self.settings.shard.number(self.state.next + nth))).collect();
        let chosen = chosen?;
        let results = execute_all(&chosen, jobs)?;
        let explored = chosen.into_iter().zip(results);
        Ok(explored.map(|(chosen, (outcome, features))| self.take_in(chosen, outcome, &features)).collect())
    }

    /// The plan of a run.
    fn choose(&self, number: u64) -> Result<Chosen, UserError> {
        let Settings { scenario, parameters, families, strategy, seed, .. } = &self.settings;
        let random = &mut host::random::derive(*seed, &format!("run {number}"));
        // Files hold whole numbers that everybody's tools can read: 48 bits.
        let fresh: u64 = random.gen_range(0..1 << 48);
        if *strategy == Strategy::Random {
            let plan = Plan::from_seed(*scenario, parameters.clone(), fresh, families)?;
            return Ok(Chosen { number, plan, lineage: Lineage::new() });
        }
        let empty = Plan::with_schedule(*scenario, parameters.clone(), fresh, Schedule::default())?;
        let roles = empty.roles();
        let weather = Weather {
            roles: &roles,
            families,
            until: empty.safety_ends()?,
            session_timeout: parameters.duration("session_timeout"),
        };
        let next = match strategy {
            Strategy::Guided => self.guided(&weather, fresh, random),
            _ => Next::in_mood(vec![fresh], fresh, &weather, random),
        };
        let plan = Plan::with_schedule(*scenario, parameters.clone(), next.seed, next.schedule)?;
        Ok(Chosen { number, plan, lineage: next.lineage })
    }

    /// Something new; or another schedule in the mood of one that reached something rare, or in one a little different; or
    /// that schedule itself with some changes.
    fn guided(&self, weather: &Weather<'_>, fresh: u64, random: &mut Stream) -> Next {
        let State { corpus, covered, .. } = &self.state;
        let (turn, one, other) =
            (random.gen_range(0.0..1.0), corpus.draw(covered, random), corpus.draw(covered, random));
        let (Some(one), Some(other)) = (one, other) else {
            return Next::in_mood(vec![fresh], fresh, weather, random);
        };
        match turn {
            ..ELSEWHERE => Next::in_mood(vec![fresh], fresh, weather, random),
            ..IN_MOOD => {
                let lineage = match random.gen_bool(0.5) {
                    true => one.lineage.clone(),
                    false => mood::descend(&one.lineage, random),
                };
                Next::in_mood(lineage, fresh, weather, random)
            }
            _ => {
                let schedule = mutate::mutate(&one.schedule, &other.schedule, weather, random);
                // The same seed lets the run begin as its parent did, up to the first change.
                let keeps_seed = schedule != one.schedule && random.gen_bool(0.5);
                let seed = if keeps_seed { one.seed } else { fresh };
                Next { seed, schedule, lineage: one.lineage.clone() }
            }
        }
    }

    fn take_in(&mut self, chosen: Chosen, outcome: Outcome, features: &BTreeSet<Feature>) -> Explored {
        let Chosen { number, plan, lineage } = chosen;
        let state = &mut self.state;
        state.runs += 1;
        state.next += 1;
        state.sometimes.merge(&outcome.sometimes);
        let new_features = state.covered.add(features, state.corpus.entries().len());
        if new_features > 0 {
            let (seed, schedule) = (plan.seed, plan.schedule.clone());
            state.corpus.push(Entry { run: number, seed, schedule, lineage, new_features });
        }
        state.findings.add(number, &plan, &outcome);
        Explored { number, plan, outcome, new_features }
    }
}

/// How often a guided exploration draws in a mood of no descent.
const ELSEWHERE: f64 = 0.35;

/// Up to here it draws in the mood of what it kept; the rest are changes of what it kept.
const IN_MOOD: f64 = 0.75;

/// A run that was chosen.
struct Chosen {
    number: u64,
    plan: Plan,
    lineage: Lineage,
}

/// What is to be run next.
struct Next {
    seed: u64,
    schedule: Schedule,
    lineage: Lineage,
}

impl Next {
    fn in_mood(lineage: Lineage, seed: u64, weather: &Weather<'_>, random: &mut Stream) -> Next {
        let schedule = swarm::generate(&mood::Mood::of(&lineage, weather), weather, random);
        Next { seed, schedule, lineage }
    }
}

/// Executes plans on several threads; gives what came of each, in their order.
fn execute_all(chosen: &[Chosen], jobs: usize) -> Result<Vec<(Outcome, BTreeSet<Feature>)>, UserError> {
    let execute = |Chosen { plan, .. }: &Chosen| {
        let coverage = Coverage::default();
        let outcome = execute_observed(plan, Keep::Nothing, vec![Box::new(coverage.clone())]);
        outcome.map(|outcome| (outcome, coverage.features()))
    };
    all_in_order(chosen, jobs.min(chosen.len()), execute).into_iter().collect()
}
