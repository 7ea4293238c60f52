//! A failure that was found becomes one that a person reads: smaller, and the same failure in a process that knows nothing
//! but its file.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use interregnum_tests::process::{Finished, run};
use interregnum_tests::program;
use serde_json::Value;

const LIMIT: Duration = Duration::from_secs(240);

fn interregnum(arguments: &[&str]) -> Finished {
    run(Command::new(program::interregnum()).args(arguments), LIMIT)
}

fn object(finished: &Finished) -> Value {
    let line = finished.output.lines().next().unwrap_or_else(|| panic!("it printed nothing: {finished:#?}"));
    serde_json::from_str(line).expect("an object a line")
}

fn name(file: &Path) -> String {
    file.display().to_string()
}

/// Finds a planted bug and saves what found it.
fn find_and_save(directory: &Path) -> PathBuf {
    let into = name(directory);
    let finished = interregnum(&["run", "zoo/A30", "--seed", "60", "--save", &into, "--json"]);
    assert_eq!(finished.code, Some(10), "{finished:#?}");
    PathBuf::from(object(&finished)["schedule_file"].as_str().expect("it was saved"))
}

#[test]
fn a_failure_becomes_small_and_replays_in_a_fresh_process() {
    let directory = tempfile::tempdir().expect("a temporary directory can be made");
    let file = find_and_save(directory.path());
    let before = fs::read_to_string(&file).expect("it was saved");

    let shrunk = interregnum(&["shrink", &name(&file), "--json"]);
    assert_eq!((shrunk.code, shrunk.complaints.as_str()), (Some(0), ""), "{shrunk:#?}");
    let shrunk = object(&shrunk);
    let faults = |when: &str| shrunk[when]["faults"].as_u64().expect("a number");
    assert!(faults("before") > faults("after") && faults("after") <= 3, "{shrunk}");
    assert_eq!(fs::read_to_string(&file).expect("it is still there"), before, "the large one stays as it was");

    let small = file.with_extension("small.toml");
    assert_eq!(shrunk["schedule_file"], name(&small));
    let trace = shrunk["trace"].as_str().expect("a hash");
    let replayed = interregnum(&["replay", &name(&small), "--expect", trace, "--json"]);
    assert_eq!((replayed.code, replayed.complaints.as_str()), (Some(10), ""), "{replayed:#?}");
    assert_eq!(object(&replayed)["violations"][0]["monitor"], shrunk["monitor"]);
    let original = object(&interregnum(&["replay", &name(&file), "--json"]));
    assert_eq!(original["violations"][0]["monitor"], shrunk["monitor"], "it breaks what it broke");

    // Again, and for people: the same file, so nothing is replaced, and the last line shows the failure again.
    let again = interregnum(&["shrink", &name(&file)]);
    assert_eq!((again.code, again.complaints.as_str()), (Some(0), ""), "{again:#?}");
    let lines: Vec<&str> = again.output.lines().collect();
    assert!(lines[0].contains(" faults -> ") && lines[0].ends_with(" runs)"), "{}", lines[0]);
    let last = lines.last().expect("it says something");
    assert!(last.starts_with(&format!("cargo sim replay {} --expect {trace}", small.display())), "{last}");
}

#[test]
fn nothing_is_overwritten_without_a_word() {
    let directory = tempfile::tempdir().expect("a temporary directory can be made");
    let file = find_and_save(directory.path());
    let output = directory.path().join("mine.toml");
    fs::write(&output, "something else\n").expect("it can be written");
    let shrunk = interregnum(&["shrink", &name(&file), "-o", &name(&output), "--runs", "5", "--json"]);
    assert_eq!(shrunk.code, Some(0), "{shrunk:#?}");
    assert!(shrunk.complaints.contains("mine.toml was replaced"), "{}", shrunk.complaints);
    assert_eq!(object(&shrunk)["runs"], 5, "no more runs are spent than there are");
}

#[test]
fn what_does_not_fail_is_one_clear_line() {
    let directory = tempfile::tempdir().expect("a temporary directory can be made");
    let file = find_and_save(directory.path());
    // Put right, it holds.
    let text = fs::read_to_string(&file).expect("it was saved");
    let right = directory.path().join("right.toml");
    let head = "[parameters]\nplanted = \"false\"\n\n[[fault]]";
    fs::write(&right, text.replacen("[[fault]]", head, 1)).expect("it can be written");
    let shrunk = interregnum(&["shrink", &name(&right)]);
    assert_eq!(shrunk.code, Some(1), "{shrunk:#?}");
    let complaint = format!("interregnum: {} does not fail: `single-leader/belief` broke when ", right.display());
    assert!(shrunk.complaints.starts_with(&complaint), "{}", shrunk.complaints);
    assert_eq!(shrunk.complaints.lines().count(), 1, "{}", shrunk.complaints);
    assert!(!right.with_extension("small.toml").exists(), "nothing is saved");
}

#[test]
fn a_mistake_is_one_clear_line() {
    let missing = interregnum(&["shrink", "nowhere.toml"]);
    assert_eq!(missing.code, Some(2), "{missing:#?}");
    assert!(missing.complaints.starts_with("interregnum: nowhere.toml: "), "{}", missing.complaints);
    let none = interregnum(&["shrink", "nowhere.toml", "--runs", "1"]);
    assert_eq!((none.code, none.complaints.lines().count()), (Some(2), 1), "{none:#?}");
}

#[test]
fn a_run_that_is_kept_for_what_it_reaches_becomes_small_too() {
    let directory = tempfile::tempdir().expect("a temporary directory can be made");
    let into = name(directory.path());
    let reaching = |point: &str| {
        interregnum(&["run", "election/docs", "--seeds", "0..9", "--reaching", point, "--save", &into, "--json"])
    };
    let found = reaching("leader killed");
    assert_eq!(found.code, Some(0), "{found:#?}");
    let runs = found.output.lines().map(|line| serde_json::from_str::<Value>(line).expect("an object a line"));
    let kept = runs.filter_map(|run| Some(PathBuf::from(run["schedule_file"].as_str()?))).next_back();
    let kept = kept.expect("one of them was saved");
    let shrunk = interregnum(&["shrink", &name(&kept), "--reaching", "leader killed", "--runs", "200", "--json"]);
    assert_eq!(shrunk.code, Some(0), "{shrunk:#?}");
    let shrunk = object(&shrunk);
    assert_eq!((&shrunk["verdict"], &shrunk["after"]["faults"]), (&"ok".into(), &1.into()), "{shrunk}");
    let small = fs::read_to_string(kept.with_extension("small.toml")).expect("it was saved");
    assert!(small.contains("reaches = [\"leader killed\"]"), "{small}");

    let other = interregnum(&["shrink", &name(&kept), "--reaching", "a point unknown", "--runs", "9"]);
    assert_eq!((other.code, other.complaints.lines().count()), (Some(1), 1), "{other:#?}");
    let misspelt = reaching("leader kiled");
    assert_eq!(misspelt.code, Some(2), "{misspelt:#?}");
    assert!(misspelt.complaints.contains("did you mean `leader killed`?"), "{}", misspelt.complaints);
}
