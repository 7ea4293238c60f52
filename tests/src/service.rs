//! `interregnum serve`, on a port that the system picks.

use std::ffi::OsStr;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;

use crate::ensemble::free_port;
use crate::process::{Finished, Process};
use crate::program;
use crate::waiting::{PATIENCE, Stopwatch};

/// A running server.
#[derive(Debug)]
pub struct Service {
    process: Process,
    address: SocketAddr,
    /// How long it took from the start of the process to the line that says it is ready.
    start_took: Duration,
}

impl Service {
    /// Starts a server that keeps everything in memory.
    ///
    /// # Panics
    /// If it does not get ready.
    #[must_use]
    pub fn in_memory() -> Service {
        Service::start(&[])
    }

    /// Starts a server that keeps its data in this directory.
    ///
    /// # Panics
    /// If it does not get ready.
    #[must_use]
    pub fn on(data: &Path) -> Service {
        Service::start(&[OsStr::new("--data"), data.as_os_str()])
    }

    /// Starts a server with these further arguments; the last `--listen` is at a free port of the loopback.
    ///
    /// # Panics
    /// If it does not get ready.
    #[must_use]
    pub fn start(arguments: &[&OsStr]) -> Service {
        Service::listen("127.0.0.1:0", arguments)
    }

    /// Starts a server with these settings in a file of this directory, at a free port of the loopback, and with its data
    /// there, too.
    ///
    /// # Panics
    /// If it does not get ready.
    #[must_use]
    pub fn configured(directory: &Path, settings: &str) -> Service {
        let mut command = Command::new(program::interregnum());
        command.args(["serve", "--config"]).arg(configuration(directory, settings));
        Service::run(&mut command)
    }

    /// Starts a server at this address.
    ///
    /// # Panics
    /// If it does not get ready.
    #[must_use]
    pub fn listen(address: &str, arguments: &[&OsStr]) -> Service {
        Service::run(&mut command(address, arguments))
    }

    /// Starts a server with this command.
    ///
    /// # Panics
    /// If it does not get ready.
    #[must_use]
    pub fn run(command: &mut Command) -> Service {
        let watch = Stopwatch::start();
        let process = Process::start(command);
        loop {
            let Some(line) = process.line(PATIENCE) else {
                panic!("the server did not get ready: {:#?}", process.finish(PATIENCE));
            };
            if let Some(address) = address_in(&line) {
                return Service { process, address, start_took: watch.elapsed() };
            }
        }
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How long it took to get ready.
    #[must_use]
    pub fn start_took(&self) -> Duration {
        self.start_took
    }

    /// The id of its process.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Whether it still runs.
    ///
    /// # Panics
    /// If the system does not know it.
    pub fn is_running(&mut self) -> bool {
        self.process.is_running()
    }

    /// SIGKILL, and what it said that nobody has read: its log is in `complaints`.
    ///
    /// # Panics
    /// If the system does not know it.
    #[must_use]
    pub fn stop(self) -> Finished {
        self.process.stop()
    }

    /// SIGKILL.
    pub fn kill(mut self) {
        self.process.kill();
    }
}

/// A file with these settings in this directory: a server alone at a free port of the loopback, with its data there, too.
///
/// # Panics
/// If it cannot be written.
#[must_use]
pub fn configuration(directory: &Path, settings: &str) -> PathBuf {
    let file = directory.join("zoo.cfg");
    let data = directory.join("data");
    let port = free_port();
    let text = format!("dataDir={}\nclientPort={port}\nclientPortAddress=127.0.0.1\n{settings}\n", data.display());
    std::fs::write(&file, text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    file
}

/// `interregnum serve` with these arguments, to be started.
#[must_use]
pub fn command(address: &str, arguments: &[&OsStr]) -> Command {
    let mut command = Command::new(program::interregnum());
    command.args(["serve", "--listen", address]).args(arguments);
    command
}

/// Starts a server that must refuse to start, and gives what it said.
///
/// # Panics
/// If it goes on running.
#[must_use]
pub fn refused(address: &str, arguments: &[&OsStr]) -> Finished {
    crate::process::run(&mut command(address, arguments), PATIENCE)
}

/// The address in the line that says the server is ready.
fn address_in(line: &str) -> Option<SocketAddr> {
    line.split_whitespace()
        .filter_map(|word| word.trim_matches([',', '.', '`', '(', ')']).parse::<SocketAddr>().ok())
        .find(|address| address.port() != 0)
}

/// A directory of its own for one test, gone afterwards.
///
/// # Panics
/// If it cannot be made.
#[must_use]
pub fn scratch() -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().expect("a temporary directory can be made");
    let data = directory.path().join("data");
    (directory, data)
}
