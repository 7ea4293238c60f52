//! The contract of the command line, with the program itself: what is wrong is told in one line, and nothing is touched.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use interregnum_tests::files;
use interregnum_tests::process::{Finished, run};
use interregnum_tests::program;
use interregnum_tests::service::scratch;
use serde_json::Value;

/// A command that only reads its arguments is done at once; one that runs a few seeds is not.
const LIMIT: Duration = Duration::from_secs(120);

fn interregnum<S: AsRef<OsStr>>(arguments: &[S]) -> Finished {
    run(Command::new(program::interregnum()).args(arguments), LIMIT)
}

/// The command must be refused as the user's mistake: exit code 2, and one line on standard error that holds all of
/// `parts`. It reports no run.
fn is_refused(arguments: &[&str], parts: &[&str]) {
    let finished = interregnum(arguments);
    assert_eq!(finished.code, Some(2), "{arguments:?}: {finished:#?}");
    let line = finished.only_complaint();
    for part in parts {
        assert!(line.contains(part), "{arguments:?}: `{part}` was expected in: {line}");
    }
    // The first line of every run is the command that repeats it; a plan may turn out not to fit behind that.
    let beyond_the_first = finished.output.lines().find(|line| !line.starts_with("cargo sim "));
    assert_eq!(beyond_the_first, None, "{arguments:?}: what is refused reports nothing");
}

const HEAD: &str = "format = 1\nscenario = \"election/docs\"\nseed = 7\n";

/// The file must be refused, by `run --schedule` and by `replay` alike, and left as it is.
fn schedule_is_refused(content: &[u8], parts: &[&str]) {
    let (directory, _) = scratch();
    let file = directory.path().join("schedule.toml");
    fs::write(&file, content).expect("it is written");
    let name = file.display().to_string();
    let parts = [parts, &[&name]].concat();
    is_refused(&["replay", &name], &parts);
    is_refused(&["run", "election/docs", "--schedule", &name], &parts);
    assert_eq!(fs::read(&file).expect("it is there"), content);
    assert_eq!(files::content(directory.path()).len(), 1, "nothing was put beside it");
}

#[test]
fn an_unknown_scenario_is_told_with_the_nearest_one() {
    is_refused(&["run", "election/dosc"], &["election/dosc", "did you mean `election/docs`?"]);
    is_refused(&["run", "zoo/a30"], &["did you mean `zoo/A30`?"]);
    is_refused(&["run", ""], &["scenario"]);
}

#[test]
fn an_unknown_parameter_is_told_with_the_nearest_one() {
    is_refused(&["run", "election/docs", "--set", "candidate=3"], &["did you mean `candidates`?"]);
    is_refused(&["run", "election/docs", "--set", "candidates"], &["candidates", "key=value"]);
    is_refused(&["run", "election/docs", "--set", "candidates=many"], &["many", "whole number"]);
    is_refused(&["run", "election/docs", "--set", "candidates=0"], &["candidates", "between"]);
    is_refused(&["run", "election/docs", "--set", "tick=2"], &["tick", "unit"]);
    is_refused(&["run", "election/docs", "--for", "1s"], &["too short"]);
    is_refused(&["run", "election/docs", "--for", "soon"], &["soon"]);
}

#[test]
fn an_unknown_family_is_told_with_the_nearest_one() {
    is_refused(&["run", "election/docs", "--faults", "partitions"], &["did you mean `partition`?"]);
    is_refused(&["run", "election/docs", "--faults", "crash,,power"], &["fault family"]);
}

#[test]
fn a_range_of_seeds_runs_forward() {
    is_refused(&["run", "election/docs", "--seeds", "9..3"], &["9..3", "backwards"]);
    is_refused(&["run", "election/docs", "--seeds", "3..3"], &["3..3", "empty"]);
    is_refused(&["run", "election/docs", "--seeds", "3"], &["A..B"]);
    is_refused(&["run", "election/docs", "--seeds", "a..b"], &["whole numbers"]);
}

/// What clap itself refuses.
#[test]
fn arguments_that_are_none_are_refused_in_one_line() {
    is_refused(&["run", "election/docs", "--jobs", "0"], &["--jobs", "0"]);
    is_refused(&["run", "election/docs", "--jobs", "many"], &["--jobs", "many"]);
    is_refused(&["run", "election/docs", "--seed", "-1"], &["-1"]);
    is_refused(&["run", "election/docs", "--seed", "1", "--seeds", "1..2"], &["--seed"]);
    is_refused(&["run", "election/docs", "--sedes", "1..2"], &["--sedes"]);
    is_refused(&["run"], &["SCENARIO"]);
    is_refused(&["rnu", "election/docs"], &["rnu"]);
    is_refused(&["serve", "--listen", "nowhere"], &["nowhere"]);
    is_refused(&["serve", "--tick", "2"], &["--tick"]);
    is_refused(&["serve", "--ensemble", "0"], &["--ensemble", "0"]);
    is_refused(&["serve", "--ensemble", "10"], &["--ensemble", "1..=9"]);
    is_refused(&["serve", "--config", "zoo.cfg", "--ensemble", "3"], &["--config", "--ensemble"]);
    is_refused(&["serve", "--listen", "127.0.0.1:65534", "--ensemble", "3"], &["65534", "65535"]);
}

#[test]
fn a_schedule_file_that_is_none_is_told_with_its_line() {
    schedule_is_refused(b"", &[":1:", "empty"]);
    schedule_is_refused(b"format = 1\nscenario = \"election/do", &[":2:"]);
    schedule_is_refused(b"\x7fELF\x02\x01\x01\0\xff\xfe", &["UTF-8"]);
    schedule_is_refused(b"this is a letter, not a schedule\n", &[":1:"]);
    schedule_is_refused(b"format = 99\n", &["format 99"]);
    schedule_is_refused(b"format = 1\nscenario = \"election/docs\"\n", &["seed"]);
}

#[test]
fn a_fault_that_cannot_be_is_told_with_its_line() {
    let fault =
        |body: &str, parts: &[&str]| schedule_is_refused(format!("{HEAD}\n[[fault]]\n{body}\n").as_bytes(), parts);
    fault("at = \"1s\"\nlasts = \"2s\"\nkind = \"kill\"\nnode = \"nobody\"", &[":5:", "nobody"]);
    fault("at = \"9h\"\nlasts = \"2s\"\nkind = \"kill\"\nnode = \"c1\"", &[":5:"]);
    fault("at = \"1s\"\nlasts = \"2s\"\nkind = \"kill\"\nnode = \"c1\"\nloudly = true", &[":10:", "loudly"]);
    fault("at = \"1s\"\nlasts = \"2s\"\nkind = \"kil\"\nnode = \"c1\"", &[":8:", "did you mean `kill`?"]);
    fault("lasts = \"2s\"\nkind = \"kill\"\nnode = \"c1\"", &["at"]);
    fault("at = \"-1s\"\nlasts = \"2s\"\nkind = \"kill\"\nnode = \"c1\"", &[":6:", "-1s"]);
}

#[test]
fn a_schedule_file_that_is_not_there_is_told() {
    let (directory, missing) = scratch();
    let missing = missing.display().to_string();
    is_refused(&["replay", &missing], &[&missing]);
    is_refused(&["run", "election/docs", "--schedule", &missing], &[&missing]);
    let directory = directory.path().display().to_string();
    is_refused(&["replay", &directory], &[&directory]);
}

#[test]
fn failures_are_not_saved_where_they_cannot_be() {
    let (_directory, file) = scratch();
    fs::write(&file, "precious").expect("it is written");
    let name = file.display().to_string();
    is_refused(&["run", "zoo/A30", "--seed", "1", "--save", &name], &[&name]);
    let below = file.join("below").display().to_string();
    is_refused(&["run", "zoo/A30", "--seed", "1", "--save", &below], &[&below]);
    assert_eq!(fs::read(&file).expect("it is there"), b"precious");
}

#[test]
fn the_list_is_one_object_a_line() {
    let finished = interregnum(&["list", "--json"]);
    assert_eq!(finished.code, Some(0), "{finished:#?}");
    let scenarios: Vec<Value> =
        finished.output.lines().map(|line| serde_json::from_str(line).expect("an object a line")).collect();
    let names: Vec<&str> = scenarios.iter().map(|scenario| scenario["scenario"].as_str().expect("a name")).collect();
    assert!(names.contains(&"election/docs") && names.contains(&"zoo/A30"), "{names:?}");
    for scenario in &scenarios {
        assert!(scenario["about"].as_str().is_some_and(|about| !about.is_empty()), "{scenario}");
        for parameter in ["servers", "candidates", "session_timeout"] {
            assert!(scenario["parameters"][parameter]["default"].is_string(), "{parameter}: {scenario}");
        }
    }
    let for_people = interregnum(&["list"]);
    assert!(names.iter().all(|name| for_people.output.contains(name)), "{}", for_people.output);
}

#[test]
fn whoever_reads_only_the_first_lines_hears_no_complaint() {
    let mut command = Command::new(program::interregnum());
    let arguments = ["run", "election/docs", "--seeds", "0..4", "--json"];
    let mut running = command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
    drop(running.stdout.take());
    let finished = running.wait_with_output().expect("it ends");
    assert_ne!(finished.status.code(), Some(0), "it wrote to nobody");
    assert_eq!(String::from_utf8_lossy(&finished.stderr), "");
}

#[test]
fn what_belongs_to_a_bench_beside_zookeeper_is_refused_without_it() {
    is_refused(&["bench", "--volatile"], &["--beside-zookeeper"]);
    is_refused(&["bench", "--only", "get"], &["--beside-zookeeper"]);
    is_refused(&["bench", "--beside-zookeper"], &["--beside-zookeeper"]);
}

#[test]
fn help_is_there_for_every_command() {
    for command in ["list", "run", "replay", "shrink", "matrix", "zoo", "serve", "bench"] {
        let finished = interregnum(&[command, "--help"]);
        assert_eq!((finished.code, finished.complaints.as_str()), (Some(0), ""), "{command}");
        assert!(finished.output.contains("Usage: interregnum"), "{command}: {}", finished.output);
    }
    assert_eq!(interregnum(&["--help"]).code, Some(0));
    assert!(interregnum(&["--version"]).output.starts_with("interregnum "));
}

/// The objects that a run printed with `--json`: the runs, and the summary.
fn objects(finished: &Finished) -> (Vec<Value>, Value) {
    let mut objects: Vec<Value> =
        finished.output.lines().map(|line| serde_json::from_str(line).expect("an object a line")).collect();
    let last = objects.pop().expect("there is a summary");
    (objects, last["summary"].clone())
}

#[test]
fn a_run_that_holds_ends_with_zero_and_says_what_was_run() {
    let finished =
        interregnum(&["run", "election/docs", "--seeds", "1..3", "--faults", "none", "--for", "2m", "--json"]);
    assert_eq!(finished.code, Some(0), "{finished:#?}");
    let (runs, summary) = objects(&finished);
    assert_eq!(runs.len(), 2);
    for run in &runs {
        assert_eq!(run["scenario"], "election/docs");
        assert_eq!(run["verdict"], "ok");
        assert_eq!(run["violations"], Value::Array(Vec::new()));
        assert!(run["trace"].as_str().is_some_and(|trace| !trace.is_empty()));
        assert!(run["sim_ms"].as_u64().is_some_and(|time| time > 60_000), "{run}");
        assert!(run["events"].as_u64().is_some_and(|count| count > 0));
    }
    assert_ne!(runs[0]["trace"], runs[1]["trace"], "two seeds are two runs");
    assert_eq!(summary["runs"], 2);
}

#[test]
fn a_safety_violation_ends_with_ten_and_the_command_that_shows_it_again() {
    let finished = interregnum(&["run", "zoo/A30", "--seeds", "0..20", "--faults", "partition", "--until-failure"]);
    assert_eq!(finished.code, Some(10), "{finished:#?}");
    let first = finished.output.lines().next().expect("it says something");
    assert!(
        first.starts_with("cargo sim run zoo/A30 --seeds 0..20 --faults partition"),
        "a command to paste comes first: {first}"
    );
    let again = finished.output.lines().find(|line| line.starts_with("cargo sim run") && line.contains("--expect"));
    let again = again.unwrap_or_else(|| panic!("a command to paste: {finished:#?}"));
    // Pasted, without cargo, and without the comment behind it.
    let words: Vec<&str> = again.split_whitespace().skip(2).take_while(|word| *word != "#").collect();
    let replayed = interregnum(&words);
    assert_eq!(replayed.code, Some(10), "{again}: {replayed:#?}");
    // The trace hash that it asks for is looked at.
    let trace = words.last().expect("the hash comes last");
    let other = trace.replace(|letter: char| letter.is_ascii_hexdigit(), "0");
    let differs = interregnum(&[&words[..words.len() - 1], &[other.as_str()]].concat());
    assert_eq!(differs.code, Some(12), "{differs:#?}");
}

#[test]
fn the_program_says_nothing_of_where_it_was_built() {
    let finished = interregnum(&["list"]);
    assert!(!finished.output.contains(&Path::new(env!("CARGO_MANIFEST_DIR")).display().to_string()));
}
