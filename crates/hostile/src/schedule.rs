//! Schedule files: runs as people save, edit and send them.

use std::path::Path;

use interregnum::schedule::SavedRun;
use interregnum::{Plan, UserError};

/// The name that messages begin with.
const FILE: &str = "fuzzed.toml";

/// Checks a file.
///
/// # Panics
/// If something does not hold.
pub fn check_schedule(input: &[u8]) {
    let Ok(text) = str::from_utf8(input) else { return };
    let file = Path::new(FILE);
    let run = match SavedRun::parse(text, file) {
        Ok(run) => run,
        Err(error) => return assert_mistake(&error, text),
    };
    assert_eq!(run.lines.len(), run.schedule.faults.len(), "every fault has its line");

    let printed = run.to_text();
    let again = SavedRun::parse(&printed, file).unwrap_or_else(|error| panic!("{error}\n{printed}"));
    assert_eq!(SavedRun { lines: run.lines.clone(), ..again.clone() }, run, "what is printed reads as the same");
    assert_eq!(again.to_text(), printed, "the same is printed the same way");

    match Plan::from_saved(&run, file, sims::CATALOGUE) {
        Err(error) => assert_one_line(&error),
        Ok(plan) => {
            let saved = plan.to_saved(run.found.clone());
            let plan_again = Plan::from_saved(&saved, file, sims::CATALOGUE).expect("a plan can be saved");
            assert_eq!(plan_again.schedule, plan.schedule);
        }
    }
}

/// What cannot be used is told in one line, which says where.
fn assert_mistake(error: &UserError, text: &str) {
    assert_one_line(error);
    let lines = 1 + text.bytes().filter(|byte| *byte == b'\n').count();
    match error {
        UserError::BadSchedule { line, .. } => assert!((1..=lines).contains(line), "line {line} of {lines}: {error}"),
        _ => panic!("no line: {error:?}"),
    }
}

fn assert_one_line(error: &UserError) {
    let told = error.to_string();
    assert!(!told.contains(char::is_control), "what is told is one line of text: {told:?}");
}
