//! A failure that was saved is the same failure again: in another process, with more jobs, and after the file has been
//! edited it is still a schedule.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use interregnum_tests::files;
use interregnum_tests::process::{Finished, run};
use interregnum_tests::program;
use serde_json::Value;
use tempfile::TempDir;

const LIMIT: Duration = Duration::from_secs(240);

/// A planted bug that is found soon.
const SCENARIO: &str = "zoo/A30";

/// The faults that find it.
const FAULTS: &str = "partition,session";

fn interregnum(arguments: &[&str]) -> Finished {
    run(Command::new(program::interregnum()).args(arguments), LIMIT)
}

fn object(finished: &Finished) -> Value {
    let line = finished.output.lines().next().unwrap_or_else(|| panic!("it printed nothing: {finished:#?}"));
    serde_json::from_str(line).expect("an object a line")
}

/// A failure, found and saved.
struct Saved {
    _directory: TempDir,
    file: PathBuf,
    /// What the run that found it said.
    found: Value,
}

fn find_and_save() -> Saved {
    let directory = tempfile::tempdir().expect("a temporary directory can be made");
    let name = directory.path().display().to_string();
    let arguments =
        ["run", SCENARIO, "--faults", FAULTS, "--seeds", "0..20", "--until-failure", "--save", &name, "--json"];
    let finished = interregnum(&arguments);
    assert_eq!(finished.code, Some(10), "{finished:#?}");
    let found = finished
        .output
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("an object a line"))
        .find(|run| run["verdict"] == "safety")
        .expect("the run that failed");
    let file = PathBuf::from(found["schedule_file"].as_str().expect("it was saved"));
    assert!(files::content(directory.path()).contains_key(&file));
    Saved { _directory: directory, file, found }
}

fn name(file: &Path) -> String {
    file.display().to_string()
}

/// The same run in all that does not depend on the machine.
fn assert_same(run: &Value, found: &Value) {
    for key in ["scenario", "seed", "verdict", "violations", "trace", "sim_ms", "events", "failover_ms"] {
        assert_eq!(run[key], found[key], "{key}");
    }
}

#[test]
fn a_saved_failure_replays_to_the_same_violation_time_and_trace() {
    let saved = find_and_save();
    let before = files::content(saved.file.parent().expect("a directory"));
    let trace = saved.found["trace"].as_str().expect("a hash");
    let replayed = interregnum(&["replay", &name(&saved.file), "--expect", trace, "--json"]);
    assert_eq!((replayed.code, replayed.complaints.as_str()), (Some(10), ""), "{replayed:#?}");
    assert_same(&object(&replayed), &saved.found);
    assert_eq!(files::content(saved.file.parent().expect("a directory")), before, "a replay writes nothing");
    let for_people = interregnum(&["replay", &name(&saved.file)]);
    let last = for_people.output.lines().last().expect("it says something");
    assert!(last.starts_with("cargo sim replay") && last.contains(trace), "the last line shows it again: {last}");
}

#[test]
fn the_number_of_jobs_changes_nothing() {
    let arguments = |jobs| ["run", SCENARIO, "--faults", FAULTS, "--seeds", "0..6", "--json", "--jobs", jobs];
    let mut runs = ["1", "2"].map(|jobs| {
        let finished = interregnum(&arguments(jobs));
        let objects: Vec<Value> =
            finished.output.lines().map(|line| serde_json::from_str(line).expect("an object a line")).collect();
        (finished.code, objects)
    });
    for (_, objects) in &mut runs {
        // Jobs end in any order; the summary has no seed, and its wall time is its own.
        objects.retain(|object| object["seed"].is_u64());
        objects.sort_by_key(|object| object["seed"].as_u64());
        assert_eq!(objects.len(), 6);
    }
    let [(code, alone), (code_of_two, in_two)] = runs;
    assert_eq!(code, code_of_two);
    for (one, other) in alone.iter().zip(&in_two) {
        assert_same(one, other);
    }
}

/// The text of a schedule file without what was found, so that it is a schedule and no claim, in its parts: the head,
/// and each fault.
fn parts(text: &str) -> (String, Vec<String>) {
    let schedule = text.split("\n[found]").next().expect("a split has a first part");
    let mut parts = schedule.split("[[fault]]").map(str::to_owned);
    (parts.next().expect("a split has a first part"), parts.collect())
}

fn runs_as_a_schedule(file: &Path, faults: usize) {
    let replayed = interregnum(&["replay", &name(file), "--json"]);
    assert!(matches!(replayed.code, Some(0 | 10 | 11)), "it runs, whatever it finds: {replayed:#?}");
    assert_eq!(replayed.complaints, "", "{faults} faults");
    let again = interregnum(&["replay", &name(file), "--json"]);
    assert_same(&object(&again), &object(&replayed));
    let run = interregnum(&["run", SCENARIO, "--schedule", &name(file), "--json"]);
    assert_eq!(object(&run)["trace"], object(&replayed)["trace"], "`run --schedule` is the same run");
}

#[test]
fn an_edited_schedule_runs() {
    let saved = find_and_save();
    let text = fs::read_to_string(&saved.file).expect("it is there");
    let (head, faults) = parts(&text);
    assert!(faults.len() >= 2, "there is something to edit: {text}");

    let fewer = saved.file.with_file_name("fewer.toml");
    let kept: String = faults[1..].iter().map(|fault| format!("[[fault]]{fault}")).collect();
    fs::write(&fewer, format!("{head}{kept}")).expect("it is written");
    runs_as_a_schedule(&fewer, faults.len() - 1);

    let later = saved.file.with_file_name("later.toml");
    let (before, rest) = faults[0].split_once("at = \"").expect("every fault has a time");
    let (_, after) = rest.split_once('"').expect("the time ends");
    let moved = format!("[[fault]]{before}at = \"17.25s\"{after}");
    let kept: String = faults[1..].iter().map(|fault| format!("[[fault]]{fault}")).collect();
    fs::write(&later, format!("{head}{moved}{kept}")).expect("it is written");
    runs_as_a_schedule(&later, faults.len());
}

#[test]
fn a_replay_that_is_another_run_says_so() {
    let saved = find_and_save();
    let text = fs::read_to_string(&saved.file).expect("it is there");
    let seed = saved.found["seed"].as_u64().expect("a seed");
    let edited = text.replace(&format!("seed = {seed}\n"), &format!("seed = {}\n", seed + 1000));
    assert_ne!(edited, text);
    fs::write(&saved.file, edited).expect("it is written");
    let replayed = interregnum(&["replay", &name(&saved.file)]);
    assert!(replayed.complaints.contains("not the run that was saved"), "{replayed:#?}");
}

#[test]
fn what_was_saved_is_not_overwritten() {
    let saved = find_and_save();
    let seed = saved.found["seed"].to_string();
    let directory = saved.file.parent().expect("a directory").display().to_string();
    fs::write(&saved.file, "precious").expect("it is written");
    let finished = interregnum(&["run", SCENARIO, "--faults", FAULTS, "--seed", &seed, "--save", &directory, "--json"]);
    assert_eq!(finished.code, Some(2), "{finished:#?}");
    assert!(finished.only_complaint().contains("not overwritten"), "{finished:#?}");
    assert_eq!(fs::read(&saved.file).expect("it is there"), b"precious");
}

#[test]
fn the_same_seeds_are_the_same_runs_twice_and_in_a_fresh_process() {
    for scenario in ["election/docs", SCENARIO] {
        let finished =
            interregnum(&["run", scenario, "--faults", FAULTS, "--seeds", "3..6", "--check-determinism", "--json"]);
        let expected = if scenario == SCENARIO { [0, 10].as_slice() } else { &[0, 13] };
        assert!(finished.code.is_some_and(|code| expected.contains(&code)), "{scenario}: {finished:#?}");
        let last = finished.output.lines().last().expect("there is a summary");
        let summary: Value = serde_json::from_str(last).expect("an object");
        assert_eq!(summary["summary"]["not_deterministic"], 0, "{scenario}: {summary}");
        assert_eq!(summary["summary"]["runs"], 3);
    }
}
