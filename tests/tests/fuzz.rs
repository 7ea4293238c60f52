//! A campaign can be stopped, goes on where it was, does the same on one core as on two, can be split and joined, and
//! says what it found.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use interregnum_tests::process::{Finished, Process, run};
use interregnum_tests::program;
use serde_json::Value;

const LIMIT: Duration = Duration::from_secs(240);

/// A campaign of short runs, so that there are many of them.
const CAMPAIGN: [&str; 6] = ["fuzz", "election/docs", "--for", "90s", "--seed", "7"];

fn interregnum(arguments: &[&str]) -> Finished {
    run(Command::new(program::interregnum()).args(arguments), LIMIT)
}

fn campaign(directory: &Path, more: &[&str]) -> Value {
    let directory = directory.display().to_string();
    let finished = interregnum(&[&CAMPAIGN, ["--corpus", directory.as_str(), "--json"].as_slice(), more].concat());
    assert_eq!((finished.code, finished.complaints.as_str()), (Some(0), ""), "{finished:#?}");
    summary(&finished)
}

fn summary(finished: &Finished) -> Value {
    let line = finished.output.lines().last().unwrap_or_else(|| panic!("it printed nothing: {finished:#?}"));
    serde_json::from_str::<Value>(line).expect("an object a line")["summary"].clone()
}

/// What a campaign knows: its file, and the schedules that it kept.
fn known(directory: &Path) -> (Value, BTreeSet<(String, String)>) {
    let text = fs::read_to_string(directory.join("campaign.json")).expect("it was saved");
    let schedules = fs::read_dir(directory.join("schedules")).expect("some were kept").map(|entry| {
        let entry = entry.expect("it can be read");
        let text = fs::read_to_string(entry.path()).expect("it can be read");
        (entry.file_name().to_string_lossy().into_owned(), text)
    });
    (serde_json::from_str(&text).expect("it is JSON"), schedules.collect())
}

#[test]
fn a_campaign_that_was_interrupted_ends_as_one_that_was_not() {
    let place = tempfile::tempdir().expect("a temporary directory can be made");
    let (whole, broken) = (place.path().join("whole"), place.path().join("broken"));
    campaign(&whole, &["--runs", "64", "--jobs", "1"]);

    // With another number of jobs, stopped twice: once by its runs, once by Ctrl-C.
    let first = campaign(&broken, &["--runs", "16", "--jobs", "2"]);
    assert_eq!((&first["runs"], &first["interrupted"]), (&16.into(), &false.into()));
    let corpus = broken.display().to_string();
    let arguments = [&CAMPAIGN, ["--corpus", &corpus, "--runs", "64"].as_slice()].concat();
    let process = Process::start(Command::new(program::interregnum()).args(&arguments));
    let first = process.line(LIMIT).expect("it says what it does");
    assert!(first.starts_with("cargo sim fuzz election/docs "), "{first}");
    assert_eq!(process.line(LIMIT).as_deref(), Some("going on after 16 runs"));
    process.interrupt();
    let said: Vec<String> = std::iter::from_fn(|| process.line(LIMIT)).collect();
    assert_eq!(said.last().map(String::as_str), Some("interrupted"), "{said:#?}");
    let runs = known(&broken).0["runs"].as_u64().expect("a number");
    assert!((17..64).contains(&runs), "it stopped after {runs}");

    let last = campaign(&broken, &["--runs", "64"]);
    assert_eq!(last["runs"], 64);
    assert_eq!(last["runs_now"], 64 - runs, "no run was repeated, and none was left out");
    // Both are long: what is told of a difference is where to look.
    let ((whole_file, whole_schedules), (broken_file, broken_schedules)) = (known(&whole), known(&broken));
    let differing: Vec<_> = whole_schedules.symmetric_difference(&broken_schedules).map(|(name, _)| name).collect();
    assert_eq!(differing, Vec::<&String>::new(), "schedules that only one of them kept, or kept otherwise");
    assert!(whole_file == broken_file, "their campaign.json differ");
    assert_eq!(campaign(&broken, &["--runs", "64"])["runs_now"], 0, "there is nothing left to do");
}

#[test]
fn parts_of_a_campaign_share_nothing_and_are_joined() {
    let place = tempfile::tempdir().expect("a temporary directory can be made");
    let parts = ["1/2", "2/2"].map(|shard| {
        let directory = place.path().join(shard.replace('/', "-of-"));
        campaign(&directory, &["--runs", "16", "--shard", shard]);
        directory
    });
    let schedules = parts.each_ref().map(|part| known(part).1);
    let names = schedules.each_ref().map(|part| part.iter().map(|(name, _)| name.clone()).collect::<BTreeSet<_>>());
    assert!(names[0].is_disjoint(&names[1]), "{names:?}");

    let whole = place.path().join("whole");
    let [one, two, whole_name] = [&parts[0], &parts[1], &whole].map(|path| path.display().to_string());
    let merged = interregnum(&["fuzz", "--corpus", &whole_name, "--json", "--merge", &one, &two]);
    assert_eq!((merged.code, merged.complaints.as_str()), (Some(0), ""), "{merged:#?}");
    assert_eq!(summary(&merged)["runs"], 32);
    assert_eq!(known(&whole).1, schedules.into_iter().flatten().collect());
    assert_eq!(campaign(&whole, &["--runs", "40"])["runs_now"], 8, "the whole goes on");

    let twice =
        interregnum(&["fuzz", "--corpus", &place.path().join("x").display().to_string(), "--merge", &one, &one]);
    assert_eq!((twice.code, twice.output.as_str()), (Some(2), ""), "{twice:#?}");
    assert!(twice.complaints.contains("it is shard 1/2, as is "), "{twice:#?}");
}

#[test]
fn what_broke_is_small_replays_and_has_a_page() {
    let place = tempfile::tempdir().expect("a temporary directory can be made");
    let corpus = place.path().join("corpus").display().to_string();
    let arguments = ["fuzz", "election/lease", "--runs", "200", "--until-failure", "--corpus", &corpus, "--json"];
    let finished = interregnum(&arguments);
    assert_eq!(finished.code, Some(10), "{finished:#?}");
    let found = summary(&finished)["findings"][0].clone();
    let (before, after) = (found["faults_before"].as_u64(), found["faults"].as_u64());
    assert!(after.is_some_and(|after| after <= 3) && after < before, "{found}");
    let file = found["schedule_file"].as_str().expect("it was saved");
    let replayed = interregnum(&["replay", file, "--json"]);
    assert_eq!((replayed.code, replayed.complaints.as_str()), (Some(10), ""), "{replayed:#?}");
    assert!(replayed.output.contains(found["monitor"].as_str().expect("a name")), "{replayed:#?}");
    let page = fs::read_to_string(found["page"].as_str().expect("there is a page")).expect("it can be read");
    assert!(page.starts_with("<!doctype html>") || page.starts_with("<!DOCTYPE html>"), "{}", &page[..80]);

    // Known from an earlier session: nothing is made small again, and nothing is lost.
    let again = interregnum(&arguments);
    assert_eq!(again.code, Some(10), "{again:#?}");
    assert_eq!(summary(&again)["findings"][0]["schedule_file"], found["schedule_file"]);
}

#[test]
fn a_disk_that_is_full_is_told_in_one_line_and_nothing_is_torn() {
    let place = tempfile::tempdir().expect("a temporary directory can be made");
    let directory = place.path().join("corpus");
    campaign(&directory, &["--runs", "16"]);
    let before = known(&directory);
    // No file may grow beyond so many blocks: what a process sees of that is what it sees of a full disk.
    let command = format!(
        "trap '' XFSZ; ulimit -f 16; exec \"$0\" {} --corpus {} --runs 32 --json",
        CAMPAIGN.join(" "),
        directory.display()
    );
    let finished = run(Command::new("bash").args(["-c", &command]).arg(program::interregnum()), LIMIT);
    assert_eq!(finished.code, Some(2), "{finished:#?}");
    assert_eq!(finished.complaints.lines().count(), 1, "{finished:#?}");
    assert!(finished.complaints.contains("campaign.json: File too large"), "{finished:#?}");
    let after = known(&directory);
    assert_eq!(before.0, after.0, "what it knew is whole");
    assert!(before.1.is_subset(&after.1) && after.1.iter().all(|(name, _)| name.ends_with(".toml")));
    assert_eq!(campaign(&directory, &["--runs", "32"])["runs_now"], 16, "with room again it goes on");
}

#[test]
fn a_mistake_is_one_line() {
    let place = tempfile::tempdir().expect("a temporary directory can be made");
    let directory = place.path().display().to_string();
    campaign(place.path(), &["--runs", "16"]);
    let mut other = CAMPAIGN;
    other[5] = "8";
    for (arguments, part) in [
        (vec!["fuzz", "election/doc"], "did you mean `election/docs`?"),
        (vec!["fuzz", "election/docs", "--strategy", "guide"], "there is no strategy `guide`; did you mean `guided`?"),
        (vec!["fuzz", "election/docs", "--shard", "3/2"], "`3/2` is no part for `shard`"),
        (vec!["fuzz", "election/docs", "--budget", "long"], "`long` is no length of time for `--budget`"),
        ([&other, ["--corpus", &directory].as_slice()].concat(), "a campaign with the seed `7` lives here"),
        (vec!["fuzz", "--merge", &directory], "--corpus"),
    ] {
        let finished = interregnum(&arguments);
        assert_eq!((finished.code, finished.output.as_str()), (Some(2), ""), "{finished:#?}");
        assert!(finished.complaints.contains(part), "{finished:#?}");
        assert_eq!(finished.complaints.lines().count(), 1, "{finished:#?}");
    }
}
