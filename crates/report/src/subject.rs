//! What the story is about, in plain words and numbers: a report needs to know no scenario and no schedule.

use std::time::Duration;

use history::{NodeName, Time};

/// A run: what was asked for, and what came of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Subject {
    /// The scenario's name.
    pub scenario: String,
    /// The seed of all streams.
    pub seed: u64,
    /// The parameters that differ from the scenario's defaults.
    pub parameters: Vec<(String, String)>,
    /// The command that shows the run again.
    pub command: String,
    /// By whom and by what the run was made.
    pub versions: String,
    /// The hash of all events, in words.
    pub trace: String,
    /// Who takes part.
    pub nodes: Nodes,
    /// The faults of the schedule, in its order. A fault's place here is the index that the records name.
    pub faults: Vec<Fault>,
    /// The verdict in one word: `ok`, `safety`, `liveness`, `panic`.
    pub verdict: String,
    /// What the monitors said, in the order in which they said it.
    pub violations: Vec<Violation>,
    /// The message of a panic, if there was one.
    pub panic: Option<String>,
    /// The times without a leader that the run measured.
    pub failovers: Vec<Duration>,
    /// When the run ended.
    pub ended: Time,
    /// How long it would have lasted if nothing had broken.
    pub length: Duration,
}

/// The nodes by what they do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Nodes {
    /// The servers of the coordination service.
    pub servers: Vec<NodeName>,
    /// Those who want to lead.
    pub candidates: Vec<NodeName>,
    /// What the leader acts on.
    pub resources: Vec<NodeName>,
}

/// A fault as it stands in the schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// When it is to begin.
    pub at: Time,
    /// How long it is to last: nothing for good, zero for an instant.
    pub lasts: Option<Duration>,
    /// Its family, such as `partition`.
    pub family: String,
    /// The fault in words.
    pub what: String,
}

/// What a monitor said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The monitor, such as `single-leader/belief`.
    pub monitor: String,
    /// When the rule was broken.
    pub at: Time,
    /// Where, if at one node.
    pub node: Option<NodeName>,
    /// One sentence.
    pub message: String,
}

impl Subject {
    /// When the first rule was broken; the end of the run if none was.
    pub fn focus(&self) -> Time {
        self.violations.first().map_or(self.ended, |violation| violation.at.min(self.ended))
    }

    /// What broke first and how, in one line; nothing if everything held.
    pub fn headline(&self) -> Option<String> {
        if let Some(message) = &self.panic {
            return Some(format!("panic at {}: {message}", self.ended));
        }
        let violation = self.violations.first()?;
        Some(format!("{} broke at {}: {}", violation.monitor, violation.at, violation.message))
    }
}
