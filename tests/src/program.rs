//! The program under test: `interregnum`, built once in each test process.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// The workspace.
#[must_use]
pub fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("this package lies in the workspace")
}

/// The directory that cargo builds this profile into, such as `target/debug`.
#[must_use]
pub fn profile_directory() -> PathBuf {
    let test = std::env::current_exe().expect("a process knows its program");
    // target/debug/deps/this_test-0123456789abcdef
    test.ancestors().nth(2).expect("cargo puts tests two levels deep").to_owned()
}

/// The directory that cargo builds everything into: where it was told to, or `target`.
#[must_use]
pub fn target_directory() -> PathBuf {
    profile_directory().parent().expect("a profile has a directory of its own").to_owned()
}

/// The program `interregnum`, in the profile that this test is built in.
///
/// # Panics
/// If it cannot be built.
pub fn interregnum() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(build)
}

/// The cargo that runs this test, to build into the same directory.
///
/// What it tells a test of the test's own package is left out: it is news to build scripts (that of `ring` looks at all of
/// it), and they would run again, and once more in the next build outside.
#[must_use]
pub fn cargo() -> Command {
    let is_news =
        |name: &str| name == "OUT_DIR" || name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
    let mut cargo = Command::new(env!("CARGO"));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(is_news)) {
        cargo.env_remove(name);
    }
    cargo
}

fn build() -> PathBuf {
    let directory = profile_directory();
    let profile = match directory.file_name().and_then(|name| name.to_str()) {
        Some("debug") | None => "dev",
        Some(profile) => profile,
    };
    let output = cargo()
        .args(["build", "--quiet", "-p", "interregnum-cli", "--bin", "interregnum", "--message-format", "json"])
        .args(["--profile", profile])
        .arg("--target-dir")
        .arg(target_directory())
        .current_dir(workspace())
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .expect("cargo runs: it has run this test");
    assert!(output.status.success(), "the program `interregnum` does not build: {}", output.status);
    let messages = String::from_utf8_lossy(&output.stdout).into_owned();
    let executable = messages
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter_map(|message| message["executable"].as_str().map(PathBuf::from))
        .next_back();
    executable.expect("cargo says where the program is")
}
