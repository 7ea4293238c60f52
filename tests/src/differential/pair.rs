//! Apache ZooKeeper and ours, with the same settings, side by side.

use std::fs;
use std::io;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;

use super::compare::{Difference, difference};
use super::driver::{Driver, Transcript};
use super::janitor::SUPER_DIGEST;
use super::operation::Step;
use crate::apache::Apache;
use crate::ensemble::free_port;
use crate::process::Process;
use crate::program;
use crate::waiting::{PATIENCE, eventually};
use crate::words::Status;

/// Long, so that no session expires within a case, however slow the machine is.
const TICK: Duration = Duration::from_secs(10);

/// What may be switched on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// The defaults.
    Plain,
    /// TTL znodes may be made, quotas are enforced.
    Extended,
}

/// Two servers.
#[derive(Debug)]
pub struct Pair {
    /// Drives Apache ZooKeeper.
    pub apache: Driver,
    /// Drives ours.
    pub ours: Driver,
    /// Differences that were not there when the same steps were done again.
    pub unsteady: Vec<Difference>,
    _processes: (Apache, Process),
    _data: TempDir,
}

/// The lines of settings that both servers have.
fn settings(mode: Mode) -> String {
    let common = format!(
        "maxClientCnxns=0\nDigestAuthenticationProvider.superDigest={SUPER_DIGEST}\n\
         znode.container.checkIntervalMs=86400000\n"
    );
    match mode {
        Mode::Plain => common,
        Mode::Extended => format!("{common}extendedTypesEnabled=true\nenforceQuota=true\n"),
    }
}

impl Pair {
    /// Starts both.
    ///
    /// # Panics
    /// If one does not get ready.
    #[must_use]
    pub fn start(mode: Mode) -> Pair {
        let data = tempfile::tempdir().expect("a temporary directory can be made");
        let lines = settings(mode);
        // The disk is not what is compared here.
        let apache = Apache::with_settings(&data.path().join("apache"), TICK, &format!("{lines}forceSync=no\n"));
        let (process, address) = start_ours(&data.path().join("ours"), &lines);
        Pair {
            apache: Driver::new(apache.address()).expect("Apache ZooKeeper takes a session"),
            ours: Driver::new(address).expect("our server takes a session"),
            unsteady: Vec::new(),
            _processes: (apache, process),
            _data: data,
        }
    }

    /// Drives both through a case, and through the same again if they differ: what two threads of a server race for is
    /// no difference, but noted.
    ///
    /// # Errors
    /// As [`Pair::run_once`].
    pub fn run(&mut self, steps: &[Step]) -> io::Result<Option<Difference>> {
        let Some(first) = self.run_once(steps)? else { return Ok(None) };
        let second = self.run_once(steps)?;
        if second.is_none() {
            self.unsteady.push(first);
        }
        Ok(second)
    }

    /// Drives both through a case.
    ///
    /// # Errors
    /// One of them cannot be driven any more; its name is in the error.
    pub fn run_once(&mut self, steps: &[Step]) -> io::Result<Option<Difference>> {
        let name = |who: &str, outcome: io::Result<Transcript>| {
            outcome.map_err(|error| io::Error::new(error.kind(), format!("{who}: {error}")))
        };
        let (apache, ours) = std::thread::scope(|scope| {
            let apache = scope.spawn(|| self.apache.run(steps));
            let ours = self.ours.run(steps);
            (apache.join().expect("driving does not panic"), ours)
        });
        Ok(difference(steps, &name("Apache ZooKeeper", apache)?, &name("Interregnum", ours)?))
    }
}

fn start_ours(data: &Path, lines: &str) -> (Process, std::net::SocketAddr) {
    fs::create_dir_all(data).expect("the directory can be made");
    let address = std::net::SocketAddr::from(([127, 0, 0, 1], free_port()));
    let file = data.join("zoo.cfg");
    let text = format!(
        "tickTime={}\ndataDir={}\nclientPortAddress={}\nclientPort={}\n4lw.commands.whitelist=*\n{lines}",
        TICK.as_millis(),
        data.display(),
        address.ip(),
        address.port(),
    );
    fs::write(&file, text).expect("the settings can be written");
    let mut command = Command::new(program::interregnum());
    command.arg("serve").arg("--config").arg(&file);
    let mut process = Process::start(&mut command);
    eventually("our server is ready", PATIENCE, || {
        assert!(process.is_running(), "our server ended at once");
        Status::of(address)
    });
    (process, address)
}
