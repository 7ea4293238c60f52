//! `interregnum serve`, on a port that the system picks.

use std::ffi::OsStr;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;

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

    /// Starts a server at this address.
    ///
    /// # Panics
    /// If it does not get ready.
    #[must_use]
    pub fn listen(address: &str, arguments: &[&OsStr]) -> Service {
        let mut command = command(address, arguments);
        let watch = Stopwatch::start();
        let process = Process::start(&mut command);
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

    /// SIGKILL.
    pub fn kill(mut self) {
        self.process.kill();
    }
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
