//! The safety matrix and the zoo, with the program itself: what they run, what they save, how they end.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use interregnum_tests::process::{Finished, Process, run};
use interregnum_tests::program;
use serde_json::Value;

/// A few seeds of a few cells are done within seconds.
const LIMIT: Duration = Duration::from_secs(120);

fn interregnum(directory: &Path, arguments: &[&str]) -> Finished {
    run(Command::new(program::interregnum()).args(arguments).current_dir(directory), LIMIT)
}

fn scratch() -> tempfile::TempDir {
    tempfile::tempdir().expect("a directory can be made")
}

/// The objects that were printed, one a line, and the summary behind them.
fn objects(finished: &Finished) -> (Vec<Value>, Value) {
    let mut objects: Vec<Value> =
        finished.output.lines().map(|line| serde_json::from_str(line).expect("an object a line")).collect();
    let last = objects.pop().expect("there is a summary");
    (objects, last["summary"].clone())
}

#[track_caller]
fn is_refused(arguments: &[&str], parts: &[&str]) {
    let directory = scratch();
    let finished = interregnum(directory.path(), arguments);
    assert_eq!(finished.code, Some(2), "{arguments:?}: {finished:#?}");
    let line = finished.only_complaint();
    assert!(parts.iter().all(|part| line.contains(part)), "{arguments:?}: {line}");
    assert_eq!(fs::read_dir(directory.path()).expect("it is there").count(), 0, "nothing was made");
}

#[test]
fn what_has_no_place_in_a_table_is_refused() {
    is_refused(&["matrix", "election/dosc"], &["did you mean `election/docs`?"]);
    is_refused(&["matrix", "service/register"], &["service/register", "no election"]);
    is_refused(&["matrix", "--faults", "clocks"], &["did you mean `clock`?"]);
    is_refused(&["matrix", "--set", "judge=all"], &["judge"]);
    is_refused(&["matrix", "--set", "fencing=uncheckd"], &["did you mean `unchecked`?"]);
    is_refused(&["matrix", "--seeds", "9..3"], &["backwards"]);
    is_refused(&["matrix", "--from", "missing.jsonl"], &["missing.jsonl"]);
    is_refused(&["matrix", "--from", "cells.jsonl", "--seeds", "0..9"], &["--from", "--seeds"]);
    is_refused(&["zoo", "a30"], &["did you mean `A30`?"]);
    is_refused(&["zoo", "--budget", "soon"], &["soon"]);
    is_refused(&["zoo", "--budget", "1m", "--runs", "3"], &["--budget", "--runs"]);
    is_refused(&["zoo", "--runs", "0"], &["--runs"]);
}

/// A lease by the wall clock, held to what its users take it to promise, beside the documented recipe.
#[test]
fn a_matrix_tells_what_breaks_and_saves_what_breaks_it() {
    let directory = scratch();
    let columns = "none,pause,clock";
    let measured = interregnum(
        directory.path(),
        &["matrix", "election/docs", "zoo/A29", "--seeds", "0..5", "--faults", columns, "--markdown", "m.md", "--json"],
    );
    assert_eq!(measured.code, Some(0), "only what is planted breaks a promise: {measured:#?}");
    let (cells, summary) = objects(&measured);
    assert_eq!((cells.len(), &summary["cells"], &summary["runs"]), (6, &Value::from(6), &Value::from(30)));
    let cell = |scenario: &str, column: &str| {
        let found = cells.iter().find(|cell| cell["scenario"] == scenario && cell["column"] == column);
        found.unwrap_or_else(|| panic!("{scenario} under {column}: {cells:#?}"))
    };
    for strength in ["belief", "effect", "order", "failover"] {
        for scenario in ["election/docs", "zoo/A29"] {
            let held = &cell(scenario, "none")["strengths"][strength];
            assert_eq!((&held["breaks"], &held["promised"]), (&Value::from(0), &Value::from(true)), "{scenario}");
        }
    }
    let allowed = &cell("election/docs", "pause")["strengths"]["belief"];
    assert!(allowed["breaks"].as_u64() > Some(0) && allowed["contradictions"] == 0, "{allowed}");
    let broken = &cell("zoo/A29", "clock")["strengths"]["belief"];
    assert!(broken["contradictions"].as_u64() > Some(0), "{broken}");
    assert!(cell("election/docs", "pause")["interregna"]["median_ms"].as_f64() > Some(0.0));

    for (held, file) in [(allowed, "matrix/docs-pause-belief.toml"), (broken, "matrix/zoo-A29-clock-belief.toml")] {
        assert_eq!(held["smallest"]["file"], file);
        assert!(held["smallest"]["faults"].as_u64() <= held["smallest"]["of"].as_u64());
        assert_eq!(interregnum(directory.path(), &["replay", file]).code, Some(10), "{file}");
    }
    let document = fs::read_to_string(directory.path().join("m.md")).expect("it was written");
    assert!(document.contains("[B](matrix/docs-pause-belief.toml)"), "{document}");
    assert!(document.contains("[B!](matrix/zoo-A29-clock-belief.toml)"), "{document}");

    // The same from what was printed, in two parts and without a run.
    let (first, second) = measured.output.split_at(measured.output.find("{\"scenario\":\"zoo/A29\"").expect("a row"));
    fs::write(directory.path().join("1.jsonl"), first).expect("it is written");
    fs::write(directory.path().join("2.jsonl"), second).expect("it is written");
    let rendered = interregnum(directory.path(), &["matrix", "--from", "1.jsonl", "2.jsonl", "--markdown", "again.md"]);
    assert_eq!(rendered.code, Some(0), "{rendered:#?}");
    assert!(rendered.output.contains("zoo/A29 under clock: belief is promised"), "{}", rendered.output);
    let again = fs::read_to_string(directory.path().join("again.md")).expect("it was written");
    assert_eq!(again.replace("again.md", "m.md"), document);
}

#[test]
fn a_zoo_whose_bugs_are_caught_ends_with_zero() {
    let directory = scratch();
    let caught = interregnum(directory.path(), &["zoo", "zoo/A29", "C14", "--json", "--save", "bugs"]);
    assert_eq!(caught.code, Some(0), "{caught:#?}");
    let (rows, summary) = objects(&caught);
    assert_eq!((&summary["verdict"], &summary["canary"]), (&Value::from("all caught"), &Value::from("caught")));
    assert_eq!(rows.len(), 2);
    for row in &rows {
        assert_eq!((&row["outcome"], &row["control"]["is"]), (&Value::from("caught"), &Value::from("silent")), "{row}");
        assert!(row["control"]["runs"].as_u64() >= Some(20), "{row}");
        let file = row["caught"]["file"].as_str().expect("it was saved");
        assert_eq!(interregnum(directory.path(), &["replay", file]).code, Some(10), "{file}");
    }
}

#[test]
fn a_bug_that_is_not_caught_ends_with_ten() {
    let directory = scratch();
    let missed = interregnum(directory.path(), &["zoo", "A30", "--runs", "1"]);
    assert_eq!(missed.code, Some(10), "{missed:#?}");
    assert!(missed.output.contains("1 of 1 not caught: zoo/A30"), "{}", missed.output);
    assert!(missed.output.contains("silent on 20: without the bug"), "{}", missed.output);
}

/// The second bug takes more runs than anybody waits for.
#[test]
fn a_comparison_that_was_interrupted_tells_what_it_came_to() {
    let arguments = ["zoo", "A5", "B25", "--compare", "1", "--strategy", "random", "--runs", "5000", "--json"];
    let process = Process::start(Command::new(program::interregnum()).args(arguments).args(["--jobs", "1"]));
    let line = || serde_json::from_str::<Value>(&process.line(LIMIT).expect("a line more")).expect("an object");
    let found = line();
    assert!(found["scenario"] == "zoo/A5" && found["runs"]["0"].is_u64() && found["given_up"].is_null(), "{found}");
    process.interrupt();
    let given_up = line();
    assert!(given_up["scenario"] == "zoo/B25" && given_up["runs"]["0"].is_null(), "{given_up}");
    assert!(given_up["given_up"]["0"].as_u64().is_some_and(|runs| (1..5000).contains(&runs)), "{given_up}");
    assert_eq!(line()["summary"]["bugs"], 2);
}

#[test]
fn a_comparison_in_parts_is_joined_to_the_same_as_in_one() {
    let directory = scratch();
    let compare = |more: &[&str]| {
        let finished =
            interregnum(directory.path(), &[&["zoo", "--compare", "3", "--jobs", "1", "--json"], more].concat());
        assert_eq!(finished.code, Some(0), "{more:?}: {finished:#?}");
        finished
    };
    let whole = objects(&compare(&["A5", "A20", "--strategy", "guided"]));
    for (range, file) in [("0..1", "first"), ("1..3", "second")] {
        let part = compare(&["A5", "A20", "--strategy", "guided", "--campaigns", range]);
        assert_ne!(objects(&part), whole, "it is a part");
        fs::write(directory.path().join(file), part.output).expect("it is written");
    }
    let joined = objects(&compare(&["--from", "first", "second"]));
    assert!(joined.0.iter().all(|line| line["runs"].as_object().is_some_and(|runs| runs.len() == 3)), "{joined:?}");
    assert_eq!(joined, whole);
    is_refused(&["zoo", "A5", "--compare", "3", "--campaigns", "2..4"], &["`2..4`", "campaigns", "there are 3"]);
    is_refused(&["zoo", "A5", "--compare", "3", "--campaigns", "2"], &["`2`", "campaigns", "A..B"]);
}
