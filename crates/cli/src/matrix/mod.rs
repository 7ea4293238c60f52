//! `interregnum matrix`: which strategy keeps which promise under which faults.
//!
//! A cell is a campaign of one strategy under one family of faults. What breaks is no failure by itself: most strategies
//! promise less than everything. A promise that is broken is one, and so is whatever breaks of the service below.

mod cell;
mod column;
mod markdown;
mod measure;
mod read;
mod smallest;
mod strength;
mod table;

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::path::Path;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use interregnum::{Profile, Scenario, UserError, seeds};
use serde_json::json;

use crate::arguments::Matrix;
use crate::{Exit, Failure, files, settings};
use cell::Cell;
use column::Column;
use measure::{Row, no_election};
use strength::Strength;

/// Measures the matrix, or takes it from files, and shows it.
pub fn matrix(arguments: &Matrix) -> Result<Exit, Failure> {
    interregnum::logs::init("off");
    let started = host::now();
    let cells = if arguments.from.is_empty() { measure_all(arguments)? } else { read::files(&arguments.from)? };
    if arguments.json {
        if !arguments.from.is_empty() {
            for cell in &cells {
                print_line(cell)?;
            }
        }
        println!("{}", summary(&cells, host::now() - started));
    } else {
        println!("{}", table::table(&cells));
        for line in complaints(&cells) {
            println!("{line}");
        }
    }
    if let Some(file) = &arguments.markdown {
        files::write(file, &markdown::document(&cells, file))?;
    }
    Ok(exit_of(&cells))
}

fn measure_all(arguments: &Matrix) -> Result<Vec<Cell>, Failure> {
    let rows = rows(arguments)?;
    let columns = arguments.faults.as_deref().map_or_else(|| Ok(Column::all()), Column::parse)?;
    let seeds = seeds::parse_range(&arguments.seeds)?;
    let jobs = arguments.jobs.map_or_else(seeds::default_jobs, usize::from);
    for row in &rows {
        // What does not fit together is told before anything has run.
        row.campaign(Column::Nothing, seeds.clone(), jobs, "nothing")?.plan(seeds.start)?;
    }
    files::create_directory(&arguments.save)?;
    let runs = (seeds.end - seeds.start) * rows.len() as u64 * columns.len() as u64;
    let progress = progress(runs);
    let mut cells = Vec::new();
    for row in &rows {
        for column in &columns {
            progress.set_message(format!("{} under {column}", row.scenario.name()));
            let mut measured = row.measure(*column, seeds.clone(), jobs, || progress.inc(1))?;
            progress.suspend(|| {
                smallest::save_all(row, *column, &mut measured, &arguments.save)?;
                if arguments.json { print_line(&measured.cell) } else { Ok(()) }
            })?;
            cells.push(measured.cell);
        }
    }
    progress.finish_and_clear();
    Ok(cells)
}

/// All rows that are asked for: each scenario with its defaults, and with each of its profiles.
fn rows(arguments: &Matrix) -> Result<Vec<Row>, UserError> {
    let settings: BTreeMap<String, String> = settings::parse(&arguments.settings)?.into_iter().collect();
    if settings.contains_key("judge") {
        return Err(UserError::Mismatch("`judge` cannot be set: the matrix counts what breaks, whatever it is".into()));
    }
    let scenarios: Vec<&'static dyn Scenario> = match arguments.scenarios.as_slice() {
        [] => sims::CATALOGUE.0.iter().copied().filter(|scenario| scenario.name().starts_with("election/")).collect(),
        names => names.iter().map(|name| sims::CATALOGUE.find(name)).collect::<Result<_, _>>()?,
    };
    let mut rows = Vec::new();
    for scenario in scenarios {
        if scenario.promises(&scenario.parameters()).is_none() {
            return Err(no_election(scenario));
        }
        let profiles = scenario.profiles().iter().copied().map(Some);
        for profile in [None].into_iter().chain(profiles) {
            rows.push(row(scenario, profile, &settings)?);
        }
    }
    Ok(rows)
}

fn row(
    scenario: &'static dyn Scenario,
    profile: Option<Profile>,
    settings: &BTreeMap<String, String>,
) -> Result<Row, UserError> {
    let mut parameters = scenario.parameters();
    for (key, value) in settings {
        parameters.set(key, value)?;
    }
    // The profile is what the row is about: it has the last word.
    for (key, value) in profile.map_or(&[][..], |profile| profile.settings) {
        parameters.set(key, value)?;
    }
    Ok(Row { scenario, profile, settings: settings.clone(), parameters })
}

fn print_line(cell: &Cell) -> Result<(), Failure> {
    println!("{}", serde_json::to_string(cell).map_err(|error| Failure::Other(error.to_string()))?);
    Ok(())
}

fn summary(cells: &[Cell], wall: Duration) -> serde_json::Value {
    let held = || cells.iter().flat_map(|cell| cell.strengths.values());
    let failures = cells.iter().map(|cell| &cell.failures);
    json!({"summary": {
        "cells": cells.len(),
        "runs": cells.iter().map(|cell| cell.runs).sum::<u64>(),
        "broken": held().filter(|held| held.breaks > 0).count(),
        "contradicted": cells
            .iter()
            .map(|cell| Strength::ALL.into_iter().filter(|strength| contradicted(cell, *strength)).count())
            .sum::<usize>(),
        "failures": failures.map(|failures| failures.safety + failures.liveness + failures.panics).sum::<u64>(),
        "vacuous": cells.iter().filter(|cell| !cell.missed.is_empty()).count(),
        "wall_ms": wall.as_millis() as u64,
    }})
}

/// What must not be: a line each.
fn complaints(cells: &[Cell]) -> Vec<String> {
    let mut lines = Vec::new();
    for cell in cells {
        let place = format!("{} under {}", cell.row(), cell.column);
        for strength in Strength::ALL {
            let held = cell.held(strength);
            if held.contradictions > 0 {
                let file = held.smallest.as_ref().map(|smallest| format!(": cargo sim replay {}", smallest.file));
                lines.push(format!(
                    "{place}: {strength} is promised ({}), and broke in {} of {} runs{}{}",
                    held.promise,
                    held.contradictions,
                    cell.runs,
                    if cell.planted { ", as it must: it is planted" } else { "" },
                    file.unwrap_or_default()
                ));
            }
        }
        if let Some(first) = &cell.failures.first {
            lines.push(format!("{place}: seed {}: {}: {}", first.seed, first.monitor, first.message));
        }
        if !cell.missed.is_empty() {
            lines.push(format!("{place}: never reached, though it must be: {}", cell.missed.join(", ")));
        }
    }
    lines
}

/// Whether a promise was broken that is meant to be kept.
fn contradicted(cell: &Cell, strength: Strength) -> bool {
    cell.held(strength).contradictions > 0 && !cell.planted
}

fn exit_of(cells: &[Cell]) -> Exit {
    let any_contradicted = |strength: Strength| cells.iter().any(|cell| contradicted(cell, strength));
    let failed = |count: fn(&cell::Failures) -> u64| cells.iter().any(|cell| count(&cell.failures) > 0);
    let at_most_one = [Strength::Belief, Strength::Effect, Strength::Order];
    match () {
        () if failed(|failures| failures.panics) => Exit::Other,
        () if at_most_one.into_iter().any(any_contradicted) || failed(|failures| failures.safety) => Exit::Safety,
        () if any_contradicted(Strength::Failover) || failed(|failures| failures.liveness) => Exit::Liveness,
        () if cells.iter().any(|cell| !cell.missed.is_empty()) => Exit::Vacuous,
        () => Exit::Held,
    }
}

/// A progress bar on a terminal; nothing elsewhere.
fn progress(runs: u64) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} runs, {per_sec}, {eta} left: {msg}");
    ProgressBar::new(runs).with_style(style.expect("the template is right"))
}

/// A path from the directory of one file to another file, as links have it.
pub fn link(from: &Path, to: &Path) -> String {
    let directory: Vec<_> = from.parent().unwrap_or(Path::new("")).components().collect();
    let target: Vec<_> = to.components().collect();
    let common = directory.iter().zip(&target).take_while(|(left, right)| left == right).count();
    let up = directory[common..].iter().map(|_| "..".to_owned());
    let down = target[common..].iter().map(|part| part.as_os_str().to_string_lossy().into_owned());
    up.chain(down).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::cell::testing::cell;
    use super::*;

    #[test]
    fn a_break_that_is_allowed_is_no_failure_and_one_that_is_not_is() {
        assert_eq!(exit_of(&[cell("election/docs", "pause", "B")]), Exit::Held);
        assert_eq!(exit_of(&[cell("election/docs", "crash", "B")]), Exit::Safety);
        assert_eq!(exit_of(&[cell("election/docs", "pause", "BF")]), Exit::Liveness);
        assert_eq!(exit_of(&[cell("election/docs", "pause", "F"), cell("election/docs", "link", "O")]), Exit::Safety);
    }

    #[test]
    fn what_is_planted_is_meant_to_break() {
        let planted = Cell { planted: true, ..cell("election/lease", "clock", "B") };
        assert_eq!(exit_of(std::slice::from_ref(&planted)), Exit::Held);
        assert!(complaints(&[planted])[0].contains("as it must"));
    }

    #[test]
    fn what_proves_nothing_is_vacuous_unless_something_worse_was_found() {
        let mut vacuous = cell("election/docs", "clock", "");
        vacuous.missed.push("leader elected".to_owned());
        assert_eq!(exit_of(std::slice::from_ref(&vacuous)), Exit::Vacuous);
        assert_eq!(complaints(std::slice::from_ref(&vacuous)).len(), 1);
        assert_eq!(exit_of(&[vacuous, cell("election/docs", "crash", "E")]), Exit::Safety);
    }

    #[test]
    fn links_go_from_the_directory_of_the_document() {
        let link = |from: &str, to: &str| link(Path::new(from), Path::new(to));
        assert_eq!(link("docs/matrix.md", "docs/matrix/a.toml"), "matrix/a.toml");
        assert_eq!(link("docs/matrix.md", "matrix/a.toml"), "../matrix/a.toml");
        assert_eq!(link("matrix.md", "matrix/a.toml"), "matrix/a.toml");
    }
}
