//! `interregnum zoo`: every planted bug, whether it is caught, how soon, and by how few faults.
//!
//! What catches everything proves nothing: each bug has its *control*, the same scenario put right, on which the same
//! monitors must stay silent on the same seeds. And what reports nothing proves nothing: the *canary* always fails, and
//! must be reported. If a control speaks or the canary is silent, the whole table is void.

mod compare;
mod hunt;
mod table;
mod verdict;

use std::io::IsTerminal;
use std::path::Path;

use indicatif::{ProgressBar, ProgressStyle};
use interregnum::{Scenario, UserError, seeds};

use crate::arguments::Zoo;
use crate::{Exit, Failure, files, settings};
use hunt::{Hunt, Limit};
use verdict::Verdict;

/// The scenario that always fails.
const CANARY: &str = "zoo/canary";

/// Hunts all bugs that are asked for, and shows what came of it.
pub fn zoo(arguments: &Zoo) -> Result<Exit, Failure> {
    interregnum::logs::init("off");
    let bugs = bugs(&arguments.ids)?;
    let seeds = match &arguments.seeds {
        Some(range) => seeds::parse_range(range)?,
        None if arguments.budget.is_some() => 0..u64::MAX,
        None => 0..arguments.runs,
    };
    let budget = arguments.budget.as_deref().map(settings::budget).transpose()?;
    let jobs = arguments.jobs.map_or_else(seeds::default_jobs, usize::from);
    if let Some(campaigns) = arguments.compare {
        return compare::compare(arguments, campaigns, &bugs, jobs);
    }
    if let Some(directory) = &arguments.save {
        files::create_directory(directory)?;
    }
    let progress = progress(bugs.len());
    let hunt = |bug: &'static dyn Scenario, limit: Limit| {
        progress.set_message(bug.name());
        let hunt = Hunt { scenario: bug, seeds: seeds.clone(), jobs, limit, save: arguments.save.as_deref() };
        hunt.row()
    };
    // The canary comes first: if it is not reported, the rest is not worth the time.
    let canary = hunt(sims::CATALOGUE.find(CANARY)?, Limit::never())?;
    let started = host::now();
    let mut rows = Vec::new();
    for (done, bug) in bugs.iter().enumerate() {
        let limit = match budget {
            None => Limit::never(),
            // Each may take an equal share of what is left: who needs less leaves more to the others.
            Some(budget) => {
                let left = budget.saturating_sub(host::now() - started);
                Limit::after(left / u32::try_from(bugs.len() - done).unwrap_or(u32::MAX))
            }
        };
        let row = hunt(*bug, limit)?;
        if arguments.json {
            progress.suspend(|| println!("{}", row.json()));
        }
        rows.push(row);
        progress.inc(1);
    }
    progress.finish_and_clear();
    let verdict = Verdict::of(&rows, &canary);
    if arguments.json {
        println!("{}", verdict.json(&rows, &canary));
    } else {
        println!("{}", table::terminal(&rows, &canary, &verdict));
    }
    if let Some(file) = &arguments.markdown {
        files::write(file, &table::markdown(&rows, &canary, &verdict, file))?;
    }
    Ok(match verdict {
        Verdict::AllCaught => Exit::Held,
        Verdict::Missed { .. } => Exit::Safety,
        Verdict::Void { .. } => Exit::Vacuous,
    })
}

/// The scenarios of these ids, with or without `zoo/`, in the order of the catalogue; all if none is named. The canary is
/// none of them: it is always hunted.
fn bugs(ids: &[String]) -> Result<Vec<&'static dyn Scenario>, UserError> {
    let planted = || sims::CATALOGUE.0.iter().copied().filter(|scenario| scenario.name().starts_with("zoo/"));
    let id_of = |scenario: &dyn Scenario| scenario.name().trim_start_matches("zoo/").to_owned();
    let known: Vec<String> = planted().map(id_of).collect();
    let asked: Vec<&str> = ids.iter().map(|id| id.trim_start_matches("zoo/")).collect();
    for id in &asked {
        if !known.iter().any(|name| name == id) {
            return Err(UserError::unknown("planted bug", id, known.iter().map(String::as_str)));
        }
    }
    let is_asked = |scenario: &&dyn Scenario| asked.is_empty() || asked.contains(&id_of(*scenario).as_str());
    Ok(planted().filter(is_asked).filter(|scenario| scenario.name() != CANARY).collect())
}

/// A progress bar on a terminal; nothing elsewhere.
fn progress(rows: usize) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} bugs, {elapsed}: {msg}");
    ProgressBar::new(rows as u64).with_style(style.expect("the template is right"))
}

/// The name of the file that keeps a bug's schedule.
fn file_name(scenario: &dyn Scenario) -> String {
    format!("{}.toml", scenario.name().replace('/', "-"))
}

/// Where the schedule of a bug is kept.
fn file_in(directory: &Path, scenario: &dyn Scenario) -> std::path::PathBuf {
    directory.join(file_name(scenario))
}
