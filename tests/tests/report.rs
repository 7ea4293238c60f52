//! `report` and the pages that `run --save` leaves: written whole, beside what they are about, and nothing overwritten
//! without a word.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use interregnum_tests::process::{Finished, run};
use interregnum_tests::program;
use interregnum_tests::service::scratch;

const LIMIT: Duration = Duration::from_secs(120);

fn interregnum<S: AsRef<OsStr>>(arguments: &[S]) -> Finished {
    run(Command::new(program::interregnum()).args(arguments), LIMIT)
}

/// A failure that is kept in the documents, copied to where pages may be put beside it.
fn failure(directory: &Path) -> PathBuf {
    let file = directory.join("lease.toml");
    let kept = program::workspace().join("docs").join("matrix").join("lease-clock-belief.toml");
    fs::copy(kept, &file).expect("it can be copied");
    file
}

fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).expect("it is there");
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("it can be read").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn a_page_lies_beside_its_file_and_is_replaced_with_a_word() {
    let (directory, _) = scratch();
    let file = failure(directory.path());
    let page = directory.path().join("lease.html");
    let first = interregnum(&["report".as_ref(), file.as_os_str()]);
    assert_eq!((first.code, first.output.trim()), (Some(0), page.to_str().expect("plain")), "{first:#?}");
    assert_eq!(first.complaints, "");
    let text = fs::read_to_string(&page).expect("it is written");
    assert!(text.starts_with("<!doctype html>") && text.contains("single-leader/belief"));
    assert_eq!(names(directory.path()), ["lease.html", "lease.toml"], "nothing half-written is left");

    // The same again changes nothing; something else in its place is replaced, and that is said.
    assert_eq!(interregnum(&["report".as_ref(), file.as_os_str()]).complaints, "");
    fs::write(&page, "mine").expect("it can be written");
    let again = interregnum(&["report".as_ref(), file.as_os_str()]);
    assert!(again.only_complaint().ends_with("lease.html was replaced"), "{again:#?}");
    assert_eq!(fs::read_to_string(&page).expect("it is there"), text);
}

#[test]
fn the_text_is_short_and_ends_with_the_command() {
    let (directory, _) = scratch();
    let file = failure(directory.path());
    let told = interregnum(&["report".as_ref(), file.as_os_str(), "--text".as_ref()]);
    assert_eq!(told.code, Some(0), "{told:#?}");
    assert!(told.output.lines().count() < 60);
    let last = told.output.lines().last().expect("there are lines");
    let saved = fs::read_to_string(&file).expect("it is there");
    let trace =
        saved.lines().find_map(|line| line.strip_prefix("trace = \"")?.strip_suffix('"')).expect("it was found");
    assert!(last.starts_with(&format!("cargo sim replay {} # trace {trace}", file.display())), "{last}");
    assert_eq!(names(directory.path()), ["lease.toml"], "nothing is written");
}

#[test]
fn what_is_wrong_is_told_in_one_line() {
    let (directory, _) = scratch();
    let file = failure(directory.path());
    let (missing, results) = (directory.path().join("missing.toml"), directory.path().join("results.jsonl"));
    fs::write(&results, "{\"failover_ms\":[1.5]}\n{\"failover\":[]}\n").expect("it can be written");
    let plain = |path: &Path| path.to_str().expect("plain").to_owned();
    for (arguments, part) in [
        (vec![plain(&missing)], "missing.toml: "),
        (vec![plain(&results)], "results.jsonl:2: no `failover_ms`"),
        (vec![plain(&file), "-o".into(), plain(&file)], "cannot take the place"),
        (vec![plain(&file), "-o".into(), plain(directory.path())], "Is a directory"),
        (vec![], "FILE"),
    ] {
        let finished = interregnum(&[vec!["report".to_owned()], arguments].concat());
        assert_eq!(finished.code, Some(2), "{finished:#?}");
        assert!(finished.only_complaint().contains(part), "`{part}` was expected: {finished:#?}");
    }
    assert_eq!(names(directory.path()), ["lease.toml", "results.jsonl"], "nothing is left behind");
}

#[test]
fn times_of_many_runs_are_put_together() {
    let (directory, _) = scratch();
    let results = directory.path().join("results.jsonl");
    let lines = "{\"failover_ms\":[60.0,6000.0]}\n{\"failover_ms\":[]}\n{\"summary\":{}}\n";
    fs::write(&results, lines).expect("it can be written");
    let told = interregnum(&["report".as_ref(), results.as_os_str(), results.as_os_str(), "--text".as_ref()]);
    assert!(told.output.starts_with("4 times without a leader in 4 runs: median 6.00 s"), "{told:#?}");
    let page = interregnum(&["report".as_ref(), results.as_os_str()]);
    assert_eq!(page.code, Some(0), "{page:#?}");
    assert_eq!(names(directory.path()), ["results.html", "results.jsonl"]);
}

#[test]
fn a_failure_that_is_saved_has_a_page_beside_it() {
    let (directory, data) = scratch();
    let kept = program::workspace().join("docs").join("matrix").join("lease-clock-belief.toml");
    let arguments = ["run", "election/lease", "--seed", "9", "--schedule", kept.to_str().expect("plain"), "--save"];
    let finished = run(Command::new(program::interregnum()).args(arguments).arg(&data), LIMIT);
    assert_eq!(finished.code, Some(10), "{finished:#?}");
    assert_eq!(names(&data), ["election-lease-9.html", "election-lease-9.toml"]);
    let page = data.join("election-lease-9.html");
    assert!(finished.output.contains(&format!("seed 9: {}", page.display())), "its path is printed: {finished:#?}");
    drop(directory);
}
