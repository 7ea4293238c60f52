//! Running a test: all its seeds, or one kept schedule; and saying what came of it.

use std::path::Path;

use history::Keep;

use super::Test;
use super::failure::{Failure, no_longer};
use super::wishes::Wishes;
use crate::campaign::{Campaign, Finding, Summary};
use crate::error::UserError;
use crate::plan::Plan;
use crate::replay::replay;
use crate::scenario::{Catalogue, Scenario};
use crate::schedule::SavedRun;
use crate::span;
use crate::testbed::{Exit, beside};

/// Runs a test, as the environment wishes; `catalogue` holds that test, for schedules that name it.
///
/// # Panics
/// If the test fails: something broke, nothing was reached, a run was not deterministic, or the test does not fit
/// together. What there is to say was written to standard error before.
#[track_caller]
pub fn run(test: &'static Test, catalogue: Catalogue) {
    // Who wants no logs of ours may want some of his own.
    if std::env::var_os(crate::logs::VARIABLE).is_some() {
        crate::logs::init("off");
    }
    match judge(test, catalogue, &Wishes::of(test)) {
        Ok(Ok(words)) => println!("{words}"),
        Ok(Err(failure)) => {
            eprint!("\n{}\n", failure.text);
            panic!("{}", failure.headline);
        }
        Err(error) => panic!("{error}"),
    }
}

/// How the body of a test ended.
///
/// # Panics
/// If it ended with an error: so ends a test that fails.
#[track_caller]
pub fn ended(body: impl Exit) {
    if let Err(why) = body.exit() {
        panic!("the test ended with an error: {why}");
    }
}

/// Runs a test; gives what to say if it holds, or how it failed.
///
/// # Errors
/// If the test does not fit together.
pub(super) fn judge(
    test: &'static Test,
    catalogue: Catalogue,
    wishes: &Wishes,
) -> Result<Result<String, Failure>, UserError> {
    // Mistakes in the body are found here, on the test's own thread.
    let families = {
        let described = test.describe()?;
        described.bed.read(|description| description.parameters().map(|_| description.faults.families()))?
    };
    if let Some(file) = &wishes.schedule {
        return judge_schedule(test, catalogue, file);
    }
    let campaign = Campaign {
        scenario: test,
        parameters: test.parameters(),
        families,
        schedule: None,
        seeds: wishes.seeds.clone(),
        jobs: wishes.jobs,
        twice: wishes.twice,
        keep: Keep::Nothing,
    };
    let mut failed: Option<Finding> = None;
    let summary = campaign.run(|finding| {
        let holds = finding.outcome.held() && finding.deterministic != Some(false);
        if !holds {
            let Finding { plan, outcome, deterministic } = finding;
            let (plan, outcome) = (plan.clone(), outcome.clone());
            failed = Some(Finding { plan, outcome, deterministic: *deterministic });
        }
        holds
    })?;
    if let Some(finding) = failed {
        return Ok(Err(match finding.deterministic {
            Some(false) => Failure::not_deterministic(test, finding.plan.seed),
            _ => Failure::broken(test, &finding)?,
        }));
    }
    let required = test.required_points(&campaign.families);
    let missed = required.missing_in(&summary.sometimes);
    match missed.as_slice() {
        [] => Ok(Ok(held(test, &summary))),
        missed => Ok(Err(Failure::vacuous(test, &summary, missed))),
    }
}

/// Replays one schedule that was kept.
fn judge_schedule(
    test: &'static Test,
    catalogue: Catalogue,
    file: &Path,
) -> Result<Result<String, Failure>, UserError> {
    let (shown, file) = (file.display().to_string(), beside(Path::new(test.package.directory), file));
    let saved = SavedRun::load(&file)?;
    if saved.scenario != test.name() {
        let why = format!("it is a schedule of `{}`, and this is `{}`", saved.scenario, test.name());
        return Err(UserError::BadFile { file, why });
    }
    let plan = Plan::from_saved(&saved, &file, catalogue)?;
    let replayed = replay(&plan, saved.found.as_ref(), Keep::Story)?;
    Ok(match replayed.outcome.held() {
        true => Ok(no_longer(&saved, &shown, &replayed.differences)),
        false => Err(Failure::replayed(test, &plan, &shown, &replayed.outcome, &replayed.differences)),
    })
}

/// What a test says that held.
fn held(test: &Test, summary: &Summary) -> String {
    let mut words = format!(
        "{}: {} runs held, {} of virtual time, {} faults",
        test.name(),
        summary.runs,
        span::show(std::time::Duration::from_secs(summary.virtual_time.as_secs())),
        summary.faults.values().sum::<u64>(),
    );
    if let (Some(median), Some(longest)) = (summary.failover_quantile(0.5), summary.failover_quantile(1.0)) {
        let (count, median, longest) = (summary.failovers.len(), median.as_secs_f64(), longest.as_secs_f64());
        words.push_str(&format!("; {count} failovers, {median:.1} s in the median, {longest:.1} s the longest"));
    }
    words
}
