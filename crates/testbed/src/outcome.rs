//! What came of a run.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use check::{Counters, Kind, Violation};
use history::{Record, Time, TraceHash};
use serde::Serialize;

use crate::schedule::{Family, Found};

/// The verdict on a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Everything held.
    Ok,
    /// Something bad happened.
    Safety,
    /// Something good did not happen in time.
    Liveness,
    /// Something panicked.
    Panic,
}

impl Verdict {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Verdict::Ok => "ok",
            Verdict::Safety => "safety",
            Verdict::Liveness => "liveness",
            Verdict::Panic => "panic",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

/// What came of a run. All but `wall` is a function of the plan.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// What the monitors say, in the order in which they said it.
    pub violations: Vec<Violation>,
    /// The message of a panic, if there was one.
    pub panic: Option<String>,
    /// The hash of all events.
    pub trace: TraceHash,
    /// How much virtual time passed.
    pub virtual_time: Time,
    /// How much real time it took.
    pub wall: Duration,
    /// How many events there were.
    pub events: u64,
    /// How many messages processes read from their connections.
    pub messages: u64,
    /// Times without a leader, each from the end of one leadership to the beginning of the next.
    pub failovers: Vec<Duration>,
    /// How often each point of interest was reached.
    pub sometimes: Counters,
    /// How many faults of each family began.
    pub faults: BTreeMap<Family, u64>,
    /// The events that were kept.
    pub kept: Vec<Record>,
}

impl Outcome {
    /// The verdict.
    pub fn verdict(&self) -> Verdict {
        if self.panic.is_some() {
            return Verdict::Panic;
        }
        match self.violations.first().map(|violation| violation.kind) {
            None => Verdict::Ok,
            Some(Kind::Safety) => Verdict::Safety,
            Some(Kind::Liveness) => Verdict::Liveness,
        }
    }

    /// Whether everything held.
    pub fn held(&self) -> bool {
        self.verdict() == Verdict::Ok
    }

    /// What a saved failure says about it; nothing if everything held.
    pub fn found(&self) -> Option<Found> {
        if self.held() {
            return None;
        }
        let (monitor, message, at) = match (&self.panic, self.violations.first()) {
            (Some(message), _) => ("panic", message.clone(), self.virtual_time),
            (None, Some(violation)) => (violation.monitor, violation.message.clone(), violation.at),
            (None, None) => unreachable!("a run that failed has a violation"),
        };
        Some(Found {
            verdict: self.verdict().name().to_owned(),
            monitor: monitor.to_owned(),
            message,
            at_ms: at.as_millis(),
            trace: self.trace,
            version: crate::VERSION.to_owned(),
            rustc: crate::RUSTC.to_owned(),
        })
    }

    /// Whether two runs of one plan were the same run.
    pub fn same_run(&self, other: &Outcome) -> bool {
        self.trace == other.trace
            && self.events == other.events
            && self.violations == other.violations
            && self.panic == other.panic
            && self.virtual_time == other.virtual_time
    }
}
