//! Processes that do not outlive the measurement, and how much memory they hold.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::Failure;

/// A process. It is killed when this is dropped, so also when the measurement fails.
pub(super) struct Process {
    child: Child,
    /// What it says goes here: it is wanted only if it ends too early.
    said: PathBuf,
}

impl Process {
    /// Starts a process; what it says is kept in the file `said`.
    pub(super) fn start(command: &mut Command, said: &Path) -> Result<Process, Failure> {
        let name = command.get_program().to_string_lossy().into_owned();
        let cannot = |error: io::Error| Failure::Other(format!("cannot start {name}: {error}"));
        let output = File::create(said).map_err(cannot)?;
        let errors = output.try_clone().map_err(cannot)?;
        let child = command.stdin(Stdio::null()).stdout(output).stderr(errors).spawn().map_err(cannot)?;
        Ok(Process { child, said: said.to_owned() })
    }

    /// Fails if it has ended.
    pub(super) fn check(&mut self) -> Result<(), Failure> {
        match self.child.try_wait() {
            Ok(None) => Ok(()),
            Ok(Some(status)) => Err(Failure::Other(format!("a server ended too early ({status})"))),
            Err(error) => Err(Failure::Other(format!("a server is lost: {error}"))),
        }
    }

    /// The last line that it has said, if it has said anything.
    pub(super) fn last_said(&self) -> Option<String> {
        last_line(&fs::read_to_string(&self.said).unwrap_or_default()).map(str::to_owned)
    }

    /// How much of the memory it holds is resident now, in KiB.
    pub(super) fn resident_kibibytes(&self) -> Result<u64, Failure> {
        let untold = || Failure::Other("this system does not tell a process's memory".to_owned());
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).map_err(|_| untold())?;
        resident(&status).ok_or_else(untold)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself; either way it is gone then.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The last line of what was said, but for the words of Java's SLF4J that there is no log.
fn last_line(said: &str) -> Option<&str> {
    said.lines().rfind(|line| !line.trim().is_empty() && !line.starts_with("SLF4J:"))
}

/// `VmRSS` of a process's status, in KiB.
fn resident(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_is_one_that_tells_something() {
        assert_eq!(last_line("serving\nno more room\n\n"), Some("no more room"));
        let without_log = "SLF4J: Defaulting to no-operation (NOP) logger implementation\n";
        assert_eq!(last_line(without_log), None);
        assert_eq!(last_line(&format!("Address already in use\n{without_log}")), Some("Address already in use"));
    }

    #[test]
    fn the_resident_memory_is_read_from_the_status() {
        assert_eq!(resident("Name:\tx\nVmHWM:\t  9000 kB\nVmRSS:\t    5128 kB\nThreads:\t1\n"), Some(5128));
        assert_eq!(resident("Name:\tx\n"), None);
        assert_eq!(resident("VmRSS:\t many kB\n"), None);
    }
}
