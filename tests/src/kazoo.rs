//! kazoo, the Python client, as it is on PyPI, in a virtual environment below the target directory.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use crate::process::{Process, run};
use crate::program;

/// The version that the scripts are written for.
const VERSION: &str = "2.11.0";

/// A Python that knows kazoo.
///
/// # Errors
/// Why it cannot be had.
pub fn python() -> Result<&'static Path, String> {
    static PYTHON: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    PYTHON.get_or_init(|| environment("kazoo", &[])).as_deref().map_err(Clone::clone)
}

/// A virtual environment of this name with kazoo and these packages; gives its Python.
///
/// # Errors
/// Why it cannot be had.
pub fn environment(name: &str, packages: &[&str]) -> Result<PathBuf, String> {
    let target = program::target_directory().join("tmp");
    let environment = target.join(format!("{name}-{VERSION}"));
    let python = environment.join("bin").join("python");
    // Written last: an installation that was interrupted, or is of other packages, is begun again.
    let complete = environment.join("complete");
    let content = [&[VERSION], packages].concat().join("\n");
    let _only_one_at_a_time = lock(&target.join(name).with_extension("lock")).map_err(|error| error.to_string())?;
    if std::fs::read_to_string(&complete).is_ok_and(|found| found == content) {
        return Ok(python);
    }
    let step = |command: &mut Command| {
        let finished = run(command, Duration::from_secs(600));
        let last = finished.complaints.lines().last().unwrap_or("it did not say why").to_owned();
        if finished.code == Some(0) { Ok(()) } else { Err(format!("{:?} failed: {last}", command.get_program())) }
    };
    if !is_there("python3") {
        return Err("there is no python3".to_owned());
    }
    step(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&environment))?;
    step(
        Command::new(&python)
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
            .arg(format!("kazoo=={VERSION}"))
            .args(packages),
    )?;
    std::fs::write(&complete, content).map_err(|error| error.to_string())?;
    Ok(python)
}

/// Keeps other test processes out until the file is dropped.
pub(crate) fn lock(path: &Path) -> std::io::Result<File> {
    path.parent().map_or(Ok(()), std::fs::create_dir_all)?;
    let file = File::create(path)?;
    file.lock()?;
    Ok(file)
}

/// Whether a program is on the path.
#[must_use]
pub fn is_there(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|directory| directory.join(program).is_file())
}

/// A script of `tests/kazoo`, to be started against a server.
fn command(python: &Path, script: &str, arguments: &[&str]) -> Command {
    let script = program::workspace().join("tests").join("kazoo").join(script);
    let mut command = Command::new(python);
    // Python leaves no `__pycache__` in the source tree.
    command.arg("-B").arg(script).args(arguments).env("PYTHONDONTWRITEBYTECODE", "1");
    command
}

/// A script of `tests/kazoo`, started against a server.
#[must_use]
pub fn start(python: &Path, script: &str, arguments: &[&str]) -> Process {
    Process::start(&mut command(python, script, arguments))
}

/// Runs a script of cases against a server of this mode; each must hold.
///
/// # Panics
/// If one did not, with all that was said.
pub fn must_pass(python: &Path, script: &str, (server, mode): (&str, &str), limit: Duration) {
    let finished = run(command(python, script, &[server]).env("MODE", mode), limit);
    println!("{script} against {server}, {mode}:\n{}", finished.output);
    assert_eq!(finished.code, Some(0), "{script} against {server}:\n{}\n{}", finished.output, finished.complaints);
    let held = finished.output.lines().filter(|line| line.starts_with("ok ")).count();
    assert!(held > 0, "{script} has run no case");
}
