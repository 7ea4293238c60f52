//! `interregnum shrink`: from the failure that was found to one that a person reads.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use indicatif::{ProgressBar, ProgressStyle};
use interregnum::schedule::SavedRun;
use interregnum::{Effort, Plan, Progress, Shrunk, Size, shrink_any, shrink_reaching};
use serde_json::{Value, json};

use crate::arguments::Shrink;
use crate::{Exit, Failure, fresh, show};

/// Makes a saved failure smaller, saves it, and replays it in a fresh process.
pub fn shrink(arguments: &Shrink) -> Result<Exit, Failure> {
    interregnum::logs::init("off");
    let saved = SavedRun::load(&arguments.file)?;
    let plan = Plan::from_saved(&saved, &arguments.file, sims::CATALOGUE)?;
    let bar = progress_bar(arguments);
    let effort = Effort::of_runs(arguments.runs);
    let mut progress = |progress: &Progress| show_progress(&bar, progress);
    let shrunk = match &arguments.reaching {
        None => shrink_any(&plan, effort, &mut progress)?,
        Some(point) => shrink_reaching(&plan, point, effort, &mut progress)?,
    };
    bar.finish_and_clear();
    let Some(shrunk) = shrunk else {
        let why = match &arguments.reaching {
            None => format!("does not fail{}", as_was_found(&saved)),
            Some(point) => format!("does not hold and reach `{point}`"),
        };
        return Err(Failure::Other(format!("{} {why}", arguments.file.display())));
    };
    let file = arguments.output.clone().unwrap_or_else(|| beside(&arguments.file));
    let reaches = arguments.reaching.iter().cloned().collect();
    let small = SavedRun { reaches, ..shrunk.plan.to_saved(shrunk.outcome.found()) };
    if small.save_or_replace(&file)? {
        eprintln!("interregnum: {} was replaced", file.display());
    }
    replay_elsewhere(&file, &shrunk)?;
    if arguments.json {
        println!("{}", object(&shrunk, &file));
    } else {
        println!("{shrunk}");
        let command = format!("cargo sim replay {}", file.display());
        println!("{}", show::failure(&shrunk.plan, &shrunk.outcome, &command));
    }
    Ok(Exit::Held)
}

/// `NAME.small.toml` beside `NAME.toml`; what is small already has that name.
fn beside(file: &Path) -> PathBuf {
    let name = file.file_stem().unwrap_or_default().to_string_lossy();
    file.with_file_name(format!("{}.small.toml", name.trim_end_matches(".small")))
}

/// What a file says that no longer fails.
fn as_was_found(saved: &SavedRun) -> String {
    match &saved.found {
        None => ": there is nothing to make smaller".to_owned(),
        Some(found) => format!(": `{}` broke when {} saved it, and now everything held", found.monitor, found.version),
    }
}

/// What counts is the file, as a process reads and runs it that knows nothing else.
fn replay_elsewhere(file: &Path, shrunk: &Shrunk) -> Result<(), Failure> {
    let here = shrunk.outcome.trace.to_string();
    let elsewhere = fresh::traces(&["replay".to_owned(), file.display().to_string()])?.remove(&shrunk.plan.seed);
    if elsewhere.as_ref() == Some(&here) {
        return Ok(());
    }
    let elsewhere = elsewhere.unwrap_or_else(|| "nothing".to_owned());
    let why = format!("{}: trace hash {here} here, {elsewhere} in a fresh process", file.display());
    Err(Failure::NotDeterministic(why))
}

fn object(shrunk: &Shrunk, file: &Path) -> Value {
    let size = |size: Size| {
        json!({
            "faults": size.faults,
            "servers": size.servers,
            "candidates": size.candidates,
            "length_ms": u64::try_from(size.length.as_millis()).unwrap_or(u64::MAX),
        })
    };
    let found = shrunk.outcome.found();
    json!({
        "scenario": shrunk.plan.scenario.name(),
        "seed": shrunk.plan.seed,
        "scheduler_seed": shrunk.plan.scheduler_seed,
        "verdict": shrunk.outcome.verdict().name(),
        "monitor": found.map(|found| found.monitor),
        "trace": shrunk.outcome.trace.to_string(),
        "before": size(shrunk.before),
        "after": size(shrunk.after()),
        "runs": shrunk.runs,
        "schedule_file": file.display().to_string(),
    })
}

/// A progress bar on a terminal; nothing elsewhere.
fn progress_bar(arguments: &Shrink) -> ProgressBar {
    if arguments.json || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{pos} runs of {len} at most, {elapsed}: {msg}");
    ProgressBar::new(u64::from(arguments.runs)).with_style(style.expect("the template is right"))
}

fn show_progress(bar: &ProgressBar, progress: &Progress) {
    bar.set_position(u64::from(progress.runs));
    bar.set_message(format!("{} faults left", progress.size.faults));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_small_one_lies_beside_the_large_one() {
        assert_eq!(beside(Path::new("found/zoo-A30-60.toml")), Path::new("found/zoo-A30-60.small.toml"));
        assert_eq!(beside(Path::new("zoo-A30-60.small.toml")), Path::new("zoo-A30-60.small.toml"));
    }
}
