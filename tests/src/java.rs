//! Apache ZooKeeper's own client, and the programs of `tests/java` that use it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use crate::apache::{self, install_package};
use crate::kazoo::{is_there, lock};
use crate::process::run;
use crate::program;

/// What Debian's packages bring: the client, and the recipes made with it.
const JARS: [&str; 5] =
    ["zookeeper", "zookeeper-jute", "zookeeper-recipes-election", "zookeeper-recipes-lock", "slf4j-api"];

/// How long the compiler may take.
const COMPILATION: Duration = Duration::from_secs(120);

/// The programs of `tests/java`, compiled.
///
/// # Errors
/// Why they cannot be had.
pub fn classes() -> Result<&'static Path, String> {
    static CLASSES: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    CLASSES.get_or_init(compile).as_deref().map_err(Clone::clone)
}

fn sources() -> Vec<PathBuf> {
    let directory = program::workspace().join("tests").join("java");
    let entries = fs::read_dir(directory).expect("the sources lie in the workspace");
    let mut sources: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    sources.sort();
    sources
}

fn compile() -> Result<PathBuf, String> {
    apache::obtain()?;
    install_package("default-jdk-headless", || is_there("javac"))?;
    let sources = sources();
    let text =
        sources.iter().map(fs::read_to_string).collect::<Result<String, _>>().map_err(|error| error.to_string())?;
    let target = program::target_directory().join("tmp");
    let classes = target.join("java-classes");
    // Written last, with what was compiled: anything else is compiled again.
    let complete = classes.join("complete");
    let _only_one_at_a_time = lock(&target.join("java.lock")).map_err(|error| error.to_string())?;
    if fs::read_to_string(&complete).is_ok_and(|compiled| compiled == text) {
        return Ok(classes);
    }
    let mut compiler = Command::new("javac");
    compiler.args(["-cp", &class_path(&[]), "-d"]).arg(&classes).args(&sources);
    let finished = run(&mut compiler, COMPILATION);
    // What does not compile is a mistake of ours, not a program that cannot be had.
    assert_eq!(finished.code, Some(0), "tests/java does not compile:\n{}", finished.complaints);
    fs::write(&complete, text).map_err(|error| error.to_string())?;
    Ok(classes)
}

fn class_path(further: &[&Path]) -> String {
    let jars = JARS.iter().map(|jar| format!("/usr/share/java/{jar}.jar"));
    let further = further.iter().map(|path| path.display().to_string());
    jars.chain(further).collect::<Vec<_>>().join(":")
}

/// A small virtual machine, which is soon there.
#[must_use]
pub fn machine() -> Command {
    let mut command = Command::new("java");
    command.args(["-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]);
    command
}

/// A program of `tests/java`, to be started.
#[must_use]
pub fn command(classes: &Path, program: &str, arguments: &[&str]) -> Command {
    let mut command = machine();
    command.args(["-cp", &class_path(&[classes])]).arg(program).args(arguments);
    command
}
