//! `zookeeper-client`, the crate, and the program of `tests/zookeeper-client` that uses it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use crate::process::run;
use crate::program;

const PACKAGE: &str = "zookeeper-client-conformance";

/// How long the compiler may take, the crates from the registry included.
const COMPILATION: Duration = Duration::from_secs(600);

fn directory() -> PathBuf {
    program::workspace().join("tests").join("zookeeper-client")
}

/// The program of `tests/zookeeper-client`, built apart from the workspace: what it needs is no concern of the others.
///
/// # Errors
/// Why the crates cannot be had.
pub fn zookeeper_client() -> Result<&'static Path, String> {
    static PROGRAM: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    PROGRAM.get_or_init(build).as_deref().map_err(Clone::clone)
}

fn build() -> Result<PathBuf, String> {
    let target = program::target_directory().join("zookeeper-client");
    let cargo = |command: &str| {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args([command, "--quiet", "--locked"]).current_dir(directory());
        cargo
    };
    let fetched = run(&mut cargo("fetch"), COMPILATION);
    if fetched.code != Some(0) {
        let last = fetched.complaints.lines().last().unwrap_or("it did not say why");
        return Err(format!("cargo could not fetch zookeeper-client: {last}"));
    }
    let built = run(cargo("build").arg("--target-dir").arg(&target), COMPILATION);
    // What does not compile is a mistake of ours, not a program that cannot be had.
    assert_eq!(built.code, Some(0), "tests/zookeeper-client does not build:\n{}", built.complaints);
    Ok(target.join("debug").join(PACKAGE))
}

/// The version of the crate, as it is locked.
///
/// # Panics
/// If the lock file does not name it.
#[must_use]
pub fn version() -> String {
    let lock = fs::read_to_string(directory().join("Cargo.lock")).expect("it lies in the workspace");
    let (_, rest) = lock.split_once("name = \"zookeeper-client\"\nversion = \"").expect("it is locked");
    rest.split('"').next().expect("the version ends").to_owned()
}
