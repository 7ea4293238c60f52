//! The matrix as a document, for whoever has to choose a strategy. A function of the cells alone: no dates, no wall time.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use super::cell::{Cell, Held, Smallest, row};
use super::link;
use super::strength::Strength;
use super::table::{columns, find, rows};

/// What comes before the tables.
const INTRODUCTION: &str = "\
# The safety matrix

Which election strategy keeps what under which faults. Each cell is a campaign: the strategy runs on a simulated ensemble,
once for each seed, under faults of one family (`none`: no faults; `all`: all families at once), and each of four properties
either held in all runs or broke in some. What *holds* was not seen to break within the seeds spent, which is no proof; what
*breaks* comes with a schedule that breaks it, made as small as leaving out faults can make it, and replayed before it was
counted: `cargo sim replay FILE` shows it again, at the same virtual time, with the same trace hash.

A break is not always a bug. A strategy that promises less is allowed more, and a service that elects leaders for anything
which checks a fencing token may need no more than *effect*. What must not be is a promise that is broken.
";

/// What the marks of the table mean.
const LEGEND: &str = "\
| mark | meaning |
|---|---|
| `+` | promised, and held |
| `·` | not promised under these faults, and held all the same |
| `B` `E` `O` `F` | broke, as it may: belief, effect, order, failover; the letter links to a schedule that breaks it |
| `B!` … | broke, though promised: a bug of the strategy, of its promise, or of this testbed; or planted, and meant to break |
| `†` | something else broke, which no strategy can help: a fault of the service or a panic |
| `?` | the runs never got to where it could break: what holds there proves nothing |
";

/// The whole document, as it lies in `file`: links are relative to it.
pub fn document(cells: &[Cell], file: &Path) -> String {
    let mut text = String::from(INTRODUCTION);
    text.push_str("\n## Four properties\n\n| | property | what it says |\n|---|---|---|\n");
    for strength in Strength::ALL {
        line(&mut text, format_args!("| `{}` | {strength} | {} |", strength.letter(), strength.about()));
    }
    text.push_str("\n## What is promised\n\n");
    promises(cells, &mut text);
    text.push_str("\n## The matrix\n\n");
    text.push_str(LEGEND);
    text.push('\n');
    overview(cells, file, &mut text);
    text.push_str("\n## Row by row\n");
    for row in rows(cells) {
        details(cells, &row, file, &mut text);
    }
    provenance(cells, file, &mut text);
    text
}

fn line(text: &mut String, line: std::fmt::Arguments<'_>) {
    writeln!(text, "{line}").expect("a string takes everything");
}

/// One row each: the promises are the same in all columns.
fn promises(cells: &[Cell], text: &mut String) {
    line(text, format_args!("| strategy | {} |", Strength::ALL.map(Strength::name).join(" | ")));
    line(text, format_args!("|---|{}", "---|".repeat(Strength::ALL.len())));
    for row in rows(cells) {
        let Some(cell) = cells.iter().find(|cell| cell.row() == row) else { continue };
        let promises = Strength::ALL.map(|strength| shown_promise(&cell.held(strength).promise));
        line(text, format_args!("| {row} | {} |", promises.join(" | ")));
    }
}

/// A promise that excludes every family is one for fair weather.
fn shown_promise(promise: &str) -> String {
    if promise == ::check::Promise::without_faults().to_string() {
        "without faults".to_owned()
    } else {
        promise.to_owned()
    }
}

fn overview(cells: &[Cell], file: &Path, text: &mut String) {
    let columns = columns(cells);
    line(text, format_args!("| | {} |", columns.join(" | ")));
    line(text, format_args!("|---|{}", "---|".repeat(columns.len())));
    for row in rows(cells) {
        let shown = |column: &&str| match find(cells, &row, column) {
            Some(cell) => marks(cell, file),
            None => String::new(),
        };
        let shown: Vec<String> = columns.iter().map(shown).collect();
        line(text, format_args!("| {row} | {} |", shown.join(" | ")));
    }
}

fn marks(cell: &Cell, file: &Path) -> String {
    let mark = |strength: Strength| {
        let held = cell.held(strength);
        let mark = held.mark(strength);
        match &held.smallest {
            Some(smallest) => format!("[{mark}]({})", link(file, Path::new(&smallest.file))),
            None => mark,
        }
    };
    let marks = Strength::ALL.map(mark).join(" ");
    format!("{marks}{}", cell.remark().unwrap_or_default())
}

fn details(cells: &[Cell], row_name: &str, file: &Path, text: &mut String) {
    let of_row: Vec<&Cell> = columns(cells).into_iter().filter_map(|column| find(cells, row_name, column)).collect();
    let Some(first) = of_row.first() else { return };
    line(text, format_args!("\n### {row_name}\n"));
    if let Some(about) = about(first) {
        line(text, format_args!("{about}\n"));
    }
    let names = Strength::ALL.map(Strength::name).join(" | ");
    line(text, format_args!("| faults | runs | {names} | times without a leader | median | p99 |"));
    line(text, format_args!("|---|---|{}---|---|---|", "---|".repeat(Strength::ALL.len())));
    for cell in &of_row {
        let held = Strength::ALL.map(|strength| shown_held(cell.held(strength), cell.runs, file)).join(" | ");
        let (median, p99) = (seconds(cell.interregna.median_ms), seconds(cell.interregna.p99_ms));
        let (column, runs, count) = (&cell.column, cell.runs, cell.interregna.count);
        line(text, format_args!("| {column} | {runs} | {held} | {count} | {median} | {p99} |"));
    }
    for cell in &of_row {
        let command = cell.command(profile_of(cell).map_or(&[][..], |profile| profile.settings));
        if let Some(failure) = &cell.failures.first {
            let (seed, monitor, message) = (failure.seed, &failure.monitor, &failure.message);
            line(text, format_args!("\n† {}: seed {seed}, `{monitor}`: {message} (`{command}`)", cell.column));
        }
        if !cell.missed.is_empty() {
            line(text, format_args!("\n? {}: never reached: {} (`{command}`)", cell.column, cell.missed.join(", ")));
        }
    }
}

fn shown_held(held: &Held, runs: u64, file: &Path) -> String {
    if held.breaks == 0 {
        return if held.promised { "holds".to_owned() } else { "holds, not promised".to_owned() };
    }
    let breaks = format!("breaks in {} of {runs}", held.breaks);
    let broken_promise = if held.contradictions > 0 { ", **though promised**" } else { "" };
    let first = held.first_seed.map(|seed| format!(", first by seed {seed}")).unwrap_or_default();
    let schedule = held.smallest.as_ref().map(|smallest| shown_schedule(smallest, file)).unwrap_or_default();
    format!("{breaks}{broken_promise}{first}{schedule}")
}

fn shown_schedule(smallest: &Smallest, file: &Path) -> String {
    let faults = match smallest.faults {
        0 => "no fault at all".to_owned(),
        1 => "1 fault".to_owned(),
        count => format!("{count} faults"),
    };
    format!(": [{faults}]({}) of {}", link(file, Path::new(&smallest.file)), smallest.of)
}

fn seconds(milliseconds: Option<f64>) -> String {
    milliseconds.map_or_else(|| "-".to_owned(), |milliseconds| format!("{:.2} s", milliseconds / 1_000.0))
}

fn profile_of(cell: &Cell) -> Option<interregnum::Profile> {
    let scenario = sims::CATALOGUE.find(&cell.scenario).ok()?;
    scenario.profiles().iter().copied().find(|profile| Some(profile.name) == cell.profile.as_deref())
}

/// What a row is about, where this program still knows it.
fn about(cell: &Cell) -> Option<String> {
    let scenario = sims::CATALOGUE.find(&cell.scenario).ok()?;
    let name = format!("`{}`: {}.", cell.scenario, scenario.about());
    Some(match profile_of(cell) {
        Some(profile) => {
            let settings: Vec<String> =
                profile.settings.iter().map(|(key, value)| format!("`{key}={value}`")).collect();
            format!("{name} Here {}: {}.", settings.join(", "), profile.about)
        }
        None => name,
    })
}

/// By what it was made, and how it is made again.
fn provenance(cells: &[Cell], file: &Path, text: &mut String) {
    let all = |of: fn(&Cell) -> String| cells.iter().map(of).collect::<BTreeSet<String>>();
    let seeds = all(|cell| cell.seeds.clone());
    let versions = all(|cell| cell.version.clone());
    let settings = all(|cell| {
        cell.settings.iter().map(|(key, value)| format!(" --set {key}={value}")).collect::<Vec<_>>().concat()
    });
    let joined = |set: &BTreeSet<String>| set.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
    let runs: u64 = cells.iter().map(|cell| cell.runs).sum();
    line(text, format_args!("\n## How it was made\n"));
    line(text, format_args!("{runs} runs by interregnum {}, seeds {}.\n", joined(&versions), joined(&seeds)));
    let smallest = cells.iter().flat_map(|cell| cell.strengths.values()).find_map(|held| held.smallest.as_ref());
    let directory = smallest.and_then(|smallest| Path::new(&smallest.file).parent()).unwrap_or(Path::new("matrix"));
    text.push_str("```console\n");
    for seeds in &seeds {
        for settings in &settings {
            let (directory, file) = (directory.display(), file.display());
            line(
                text,
                format_args!("$ cargo sim matrix --seeds {seeds}{settings} --save {directory} --markdown {file}"),
            );
        }
    }
    text.push_str("```\n");
    let scenarios: BTreeSet<String> = cells.iter().map(|cell| row(&cell.scenario, None)).collect();
    if scenarios.len() > 1 {
        text.push_str(
            "\nRow by row the same is `cargo sim matrix SCENARIO --json > SCENARIO.jsonl`, and in the end `cargo sim matrix --from \
             *.jsonl --markdown FILE`.\n",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::super::cell::testing::cell;
    use super::*;

    #[test]
    fn everything_that_breaks_links_to_its_schedule() {
        let cells = [cell("election/docs", "pause", "B"), cell("election/docs", "crash", "O")];
        let text = document(&cells, Path::new("docs/matrix.md"));
        assert!(
            text.contains("| docs | [B](../matrix/election-docs-pause-belief.toml) + + + |")
                || text.contains("| docs | + + [O!]("),
            "{text}"
        );
        assert!(text.contains("| docs | unless pause | always | always | always |"), "{text}");
        assert!(text.contains("breaks in 3 of 100, **though promised**, first by seed 7: [1 fault]("), "{text}");
        assert!(text.contains("| 8.00 s | 12.35 s |"), "{text}");
        assert!(text.contains("$ cargo sim matrix --seeds 0..100 --save matrix --markdown docs/matrix.md"), "{text}");
        assert_eq!(text, document(&cells, Path::new("docs/matrix.md")), "the same cells give the same document");
    }

    #[test]
    fn a_promise_for_fair_weather_is_a_short_one() {
        assert_eq!(shown_promise(&::check::Promise::without_faults().to_string()), "without faults");
        assert_eq!(shown_promise("unless pause"), "unless pause");
    }
}
