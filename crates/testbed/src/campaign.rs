//! A campaign: one scenario over many seeds, on several jobs.
//!
//! Results are handed out in the order of the seeds, whatever the number of jobs: the same campaign prints the same.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::{ControlFlow, Range};
use std::time::Duration;

use check::{Counters, Required};
use history::Keep;

use crate::error::UserError;
use crate::execute::execute;
use crate::jobs;
use crate::outcome::{Outcome, Verdict};
use crate::parameters::Parameters;
use crate::plan::Plan;
use crate::scenario::Scenario;
use crate::schedule::{Family, Schedule};

/// Below this many runs nothing can be said about what a campaign never reached.
const RUNS_FOR_VACUITY: u64 = 100;

/// One scenario over many seeds.
#[derive(Clone)]
pub struct Campaign {
    /// The scenario.
    pub scenario: &'static dyn Scenario,
    /// Its parameters.
    pub parameters: Parameters,
    /// The families of faults that may occur in schedules made from a seed.
    pub families: BTreeSet<Family>,
    /// The schedule of all runs, in place of one made from each seed.
    pub schedule: Option<Schedule>,
    /// The seeds.
    pub seeds: Range<u64>,
    /// How many runs at a time.
    pub jobs: usize,
    /// Whether each run is executed twice and compared.
    pub twice: bool,
    /// Which events each run keeps.
    pub keep: Keep,
}

/// One run of a campaign.
pub struct Finding {
    /// All of its inputs.
    pub plan: Plan,
    /// What came of it.
    pub outcome: Outcome,
    /// Whether a second execution was the same run; nothing if there was none.
    pub deterministic: Option<bool>,
}

/// What a campaign adds up to.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// How many runs there were.
    pub runs: u64,
    /// How many of each verdict.
    pub verdicts: BTreeMap<Verdict, u64>,
    /// The first seed that failed.
    pub first_failure: Option<u64>,
    /// How many runs differed from their second execution.
    pub different: u64,
    /// All times without a leader, sorted once the campaign is over.
    pub failovers: Vec<Duration>,
    /// How many faults of each family began.
    pub faults: BTreeMap<Family, u64>,
    /// How often each point of interest was reached.
    pub sometimes: Counters,
    /// Points that had to be reached and were not.
    pub missed: Vec<String>,
    /// How much virtual time passed in all runs together.
    pub virtual_time: Duration,
    /// How many events there were.
    pub events: u64,
}

impl Summary {
    /// Takes in one run.
    pub fn add(&mut self, seed: u64, outcome: &Outcome) {
        self.runs += 1;
        *self.verdicts.entry(outcome.verdict()).or_default() += 1;
        if !outcome.held() && self.first_failure.is_none() {
            self.first_failure = Some(seed);
        }
        self.failovers.extend(&outcome.failovers);
        for (family, count) in &outcome.faults {
            *self.faults.entry(*family).or_default() += count;
        }
        self.sometimes.merge(&outcome.sometimes);
        self.virtual_time += outcome.virtual_time.elapsed();
        self.events += outcome.events;
    }

    /// How many runs failed.
    pub fn failures(&self) -> u64 {
        self.verdicts.iter().filter(|(verdict, _)| **verdict != Verdict::Ok).map(|(_, count)| count).sum()
    }

    /// Whether the campaign was large enough to prove something, and did not.
    pub fn is_vacuous(&self) -> bool {
        !self.missed.is_empty()
    }

    /// The time without a leader that this part of all failovers did not exceed; nothing if there were none.
    pub fn failover_quantile(&self, part: f64) -> Option<Duration> {
        let last = self.failovers.len().checked_sub(1)?;
        Some(self.failovers[((last as f64) * part).ceil() as usize])
    }

    fn finish(&mut self, required: &Required) {
        self.failovers.sort();
        if self.runs >= RUNS_FOR_VACUITY && self.failures() == 0 {
            self.missed = required.missing_in(&self.sometimes).into_iter().map(str::to_owned).collect();
        }
    }
}

impl Campaign {
    /// Runs all seeds. `each` sees every finding, in the order of the seeds, and says whether to go on.
    ///
    /// # Errors
    /// If the plans do not fit together.
    pub fn run(&self, mut each: impl FnMut(&Finding) -> bool) -> Result<Summary, UserError> {
        let mut summary = Summary::default();
        let end = jobs::in_order(
            self.seeds.clone(),
            self.jobs,
            |seed| self.run_seed(seed),
            |finding| {
                let finding = match finding {
                    Ok(finding) => finding,
                    Err(error) => return ControlFlow::Break(Err(error)),
                };
                summary.add(finding.plan.seed, &finding.outcome);
                summary.different += u64::from(finding.deterministic == Some(false));
                if each(&finding) { ControlFlow::Continue(()) } else { ControlFlow::Break(Ok(())) }
            },
        );
        if let ControlFlow::Break(Err(error)) = end {
            return Err(error);
        }
        let required = match self.schedule {
            None => self.scenario.required_points(&self.families),
            // Whoever writes a schedule by hand knows what it reaches.
            Some(_) => Required::default(),
        };
        summary.finish(&required);
        Ok(summary)
    }

    /// The plan of a seed.
    ///
    /// # Errors
    /// If it does not fit together.
    pub fn plan(&self, seed: u64) -> Result<Plan, UserError> {
        match &self.schedule {
            None => Plan::from_seed(self.scenario, self.parameters.clone(), seed, &self.families),
            Some(schedule) => Plan::with_schedule(self.scenario, self.parameters.clone(), seed, schedule.clone()),
        }
    }

    /// Runs one seed.
    ///
    /// # Errors
    /// If the plan does not fit together.
    pub fn run_seed(&self, seed: u64) -> Result<Finding, UserError> {
        let plan = self.plan(seed)?;
        let outcome = execute(&plan, self.keep)?;
        let deterministic = if self.twice { Some(execute(&plan, Keep::Nothing)?.same_run(&outcome)) } else { None };
        Ok(Finding { plan, outcome, deterministic })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finished(runs: u64, verdict: Verdict, reached: &[&str]) -> Summary {
        let mut summary = Summary { runs, ..Summary::default() };
        summary.verdicts.insert(verdict, runs);
        reached.iter().for_each(|point| summary.sometimes.count(point));
        summary.finish(&Required::points(["failover", "leader paused"]));
        summary
    }

    #[test]
    fn a_campaign_that_held_without_getting_anywhere_is_vacuous() {
        let summary = finished(RUNS_FOR_VACUITY, Verdict::Ok, &["failover"]);
        assert!(summary.is_vacuous());
        assert_eq!(summary.missed, ["leader paused"]);
        assert!(!finished(RUNS_FOR_VACUITY, Verdict::Ok, &["failover", "leader paused"]).is_vacuous());
    }

    #[test]
    fn too_few_runs_prove_nothing_either_way_and_a_failure_is_never_vacuous() {
        assert!(!finished(RUNS_FOR_VACUITY - 1, Verdict::Ok, &[]).is_vacuous());
        assert!(!finished(RUNS_FOR_VACUITY, Verdict::Safety, &[]).is_vacuous());
    }

    #[test]
    fn quantiles_are_failovers_that_happened() {
        let mut summary = Summary { failovers: (1..=100).map(Duration::from_secs).collect(), ..Summary::default() };
        assert_eq!(summary.failover_quantile(1.0), Some(Duration::from_secs(100)));
        assert_eq!(summary.failover_quantile(0.0), Some(Duration::from_secs(1)));
        summary.failovers.clear();
        assert_eq!(summary.failover_quantile(0.5), None);
    }
}
