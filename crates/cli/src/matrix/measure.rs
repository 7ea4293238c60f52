//! Measuring a cell: one campaign in which nothing about leaders is judged and everything is counted, so that it serves
//! all strengths at once.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::time::Duration;

use ::check::{Judged, Promises};
use history::Keep;
use interregnum::schedule::Family;
use interregnum::{Campaign, Finding, Parameters, Scenario, Summary, UserError, VERSION, Verdict};

use super::cell::{Cell, Failures, FirstFailure, Held, Interregna};
use super::column::Column;
use super::strength::Strength;

/// Of so many seeds that break a strength, the first ones, the one with the fewest faults is kept.
const CONSIDERED: usize = 16;

/// A strategy with its settings.
#[derive(Clone)]
pub struct Row {
    /// The scenario.
    pub scenario: &'static dyn Scenario,
    /// The profile, if it is not the default one.
    pub profile: Option<interregnum::Profile>,
    /// What was set for the whole matrix.
    pub settings: BTreeMap<String, String>,
    /// All parameters: defaults, settings, profile.
    pub parameters: Parameters,
}

/// A cell, and the seeds from which a small schedule may come.
pub struct Measured {
    /// The cell, without schedules.
    pub cell: Cell,
    /// Of each strength that broke, the seeds that broke it, those with the fewest faults first.
    pub breaking: BTreeMap<Strength, Vec<u64>>,
}

/// What is counted of each strength.
#[derive(Clone, Debug, Default)]
struct Tally {
    breaks: u64,
    contradictions: u64,
    first_seed: Option<u64>,
    /// Whether it may break there, the number of faults, the seed: those that must not break come first.
    considered: Vec<(bool, usize, u64)>,
}

impl Row {
    /// The campaign of a cell.
    pub fn campaign(&self, column: Column, seeds: Range<u64>, jobs: usize, judge: &str) -> Result<Campaign, UserError> {
        let mut parameters = self.parameters.clone();
        parameters.set("judge", judge)?;
        Ok(Campaign {
            scenario: self.scenario,
            parameters,
            families: column.families(),
            schedule: None,
            seeds,
            jobs,
            twice: false,
            keep: Keep::Nothing,
        })
    }

    fn promises(&self) -> Result<Promises, UserError> {
        self.scenario.promises(&self.parameters).ok_or_else(|| no_election(self.scenario))
    }

    /// What is promised as long as there are no faults but of these families.
    pub fn promised_under(&self, families: &BTreeSet<Family>) -> Result<Judged, UserError> {
        Ok(judged_under(&self.promises()?, families))
    }

    /// Runs all seeds of a cell; `each` is called after every run.
    pub fn measure(
        &self,
        column: Column,
        seeds: Range<u64>,
        jobs: usize,
        mut each: impl FnMut(),
    ) -> Result<Measured, UserError> {
        let campaign = self.campaign(column, seeds.clone(), jobs, "nothing")?;
        let promises = self.promises()?;
        let mut tallies: BTreeMap<Strength, Tally> = BTreeMap::new();
        let mut failures = Failures::default();
        let summary = campaign.run(|finding| {
            let judged = judged_under(&promises, &finding.plan.schedule.families());
            for strength in Strength::ALL {
                if finding.outcome.sometimes.of(strength.point()) > 0 {
                    tallies.entry(strength).or_default().add(finding, strength.is_judged(judged));
                }
            }
            note_failure(finding, &mut failures);
            each();
            true
        })?;
        let judged = judged_under(&promises, &campaign.families);
        let promise = |strength| match strength {
            Strength::Belief => promises.belief.to_string(),
            Strength::Effect => promises.effect.to_string(),
            Strength::Order => promises.order.to_string(),
            Strength::Failover => promises.failover.to_string(),
        };
        let held = |strength: Strength| {
            let tally = tallies.get(&strength).cloned().unwrap_or_default();
            let held = Held {
                promise: promise(strength),
                promised: strength.is_judged(judged),
                breaks: tally.breaks,
                contradictions: tally.contradictions,
                first_seed: tally.first_seed,
                smallest: None,
            };
            (strength, held)
        };
        let cell = Cell {
            scenario: self.scenario.name().to_owned(),
            profile: self.profile.map(|profile| profile.name.to_owned()),
            planted: self.scenario.planted().is_some(),
            column: column.name().to_owned(),
            settings: self.settings.clone(),
            seeds: format!("{}..{}", seeds.start, seeds.end),
            runs: summary.runs,
            strengths: Strength::ALL.into_iter().map(held).collect(),
            interregna: interregna(&summary),
            failures,
            missed: summary.missed,
            version: VERSION.to_owned(),
        };
        let breaking = tallies.into_iter().map(|(strength, tally)| (strength, tally.seeds()));
        Ok(Measured { cell, breaking: breaking.collect() })
    }
}

impl Tally {
    /// The seeds from which a schedule may come, those with the fewest faults first. If some contradict a promise, only
    /// those: the others are excused.
    fn seeds(mut self) -> Vec<u64> {
        self.considered.sort_unstable();
        let contradicts = self.considered.first().is_some_and(|(may_break, _, _)| !may_break);
        let seeds = self.considered.into_iter().filter(|(may_break, _, _)| !(contradicts && *may_break));
        seeds.map(|(_, _, seed)| seed).collect()
    }

    fn add(&mut self, finding: &Finding, promised: bool) {
        let seed = finding.plan.seed;
        self.breaks += 1;
        self.contradictions += u64::from(promised);
        self.first_seed.get_or_insert(seed);
        // One that contradicts a promise says more than many that do not.
        if self.considered.len() < CONSIDERED || (promised && self.contradictions <= CONSIDERED as u64) {
            self.considered.push((!promised, finding.plan.schedule.faults.len(), seed));
        }
    }
}

fn judged_under(promises: &Promises, families: &BTreeSet<Family>) -> Judged {
    let judged = promises.judged_under(families.iter().map(|family| family.name()));
    judged.expect("monitors and schedules name the same families")
}

fn note_failure(finding: &Finding, failures: &mut Failures) {
    match finding.outcome.verdict() {
        Verdict::Ok => return,
        Verdict::Safety => failures.safety += 1,
        Verdict::Liveness => failures.liveness += 1,
        Verdict::Panic => failures.panics += 1,
    }
    if let (None, Some(found)) = (&failures.first, finding.outcome.found()) {
        let first = FirstFailure { seed: finding.plan.seed, monitor: found.monitor, message: found.message };
        failures.first = Some(first);
    }
}

fn interregna(summary: &Summary) -> Interregna {
    let milliseconds = |duration: Duration| (duration.as_secs_f64() * 10_000.0).round() / 10.0;
    let quantile = |part| summary.failover_quantile(part).map(milliseconds);
    Interregna {
        count: summary.failovers.len() as u64,
        median_ms: quantile(0.5),
        p99_ms: quantile(0.99),
        max_ms: quantile(1.0),
    }
}

/// Why a scenario has no place in the matrix.
pub fn no_election(scenario: &dyn Scenario) -> UserError {
    UserError::Mismatch(format!("`{}` is no election: nothing is promised of its leaders", scenario.name()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fewest_faults_come_first_and_nothing_that_is_excused_if_something_is_not() {
        let seeds =
            |considered: &[(bool, usize, u64)]| Tally { considered: considered.to_vec(), ..Tally::default() }.seeds();
        assert_eq!(seeds(&[(true, 9, 1), (true, 2, 7)]), [7, 1]);
        assert_eq!(seeds(&[(true, 2, 7), (false, 30, 4), (false, 8, 5)]), [5, 4]);
    }
}
