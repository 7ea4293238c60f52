//! Processes that do not outlive their test.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::waiting::{PATIENCE, Stopwatch, eventually};

/// A process. It is killed when this is dropped, so also when the test panics.
#[derive(Debug)]
pub struct Process {
    child: Child,
    name: String,
    input: Option<ChildStdin>,
    lines: Receiver<String>,
    complaints: Option<JoinHandle<String>>,
}

/// What a process left behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finished {
    /// How it ended; `None` if by a signal.
    pub code: Option<i32>,
    /// Its standard output.
    pub output: String,
    /// Its standard error.
    pub complaints: String,
}

impl Finished {
    /// The only line of the standard error.
    ///
    /// # Panics
    /// If there is none, or more than one.
    #[must_use]
    pub fn only_complaint(&self) -> &str {
        let lines: Vec<&str> = self.complaints.lines().collect();
        assert_eq!(lines.len(), 1, "one line on standard error was expected: {self:#?}");
        assert!(!lines[0].trim().is_empty(), "an empty line says nothing");
        lines[0]
    }
}

impl Process {
    /// Starts a process.
    ///
    /// # Panics
    /// If it cannot be started.
    pub fn start(command: &mut Command) -> Process {
        let name = command.get_program().to_string_lossy().into_owned();
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        let (sender, lines) = channel();
        let output = BufReader::new(child.stdout.take().expect("it is piped"));
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        let mut errors = child.stderr.take().expect("it is piped");
        let complaints = std::thread::spawn(move || {
            let mut bytes = Vec::new();
            // What was read before an error is worth having.
            let _ = errors.read_to_end(&mut bytes);
            String::from_utf8_lossy(&bytes).into_owned()
        });
        let input = child.stdin.take();
        Process { child, name, input, lines, complaints: Some(complaints) }
    }

    /// Interrupts it, as Ctrl-C does.
    ///
    /// # Panics
    /// If it has ended.
    pub fn interrupt(&self) {
        let status = Command::new("kill").args(["-INT", &self.id().to_string()]).status().expect("kill is there");
        assert!(status.success(), "{} does not run any more", self.name);
    }

    /// The next line of the standard output; `None` when there will be none any more.
    ///
    /// # Panics
    /// If none comes within `limit`.
    pub fn line(&self, limit: Duration) -> Option<String> {
        match self.lines.recv_timeout(limit) {
            Ok(line) => Some(line),
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => panic!("{} has said nothing for {limit:?}", self.name),
        }
    }

    /// The next line of the standard output, if there is one already.
    #[must_use]
    pub fn line_if_any(&self) -> Option<String> {
        self.lines.try_recv().ok()
    }

    /// Gives the process a line.
    ///
    /// # Panics
    /// If it does not listen any more.
    pub fn tell(&mut self, line: &str) {
        let input = self.input.as_mut().expect("its input is open");
        writeln!(input, "{line}").and_then(|()| input.flush()).unwrap_or_else(|error| panic!("{}: {error}", self.name));
    }

    /// Whether it still runs.
    ///
    /// # Panics
    /// If the system does not know it.
    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().expect("it is our child").is_none()
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// SIGKILL, and the end of it.
    ///
    /// # Panics
    /// If the system does not know it.
    pub fn kill(&mut self) -> ExitStatus {
        // It may have ended by itself; the status tells.
        let _ = self.child.kill();
        self.child.wait().expect("it is our child")
    }

    /// SIGSTOP, and the moment in which the last of its threads stands still; or SIGCONT.
    ///
    /// # Panics
    /// If it does not run.
    pub fn pause(&self, is_paused: bool) {
        let id = self.id().to_string();
        let signal = if is_paused { "-STOP" } else { "-CONT" };
        let finished = run(Command::new("kill").args([signal, &id]), PATIENCE);
        assert_eq!(finished.code, Some(0), "{finished:#?}");
        let threads = Path::new("/proc").join(id).join("task");
        // The state stands behind the name of the program, which is in parentheses.
        let stands = |thread: &Path| {
            let stat = std::fs::read_to_string(thread.join("stat")).unwrap_or_default();
            stat.rsplit_once(") ").is_none_or(|(_, state)| state.starts_with('T'))
        };
        eventually("a process that stands still", PATIENCE, || {
            let mut all = std::fs::read_dir(&threads).into_iter().flatten().flatten();
            (!is_paused || all.all(|thread| stands(&thread.path()))).then_some(())
        });
    }

    /// SIGKILL, and what it said that nobody has read.
    ///
    /// # Panics
    /// If the system does not know it.
    pub fn stop(mut self) -> Finished {
        self.kill();
        self.finish(PATIENCE)
    }

    /// Waits until it ends by itself, and collects what it said that nobody has read.
    ///
    /// # Panics
    /// If it does not end within `limit`.
    pub fn finish(mut self, limit: Duration) -> Finished {
        drop(self.input.take());
        let watch = Stopwatch::start();
        let status =
            eventually(&format!("the end of {}", self.name), limit, || self.child.try_wait().expect("our child"));
        let mut output = String::new();
        while let Ok(line) = self.lines.recv_timeout(watch.left_of(limit).max(Duration::from_secs(1))) {
            output.push_str(&line);
            output.push('\n');
        }
        let complaints = self.complaints.take().expect("nobody has taken them").join().expect("reading does not panic");
        Finished { code: status.code(), output, complaints }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Runs a command to its end.
///
/// # Panics
/// If it cannot be started, or takes longer than `limit`.
pub fn run(command: &mut Command, limit: Duration) -> Finished {
    Process::start(command).finish(limit)
}
