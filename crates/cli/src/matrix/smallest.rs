//! For everything that breaks, a small schedule that breaks it: saved, and replayed before it counts.

use std::path::{Path, PathBuf};

use history::Keep;
use interregnum::schedule::SavedRun;
use interregnum::{Plan, Shrunk, leave_faults_out, replay, shrink};

use super::cell::Smallest;
use super::column::Column;
use super::measure::{Measured, Row};
use super::strength::Strength;
use crate::Failure;

/// So many runs may be spent on finding a small schedule of one break, from all the seeds that are tried.
const RUNS: u32 = 150;

/// So many may be spent on making the smallest of them simpler.
const RUNS_TO_SIMPLIFY: u32 = 150;

/// Finds a small schedule that breaks a strength in this cell, from one of these seeds, and saves it in `directory`.
/// What was there under its name is replaced, and that is said. Also tells whether the strength is promised under the
/// faults that are left.
///
/// # Errors
/// If the break cannot be had again: then it is none, or the run is not deterministic.
fn save(
    row: &Row,
    column: Column,
    strength: Strength,
    seeds: &[u64],
    directory: &Path,
) -> Result<(Smallest, bool), Failure> {
    let lost = |why: &str| {
        let name = row.scenario.name();
        Failure::NotDeterministic(format!("{name} under {column}: {strength} broke, but {why}"))
    };
    let mut best: Option<(Shrunk, usize)> = None;
    let mut left = RUNS;
    for seed in seeds {
        // A single fault is as few as can be expected.
        if left == 0 || best.as_ref().is_some_and(|(shrunk, _)| shrunk.plan.schedule.faults.len() <= 1) {
            break;
        }
        let plan = row.campaign(column, *seed..*seed + 1, 1, strength.name())?.plan(*seed)?;
        let shrunk = leave_faults_out(&plan, strength.monitor(), left)?;
        let shrunk = shrunk.ok_or_else(|| lost(&format!("not when seed {seed} ran again")))?;
        left = left.saturating_sub(shrunk.runs);
        let faults = shrunk.plan.schedule.faults.len();
        if best.as_ref().is_none_or(|(least, _)| faults < least.plan.schedule.faults.len()) {
            best = Some((shrunk, plan.schedule.faults.len()));
        }
    }
    let (fewest, of) = best.ok_or_else(|| lost("no seed is known"))?;
    let shrunk = shrink(&fewest.plan, strength.monitor(), RUNS_TO_SIMPLIFY)?;
    let shrunk = shrunk.ok_or_else(|| lost("not when its smallest schedule ran again"))?;
    let saved = shrunk.plan.to_saved(shrunk.outcome.found());
    let file = directory.join(file_name(row, column, strength));
    if saved.save_or_replace(&file)? {
        eprintln!("interregnum: {} was replaced: another schedule breaks it now", file.display());
    }
    // What counts is the file, read as whoever replays it will read it.
    let again = SavedRun::load(&file)?;
    let plan_again = Plan::from_saved(&again, &file, sims::CATALOGUE)?;
    let replayed = replay(&plan_again, again.found.as_ref(), Keep::Nothing)?;
    if let Some(difference) = replayed.differences.first() {
        return Err(lost(&format!("{} does not replay: {difference}", file.display())));
    }
    let left = &shrunk.plan.schedule;
    let promised = row.promised_under(&left.families())?;
    let (seed, faults) = (shrunk.plan.seed, left.faults.len());
    Ok((Smallest { file: file.display().to_string(), seed, faults, of }, strength.is_judged(promised)))
}

/// Adds to a cell the schedules of all that broke in it. If one shows that less than what excuses a strategy is enough to
/// break it, a promise is broken after all.
pub fn save_all(row: &Row, column: Column, measured: &mut Measured, directory: &Path) -> Result<(), Failure> {
    for (strength, seeds) in &measured.breaking {
        let (smallest, promised) = save(row, column, *strength, seeds, directory)?;
        let held = measured.cell.strengths.get_mut(strength).expect("a cell has all strengths");
        if promised {
            held.contradictions = held.contradictions.max(1);
        }
        held.smallest = Some(smallest);
    }
    Ok(())
}

/// `<strategy>-<profile>-<column>-<strength>.toml`
fn file_name(row: &Row, column: Column, strength: Strength) -> PathBuf {
    let name = row.scenario.name();
    let strategy = name.strip_prefix("election/").unwrap_or(name);
    let profile = row.profile.map(|profile| format!("-{}", profile.name)).unwrap_or_default();
    PathBuf::from(format!("{strategy}{profile}-{column}-{strength}.toml").replace(['/', ' '], "-"))
}
