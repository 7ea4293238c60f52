//! A stranger's crate, outside of the workspace: its test finds the bug in the scheduler as it was written first; what it
//! prints shows the bug again; and the scheduler as it is now passes.

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

/// A command in the stranger's directory. It builds into a directory of its own below this workspace's.
fn stranger(program: &str) -> Command {
    let mut command = Command::new(program);
    command.current_dir(directory()).env("CARGO_TARGET_DIR", target_directory().join("stranger"));
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
