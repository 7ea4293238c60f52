//! Headless Chromium, as Debian packages it, driven by a script over puppeteer, as it is on npm.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use crate::kazoo::{is_there, lock};
use crate::process::{Finished, run};
use crate::program;

/// The version that the script is written for.
const VERSION: &str = "25.16.0";

const CHROMIUM: &str = "chromium-headless-shell";

/// A browser, and what drives it.
#[derive(Clone, Debug)]
pub struct Browser {
    modules: PathBuf,
}

/// Installs both if they are not there and that is possible.
///
/// # Errors
/// Why they cannot be had.
pub fn obtain() -> Result<Browser, String> {
    static BROWSER: OnceLock<Result<Browser, String>> = OnceLock::new();
    BROWSER.get_or_init(|| chromium().and_then(|()| puppeteer())).clone()
}

fn step(command: &mut Command) -> Result<(), String> {
    let finished = run(command, Duration::from_secs(600));
    let last = finished.complaints.lines().last().unwrap_or("it did not say why").to_owned();
    if finished.code == Some(0) { Ok(()) } else { Err(format!("{:?} failed: {last}", command.get_program())) }
}

fn chromium() -> Result<(), String> {
    if is_there(CHROMIUM) {
        return Ok(());
    }
    if !is_there("apt-get") {
        return Err(format!("there is no {CHROMIUM}, and no apt-get to install it with"));
    }
    let apt =
        |arguments: &[&str]| step(Command::new("apt-get").args(arguments).env("DEBIAN_FRONTEND", "noninteractive"));
    // What was known before will do if the lists cannot be fetched.
    let _ = apt(&["update", "-qq"]);
    apt(&["install", "-y", "-qq", "--no-install-recommends", CHROMIUM, "fonts-dejavu-core"])
}

fn puppeteer() -> Result<Browser, String> {
    let target = program::target_directory().join("tmp");
    let modules = target.join(format!("puppeteer-{VERSION}"));
    // Written last: an installation that was interrupted is begun again.
    let complete = modules.join("complete");
    let _only_one_at_a_time = lock(&target.join("puppeteer.lock")).map_err(|error| error.to_string())?;
    if complete.exists() {
        return Ok(Browser { modules });
    }
    for needed in ["node", "npm"] {
        if !is_there(needed) {
            return Err(format!("there is no {needed}"));
        }
    }
    std::fs::create_dir_all(&modules).map_err(|error| error.to_string())?;
    step(
        Command::new("npm")
            .args(["install", "--no-audit", "--no-fund", "--no-save", "--loglevel=error", "--prefix"])
            .arg(&modules)
            .arg(format!("puppeteer-core@{VERSION}")),
    )?;
    std::fs::write(&complete, VERSION).map_err(|error| error.to_string())?;
    Ok(Browser { modules })
}

impl Browser {
    /// Looks at pages of one kind, `run` or `times`, and leaves pictures of them.
    #[must_use]
    pub fn look(&self, kind: &str, pages: &[PathBuf], pictures: &Path, limit: Duration) -> Finished {
        let script = program::workspace().join("tests").join("report").join("look.mjs");
        let mut command = Command::new("node");
        command.arg(script).arg(&self.modules).arg(Self::program()).arg(pictures).arg(kind).args(pages);
        run(&mut command, limit)
    }

    fn program() -> PathBuf {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let found = std::env::split_paths(&path).map(|directory| directory.join(CHROMIUM)).find(|file| file.is_file());
        found.expect("it was installed")
    }
}
