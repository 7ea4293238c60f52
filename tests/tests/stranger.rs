//! A stranger's crate, outside of the workspace: its test finds the bug in the scheduler as it was written first; what it
//! prints shows the bug again; and the scheduler as it is now passes. And `docs/first-test.md`, taken by its word: what it
//! says to write fails, and prints what it shows.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use interregnum_tests::process::{Finished, run};
use interregnum_tests::program::{target_directory, workspace};

/// Building is part of it.
const LIMIT: Duration = Duration::from_secs(1_800);

/// How cargo ends when a test fails.
const FAILED: Option<i32> = Some(101);

fn directory() -> PathBuf {
    workspace().join("examples/stranger")
}

/// A command in the stranger's directory.
fn stranger(program: &str) -> Command {
    outside(program, &directory())
}

/// A command in the directory of a package outside of this workspace. It builds into a directory of its own below this
/// workspace's.
fn outside(program: &str, directory: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(directory).env("CARGO_TARGET_DIR", target_directory().join("stranger"));
    // What is asked of this test is not asked of that one.
    for name in ["MADSIM_TEST_SEED", "MADSIM_TEST_NUM", "MADSIM_TEST_CHECK_DETERMINISM", "INTERREGNUM_SCHEDULE"] {
        command.env_remove(name);
    }
    command
}

fn test(arguments: &[&str]) -> Finished {
    run(stranger(env!("CARGO")).args(["test", "--locked"]).args(arguments), LIMIT)
}

/// Pastes a line into a shell.
fn paste(line: &str) -> Finished {
    let cargo = Path::new(env!("CARGO")).parent().expect("cargo lies in a directory");
    let path = std::env::var("PATH").expect("there is one");
    run(stranger("sh").args(["-c", line]).env("PATH", format!("{}:{path}", cargo.display())), LIMIT)
}

/// The line that begins so.
fn line<'a>(finished: &'a Finished, begins: &str) -> &'a str {
    let line = finished.output.lines().map(str::trim).find(|line| line.starts_with(begins));
    line.unwrap_or_else(|| panic!("no line begins with `{begins}`: {finished:#?}"))
}

#[test]
#[ignore = "it builds another workspace: `.ci/run` asks for it"]
fn a_strangers_test_finds_the_bug_shows_it_again_and_passes_once_it_is_fixed() {
    let found = test(&["--features", "first-attempt", "never_two_schedulers", "--", "--exact"]);
    assert_eq!(found.code, FAILED, "{found:#?}");
    let broke = line(&found, "single-leader/effect broke at ");
    assert!(broke.contains(", in `never_two_schedulers` under seed "), "{broke}");
    let count = found.output.lines().find(|line| line.contains(" faults -> ")).expect("it was made small");
    let after: u32 =
        count.split(" -> ").nth(1).and_then(|rest| rest.split(',').next()?.parse().ok()).expect("a number");
    assert!((1..=6).contains(&after), "{count}");
    assert!(found.output.contains("store accepted `job "), "{found:#?}");

    for begins in ["INTERREGNUM_SCHEDULE=", "MADSIM_TEST_SEED="] {
        let pasted = paste(line(&found, begins));
        assert_eq!(pasted.code, FAILED, "{pasted:#?}");
        assert_eq!(line(&pasted, "single-leader/effect broke at "), broke, "the same at the same time");
    }

    let fixed = test(&[]);
    assert_eq!(fixed.code, Some(0), "{fixed:#?}");
    // madsim's variables mean what its users know.
    let settings = "MADSIM_TEST_SEED=7 MADSIM_TEST_NUM=3 MADSIM_TEST_JOBS=1 MADSIM_TEST_CHECK_DETERMINISM=1";
    let three = paste(&format!("{settings} cargo test never_two_schedulers -- --exact --nocapture"));
    assert_eq!(three.code, Some(0), "{three:#?}");
    assert!(three.output.contains("never_two_schedulers: 3 runs held"), "{three:#?}");
    // The schedule that broke the first attempt breaks this one no more.
    let replay = line(&found, "INTERREGNUM_SCHEDULE=").replace(" --features first-attempt", "");
    let replayed = paste(&format!("{replay} --nocapture"));
    assert_eq!(replayed.code, Some(0), "{replayed:#?}");
    assert!(
        replayed.output.contains("it no longer fails: `single-leader/effect` broke when it was saved"),
        "{replayed:#?}"
    );
}

/// The text between a line that says so and the end of its block.
fn block<'a>(document: &'a str, begins: &str) -> &'a str {
    let from = document.find(&format!("```{begins}\n")).unwrap_or_else(|| panic!("no block `{begins}`"));
    let block = &document[from + begins.len() + 4..];
    &block[..block.find("```").expect("a block ends")]
}

#[test]
#[ignore = "it builds another workspace: `.ci/run` asks for it"]
fn the_first_test_as_its_document_writes_it_fails_and_prints_what_the_document_shows() {
    let document = std::fs::read_to_string(workspace().join("docs/first-test.md")).expect("it is there");
    // What is hidden from readers is for rustdoc.
    let code = block(&document, "rust,should_panic").lines().filter(|line| !line.starts_with("# "));
    let code: String = code.flat_map(|line| [line, "\n"]).collect();

    let package = tempfile::tempdir().expect("a temporary directory can be made");
    let write = |file: &str, text: &str| {
        let file = package.path().join(file);
        std::fs::create_dir_all(file.parent().expect("a package has directories")).expect("it is made");
        std::fs::write(file, text).expect("it is written");
    };
    let copy = |file: &str| std::fs::read_to_string(directory().join(file)).expect("the stranger has it");
    let testbed = workspace().join("crates/testbed").display().to_string();
    let manifest = copy("Cargo.toml").replace("../../crates/testbed", &testbed).replace("job-scheduler", "scheduler");
    write("Cargo.toml", &manifest);
    write("Cargo.lock", &copy("Cargo.lock").replace("job-scheduler", "scheduler"));
    write(".cargo/config.toml", &copy(".cargo/config.toml"));
    write("src/lib.rs", "");
    write("tests/first.rs", &code);

    let finished = run(outside(env!("CARGO"), package.path()).args(["test", "--test", "first"]), LIMIT);
    assert_eq!(finished.code, FAILED, "{finished:#?}");
    // The document leaves out lines, and says where.
    for shown in block(&document, "text").lines().filter(|line| *line != "…") {
        let (begins, ends) = match shown.split_once(" cargo test ") {
            // Where it is kept depends on where it is built.
            Some((kept, command)) if kept.contains("INTERREGNUM_SCHEDULE=") => ("INTERREGNUM_SCHEDULE=", command),
            _ => match shown.split_once(", interregnum ") {
                // The compiler may be another one.
                Some((trace, _)) => (trace, ""),
                None => (shown.trim(), ""),
            },
        };
        let printed = line(&finished, begins);
        assert!(printed.ends_with(ends), "shown:   {shown}\nprinted: {printed}");
    }
}
