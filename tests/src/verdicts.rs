//! What a program of named tests prints: a line for each, `ok NAME`, `failed NAME: REASON` or `skipped NAME: REASON`.

use std::process::Command;
use std::time::Duration;

use crate::compatibility::{Case, Record, Server};
use crate::either::Servers;
use crate::process::{Finished, Process};

/// How the tests of one or more runs ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdicts {
    /// How many passed.
    pub passed: usize,
    /// Those that failed.
    pub failed: Vec<Case>,
    /// Those that were not made.
    pub skipped: Vec<Case>,
}

impl Verdicts {
    /// Runs a program against these servers, and has the leader killed when it asks for that. Names begin with `prefix`.
    ///
    /// # Panics
    /// If it is silent for longer than `limit`, or breaks off.
    pub fn of(command: &mut Command, servers: &mut Servers, prefix: &str, limit: Duration) -> Verdicts {
        let mut process = Process::start(command);
        let mut verdicts = Verdicts::default();
        while let Some(line) = process.line(limit) {
            if line == "kill the leader" {
                servers.kill_leader();
                process.tell("killed");
            }
            verdicts.take(&line, prefix);
        }
        verdicts.must_match(&process.finish(limit));
        verdicts
    }

    /// A program ends with 0 if nothing has failed, and with 1 otherwise.
    fn must_match(&self, finished: &Finished) {
        let expected = i32::from(!self.failed.is_empty());
        assert_eq!(finished.code, Some(expected), "it broke off: {finished:#?}");
    }

    /// Takes one line; others than those of tests say nothing.
    pub fn take(&mut self, line: &str, prefix: &str) {
        let case = |text: &str| {
            let (name, reason) = text.split_once(": ").unwrap_or((text, "it did not say why"));
            Case { name: format!("{prefix}{name}"), reason: reason.to_owned() }
        };
        match line.split_once(' ') {
            Some(("ok", _)) => self.passed += 1,
            Some(("failed", text)) => self.failed.push(case(text)),
            Some(("skipped", text)) => self.skipped.push(case(text)),
            _ => {}
        }
    }

    /// These and those of another run.
    #[must_use]
    pub fn and(mut self, other: Verdicts) -> Verdicts {
        self.passed += other.passed;
        self.failed.extend(other.failed);
        self.skipped.extend(other.skipped);
        self
    }

    /// As the page shows them.
    #[must_use]
    pub fn record(self, client: &str, version: &str, server: Server) -> Record {
        let Verdicts { passed, failed, skipped } = self;
        Record { client: client.to_owned(), version: version.to_owned(), server, passed, failed, skipped }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finished(code: i32) -> Finished {
        Finished { code: Some(code), output: String::new(), complaints: String::new() }
    }

    #[test]
    fn every_line_of_a_test_counts_and_no_other_does() {
        let output = "ok A.one\nkill the leader\nok A.two\nfailed B.one: A.java:7 wrong: 1\nskipped B.two: alone\n";
        let mut verdicts = Verdicts::default();
        output.lines().for_each(|line| verdicts.take(line, "leader: "));
        verdicts.must_match(&finished(1));
        let case = |name: &str, reason: &str| Case { name: name.to_owned(), reason: reason.to_owned() };
        assert_eq!(verdicts.passed, 2);
        assert_eq!(verdicts.failed, [case("leader: B.one", "A.java:7 wrong: 1")]);
        assert_eq!(verdicts.skipped, [case("leader: B.two", "alone")]);
    }

    #[test]
    #[should_panic(expected = "it broke off")]
    fn a_program_that_breaks_off_has_not_passed() {
        let mut verdicts = Verdicts::default();
        verdicts.take("ok A.one", "");
        verdicts.must_match(&finished(1));
    }
}
