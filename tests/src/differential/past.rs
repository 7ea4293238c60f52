//! Differences that there were, each as its smallest sequence: they stay away.

use serde::{Deserialize, Serialize};

use super::operation::Step;

/// A difference that there was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Past {
    /// What differed.
    pub what: String,
    /// The steps that showed it.
    pub steps: Vec<Step>,
}

/// All of them, from `tests/differential/past.jsonl`.
///
/// # Panics
/// If a line cannot be read.
#[must_use]
pub fn all() -> Vec<Past> {
    let text = include_str!("../../differential/past.jsonl");
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let read = |(index, line): (usize, &str)| {
        serde_json::from_str(line).unwrap_or_else(|error| panic!("past.jsonl:{}: {error}", index + 1))
    };
    lines.map(read).collect()
}

/// The line that keeps these steps.
///
/// # Panics
/// Never: steps are data.
#[must_use]
pub fn line(steps: &[Step]) -> String {
    let past = Past { what: String::new(), steps: steps.to_vec() };
    serde_json::to_string(&past).expect("steps are data")
}
