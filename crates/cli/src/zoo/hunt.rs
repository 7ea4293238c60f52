//! The hunt for one planted bug: seeds until it is caught, the schedule made small, and then the control.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::Path;
use std::time::Duration;

use history::Keep;
use interregnum::schedule::{Family, SavedRun};
use interregnum::{Campaign, Finding, Outcome, Plan, Planted, Scenario, UserError, leave_faults_out, replay, shrink};

use super::file_in;
use super::verdict::{Caught, Control, Report, Row};
use crate::Failure;

/// So many runs may be spent on making a schedule smaller that is saved, for people to read.
const RUNS_TO_SHRINK: u32 = 600;

/// So many on leaving out faults of one that is only counted.
const RUNS_TO_COUNT: u32 = 150;

/// A control runs on as many seeds as the bug took, but at least on so many.
const CONTROL_RUNS: u64 = 20;

/// When to give up.
#[derive(Clone, Copy, Debug)]
pub struct Limit(Option<host::Instant>);

impl Limit {
    /// When all seeds have been tried.
    pub fn never() -> Limit {
        Limit(None)
    }

    /// After this much time of the day.
    pub fn after(duration: Duration) -> Limit {
        Limit(Some(host::now() + duration))
    }

    fn is_over(self) -> bool {
        self.0.is_some_and(|end| host::now() >= end)
    }
}

/// What is hunted, and where.
pub struct Hunt<'a> {
    /// The scenario with the bug.
    pub scenario: &'static dyn Scenario,
    /// The seeds.
    pub seeds: Range<u64>,
    /// How many runs at a time.
    pub jobs: usize,
    /// When to give up.
    pub limit: Limit,
    /// Where the small schedule is saved, if it is to be.
    pub save: Option<&'a Path>,
}

impl Hunt<'_> {
    /// Hunts the bug, and runs its control.
    pub fn row(&self) -> Result<Row, Failure> {
        let planted = self.scenario.planted();
        let planted = planted
            .ok_or_else(|| Failure::Other(format!("{} is in the zoo, and plants nothing", self.scenario.name())))?;
        let (mut runs, mut found, mut wrong) = (0, None, None);
        self.campaign(&[], &[], self.seeds.clone())?.run(|finding| {
            runs += 1;
            match caught_by(&finding.outcome, &planted) {
                Some(monitor) => found = Some((finding.plan.clone(), monitor)),
                None if wrong.is_none() => wrong = report(finding),
                None => {}
            }
            found.is_none() && !self.limit.is_over()
        })?;
        let caught = found.map(|(plan, monitor)| self.smallest(&plan, monitor)).transpose()?;
        let control = self.control(runs)?;
        Ok(Row {
            scenario: self.scenario.name().to_owned(),
            about: self.scenario.about().to_owned(),
            runs,
            caught,
            wrong,
            control,
        })
    }

    fn campaign(
        &self,
        settings: &[(&str, &str)],
        without: &[Family],
        seeds: Range<u64>,
    ) -> Result<Campaign, UserError> {
        let mut parameters = self.scenario.parameters();
        for (key, value) in settings {
            parameters.set(key, value)?;
        }
        Ok(Campaign {
            scenario: self.scenario,
            parameters,
            families: Family::ALL.into_iter().filter(|family| !without.contains(family)).collect::<BTreeSet<_>>(),
            schedule: None,
            seeds,
            jobs: self.jobs,
            twice: false,
            keep: Keep::Nothing,
        })
    }

    /// Makes the schedule small, and replays what would be saved of it.
    fn smallest(&self, plan: &Plan, monitor: &'static str) -> Result<Caught, Failure> {
        let name = self.scenario.name();
        let lost = |why: String| Failure::NotDeterministic(format!("{name}, seed {}: {why}", plan.seed));
        let shrunk = match self.save {
            Some(_) => shrink(plan, monitor, RUNS_TO_SHRINK)?,
            None => leave_faults_out(plan, monitor, RUNS_TO_COUNT)?,
        };
        let shrunk = shrunk.ok_or_else(|| lost(format!("{monitor} did not speak again")))?;
        let saved = shrunk.plan.to_saved(shrunk.outcome.found());
        let file = self.save.map(|directory| file_in(directory, self.scenario));
        let read_as = file.as_deref().unwrap_or(Path::new("saved.toml"));
        if let Some(file) = &file
            && saved.save_or_replace(file)?
        {
            eprintln!("interregnum: {} was replaced: another schedule shows it now", file.display());
        }
        let again = SavedRun::parse(&saved.to_text(), read_as)?;
        let plan_again = Plan::from_saved(&again, read_as, sims::CATALOGUE)?;
        let replayed = replay(&plan_again, again.found.as_ref(), Keep::Nothing)?;
        if let Some(difference) = replayed.differences.first() {
            return Err(lost(format!("it does not replay: {difference}")));
        }
        Ok(Caught {
            seed: plan.seed,
            monitor: monitor.to_owned(),
            faults: plan.schedule.faults.len(),
            smallest: shrunk.plan.schedule.faults.len(),
            file: file.map(|file| file.display().to_string()),
        })
    }

    /// Runs the control on the seeds that the hunt took.
    fn control(&self, runs: u64) -> Result<Control, Failure> {
        let (what, settings, without) = match self.scenario.control() {
            interregnum::Control::Is { what, settings, without } => (what.to_owned(), settings, without),
            interregnum::Control::CannotBe { why } => return Ok(Control::CannotBe { why: why.to_owned() }),
            interregnum::Control::Missing => return Ok(Control::Missing),
        };
        let start = self.seeds.start;
        let seeds = start..start.saturating_add(runs.max(CONTROL_RUNS));
        let mut loud = None;
        let summary = self.campaign(settings, without, seeds)?.run(|finding| {
            loud = report(finding);
            loud.is_none()
        })?;
        Ok(match loud {
            Some(report) => Control::Loud { what, report },
            None => Control::Silent { what, runs: summary.runs },
        })
    }
}

/// The monitor that caught the bug: it spoke first, and is meant for it.
pub fn caught_by(outcome: &Outcome, planted: &Planted) -> Option<&'static str> {
    let first = outcome.violations.first().filter(|_| outcome.panic.is_none())?;
    planted.caught_by.contains(&first.monitor).then_some(first.monitor)
}

fn report(finding: &Finding) -> Option<Report> {
    let found = finding.outcome.found()?;
    Some(Report { seed: finding.plan.seed, monitor: found.monitor, message: found.message })
}
