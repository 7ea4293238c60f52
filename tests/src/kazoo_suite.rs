//! kazoo's own test suite, which lies in its package, run against servers of either maker.
//!
//! The suite starts its servers itself, through the program `java` on the path: `tests/kazoo/java` stands in for it. Its files are run several
//! at a time, each with servers of its own, since nearly all of their time is waiting; what fails is run again, alone, as the
//! suite is about time and machines are busy. `tests/kazoo/suite.py` says what is left out, and why.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::time::Duration;

use tempfile::tempdir;

use crate::compatibility::{Case, Maker, Record, Server};
use crate::ensemble::free_ports;
use crate::process::run;
use crate::{kazoo, program};

/// What the suite needs; its harness makes certificates with calls that later versions of pyOpenSSL do not have.
const PACKAGES: [&str; 8] = [
    "pytest==9.2.0",
    "pytest-timeout==2.4.0",
    "gevent==26.9.0",
    "eventlet==0.41.3",
    "pyjks==20.0.0",
    "pyopenssl==25.0.0",
    "pure_sasl==0.6.2",
    "objgraph==3.7.0",
];

/// How often a case may be tried.
const TRIES: usize = 3;

/// How many files run at a time.
const WORKERS: usize = 4;

/// How long one file may take, and one case, in seconds.
const FILE_LIMIT: Duration = Duration::from_secs(900);
const CASE_LIMIT: &str = "120";

/// The suite: where its Python is, its files, and its version.
#[derive(Clone, Debug)]
pub struct Suite {
    python: PathBuf,
    directory: PathBuf,
    files: Vec<String>,
    version: String,
}

/// How a case has ended.
#[derive(Clone, Debug)]
struct Outcome {
    /// As pytest says it: `passed`, `failed` or `skipped`.
    outcome: String,
    reason: String,
}

impl Suite {
    /// Installs it below the target directory.
    ///
    /// # Errors
    /// Why it cannot be had.
    pub fn obtain() -> Result<Suite, String> {
        if !kazoo::is_there("setpriv") {
            return Err("there is no setpriv, which comes with util-linux".to_owned());
        }
        let python = kazoo::environment("kazoo-suite", &PACKAGES)?;
        let question = "import kazoo, kazoo.tests; print(kazoo.__version__); print(kazoo.tests.__path__[0])";
        let answer = run(Command::new(&python).args(["-c", question]), Duration::from_secs(60));
        let mut lines = answer.output.lines().map(str::to_owned);
        let (Some(version), Some(directory)) = (lines.next(), lines.next()) else {
            return Err(format!("kazoo has no tests with it: {}", answer.complaints));
        };
        let directory = PathBuf::from(directory);
        let names = std::fs::read_dir(&directory).map_err(|error| error.to_string())?.flatten();
        let names = names.filter_map(|entry| entry.file_name().into_string().ok());
        let mut files: Vec<(u64, String)> = names
            .filter(|name| name.starts_with("test_") && name.ends_with(".py"))
            .map(|name| (std::fs::metadata(directory.join(&name)).map_or(0, |file| file.len()), name))
            .collect();
        // The largest first, so that no long one is left for the end.
        files.sort_by(|left, right| right.cmp(left));
        let files = files.into_iter().map(|(_, name)| name).collect();
        Ok(Suite { python, directory, files, version })
    }

    /// Runs all of it against servers like this one.
    ///
    /// # Panics
    /// If it breaks off.
    #[must_use]
    pub fn record(&self, server: Server) -> Record {
        let waiting = Mutex::new(self.files.iter().rev().collect::<Vec<_>>());
        let outcomes = Mutex::new(BTreeMap::new());
        let next = || waiting.lock().expect("nobody has panicked").pop();
        std::thread::scope(|scope| {
            for _ in 0..WORKERS {
                scope.spawn(|| {
                    while let Some(file) = next() {
                        let seen = self.file(file, &server);
                        outcomes.lock().expect("nobody has panicked").extend(seen);
                    }
                });
            }
        });
        let outcomes = outcomes.into_inner().expect("nobody has panicked");
        let cases = |outcome: &str| {
            let those = outcomes.iter().filter(|(_, case): &(_, &Outcome)| case.outcome == outcome);
            those.map(|(name, case)| Case { name: name.clone(), reason: case.reason.clone() }).collect::<Vec<_>>()
        };
        let passed = cases("passed").len();
        let (failed, skipped) = (cases("failed"), cases("skipped"));
        assert_eq!(passed + failed.len() + skipped.len(), outcomes.len(), "every case ends in one of three ways");
        Record { client: "kazoo".to_owned(), version: self.version.clone(), server, passed, failed, skipped }
    }

    /// Runs one file, and again what has failed in it.
    fn file(&self, file: &str, server: &Server) -> BTreeMap<String, Outcome> {
        let mut outcomes = self.cases(&[file.to_owned()], server);
        for _ in 1..TRIES {
            let failed = |(_, case): &(&String, &Outcome)| case.outcome == "failed";
            let again: Vec<String> = outcomes.iter().filter(failed).map(|(name, _)| name.clone()).collect();
            if again.is_empty() {
                break;
            }
            println!("{server}: once more: {}", again.join(", "));
            outcomes.extend(self.cases(&again, server));
        }
        outcomes
    }

    /// Runs cases, or all of a file, with servers of their own.
    fn cases(&self, names: &[String], server: &Server) -> BTreeMap<String, Outcome> {
        let scratch = tempdir().expect("a temporary directory can be made");
        let record = scratch.path().join("record.json");
        let tests = program::workspace().join("tests").join("kazoo");
        let path = std::env::var("PATH").unwrap_or_default();
        let is_ours = server.maker == Maker::Interregnum;
        // Each server takes five of ten ports.
        let ports = free_ports(u16::from(server.members) * 10);
        let mut command = Command::new(&self.python);
        command
            .args(["-B", "-m", "pytest", "-p", "suite", "-p", "no:cacheprovider", "-q", "--tb=short"])
            .args(["--timeout", CASE_LIMIT])
            .args(names.iter().map(|name| self.directory.join(name)))
            .current_dir(scratch.path())
            // There the suite takes its time.
            .env_remove("CI")
            .env("PATH", format!("{}:{path}", tests.display()))
            .env("JAVA", java(&path))
            .env("INTERREGNUM", program::interregnum())
            .env("SERVER", if is_ours { "interregnum" } else { "apache" })
            .env("RECORD", &record)
            .env("PYTHONPATH", &tests)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("TMPDIR", scratch.path())
            .env("ZOOKEEPER_CLASSPATH", "/usr/share/java/zookeeper.jar")
            // What both of them say they are.
            .env("ZOOKEEPER_VERSION", "3.8.0")
            .env("ZOOKEEPER_CLUSTER_SIZE", server.members.to_string())
            .env("ZOOKEEPER_PORT_OFFSET", ports.to_string());
        let finished = run(&mut command, FILE_LIMIT);
        // All passed, or some failed. Anything else, such as a file that cannot be imported, would lose cases without a word.
        assert!(matches!(finished.code, Some(0 | 1)), "{names:?} broke off: {finished:#?}");
        let text = std::fs::read_to_string(&record).unwrap_or_else(|_| panic!("{names:?} broke off: {finished:#?}"));
        let outcomes = read(&text);
        if outcomes.values().any(|case| case.outcome == "failed") {
            println!("{server}: {}", finished.output);
        }
        outcomes
    }
}

/// The real Java.
fn java(path: &str) -> PathBuf {
    let places = std::env::split_paths(path).map(|directory| directory.join("java"));
    places.into_iter().find(|place| place.is_file()).unwrap_or_else(|| Path::new("java").to_owned())
}

/// What `suite.py` has written.
fn read(text: &str) -> BTreeMap<String, Outcome> {
    let cases: Vec<serde_json::Value> = serde_json::from_str(text).expect("the plugin writes JSON");
    let field = |case: &serde_json::Value, key: &str| case[key].as_str().unwrap_or_default().to_owned();
    let outcome = |case: &serde_json::Value| Outcome { outcome: field(case, "outcome"), reason: field(case, "reason") };
    cases.iter().map(|case| (field(case, "name"), outcome(case))).collect()
}
