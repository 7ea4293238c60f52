//! What a campaign came to.

use std::fmt;
use std::time::Duration;

use check::Counters;
use interregnum::Verdict;
use interregnum::explore::{Exploration, Settings, State};
use serde_json::{Value, json};

use super::failures::Small;
use crate::Exit;

/// Below this many runs nothing can be said about what a campaign never reached.
const RUNS_FOR_VACUITY: u64 = 100;

/// What a campaign came to.
pub struct Summary {
    scenario: String,
    strategy: String,
    runs: u64,
    /// How many of them were done now, and not in an earlier session.
    here: u64,
    features: usize,
    kept: usize,
    failures: u64,
    verdict: Verdict,
    small: Vec<Small>,
    sometimes: Counters,
    missed: Vec<String>,
    interrupted: bool,
    wall: Duration,
}

impl Summary {
    /// What an exploration came to.
    pub fn of(exploration: &Exploration, before: u64, wall: Duration, interrupted: bool, small: Vec<Small>) -> Summary {
        let here = exploration.state().runs - before;
        Summary { here, wall, interrupted, ..Summary::of_state(exploration.settings(), exploration.state(), small) }
    }

    /// What is known without running anything.
    pub fn of_state(settings: &Settings, state: &State, small: Vec<Small>) -> Summary {
        let missed = match state.runs >= RUNS_FOR_VACUITY && state.findings.failures() == 0 {
            true => settings
                .scenario
                .required_points(&settings.families)
                .missing_in(&state.sometimes)
                .into_iter()
                .map(str::to_owned)
                .collect(),
            false => Vec::new(),
        };
        Summary {
            scenario: settings.scenario.name().to_owned(),
            strategy: settings.strategy.name().to_owned(),
            runs: state.runs,
            here: 0,
            features: state.covered.count(),
            kept: state.corpus.entries().len(),
            failures: state.findings.failures(),
            verdict: state.findings.verdict(),
            small,
            sometimes: state.sometimes.clone(),
            missed,
            interrupted: false,
            wall: Duration::ZERO,
        }
    }

    /// What to end with.
    pub fn exit(&self) -> Exit {
        match self.verdict {
            Verdict::Safety => Exit::Safety,
            Verdict::Liveness => Exit::Liveness,
            Verdict::Panic => Exit::Other,
            Verdict::Ok if !self.missed.is_empty() => Exit::Vacuous,
            Verdict::Ok => Exit::Held,
        }
    }

    fn runs_a_second(&self) -> f64 {
        let rate = self.here as f64 / self.wall.as_secs_f64().max(f64::EPSILON);
        if self.here == 0 { 0.0 } else { (rate * 10.0).round() / 10.0 }
    }

    /// The summary as an object.
    pub fn json(&self) -> Value {
        json!({"summary": {
            "scenario": self.scenario,
            "strategy": self.strategy,
            "runs": self.runs,
            "runs_now": self.here,
            "runs_per_second": self.runs_a_second(),
            "features": self.features,
            "schedules_kept": self.kept,
            "failures": self.failures,
            "findings": self.small.iter().map(Small::json).collect::<Vec<_>>(),
            "sometimes": self.sometimes,
            "missed": self.missed,
            "interrupted": self.interrupted,
            "wall_ms": (self.wall.as_secs_f64() * 1_000.0).round(),
        }})
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} runs", self.runs)?;
        if self.here < self.runs {
            write!(formatter, ", {} of them now", self.here)?;
        }
        if self.here > 0 {
            write!(formatter, " in {:.1} s, {} a second", self.wall.as_secs_f64(), self.runs_a_second())?;
        }
        writeln!(formatter, ": {} features reached, {} schedules kept", self.features, self.kept)?;
        for (point, count) in self.sometimes.iter() {
            writeln!(formatter, "  {count:>9} {point}")?;
        }
        for point in &self.missed {
            writeln!(formatter, "never reached, though it must be: {point}")?;
        }
        match self.small.len() {
            0 => write!(formatter, "everything held")?,
            kinds => write!(formatter, "{} runs failed, in {kinds} ways:", self.failures)?,
        }
        for small in &self.small {
            write!(formatter, "\n  {small}")?;
        }
        if self.interrupted {
            write!(formatter, "\ninterrupted")?;
        }
        Ok(())
    }
}
