//! The schedules beside `docs/matrix.md`: each of them breaks what it is named for.

use std::path::PathBuf;

use history::Keep;
use interregnum::schedule::SavedRun;
use interregnum::{Plan, execute};
use interregnum_sims::CATALOGUE;

/// So many of a hundred must still break it. Every change of the service moves times, and some schedules break by a hair;
/// when more than a tenth of them hold, it is time to make the matrix anew.
const STILL_BREAK: usize = 90;

fn schedules() -> Vec<PathBuf> {
    let directory = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/matrix");
    let entries = std::fs::read_dir(directory).expect("the schedules are there");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("it is readable").path()).collect();
    files.sort();
    files
}

/// The monitor that judges what the last word of a file's name says.
fn monitor(file: &str) -> String {
    match file.trim_end_matches(".toml").rsplit_once('-').expect("a name says what is broken").1 {
        "failover" => "failover".to_owned(),
        strength => format!("single-leader/{strength}"),
    }
}

#[test]
fn the_saved_schedules_break_what_they_are_named_for() {
    let files = schedules();
    assert!(files.len() > 20, "{files:?}");
    let mut hold = Vec::new();
    for file in &files {
        let name = file.file_name().expect("a file has a name").to_string_lossy().into_owned();
        let saved = SavedRun::load(file).expect("it is readable");
        let plan = Plan::from_saved(&saved, file, CATALOGUE).unwrap_or_else(|error| panic!("{name}: {error}"));
        let outcome = execute(&plan, Keep::Nothing).expect("it runs");
        assert_eq!(outcome.panic, None, "{name}");
        if !outcome.violations.iter().any(|violation| violation.monitor == monitor(&name)) {
            hold.push(name);
        }
    }
    let broken = (files.len() - hold.len()) * 100 / files.len();
    assert!(broken >= STILL_BREAK, "{broken} % of the schedules still break something; these hold: {hold:#?}");
}
