//! What a check says, for people and for scripts.

use std::fmt;

use history::Time;
use serde::Serialize;

use super::narrow::Narrowed;
use super::{Model, Moment};

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Judgement {
    /// Whether the history is linearizable.
    #[serde(flatten)]
    pub verdict: Verdict,
    /// How many operations the history has, without those that surely did not happen.
    pub operations: usize,
    /// How many parts of the object they concern.
    pub parts: usize,
    /// How many states were explored to find out.
    pub states: u64,
}

/// Whether a history is linearizable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// It is: there is an order that explains all answers.
    Holds,
    /// It is not.
    Violated {
        /// What no order explains.
        window: Window,
    },
    /// The budget was spent before that was known.
    Unknown {
        /// The parts of the object that it is not known of. All others hold.
        parts: Vec<String>,
    },
}

/// The few operations that no order explains, of the earliest part of the history that none explains.
///
/// What it shows is enough: any object, in any of the states that are named, that is called like this and answers like
/// this is not linearizable, whatever the operations did that are not shown. Without the last answer it would be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Window {
    /// The part of the object; empty if it has no parts.
    pub part: String,
    /// The states, in words, that are possible where the window begins.
    pub before: Vec<String>,
    /// The operations, by their invocation.
    pub operations: Vec<Shown>,
    /// Whether none of them can be left out. It is not known if the budget was spent on the way.
    pub minimal: bool,
}

/// An operation, in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Shown {
    /// Who called.
    pub process: String,
    /// What it asked for.
    pub call: String,
    /// What it was answered. `None` if it was not answered before the end of the window, or never.
    pub answer: Option<String>,
    /// The line on which it began.
    pub invoked_line: usize,
    /// The line on which it was answered.
    pub answered_line: Option<usize>,
    /// When it began, in nanoseconds, if the history says.
    pub invoked_at: Option<Time>,
    /// When it was answered.
    pub answered_at: Option<Time>,
}

impl Window {
    pub(super) fn new<M: Model>(model: &M, part: &str, narrowed: &Narrowed<M>) -> Window {
        let mut before: Vec<String> = narrowed.starts.iter().map(|start| model.describe_state(&start.state)).collect();
        before.sort_unstable();
        before.dedup();
        let operations = narrowed.operations.iter().map(|operation| {
            let answered: Option<Moment> = operation.answered.as_ref().map(|(_, moment)| *moment);
            Shown {
                process: operation.process.clone(),
                call: model.describe(&operation.input),
                answer: operation.answer().map(|answer| model.describe_answer(&operation.input, answer)),
                invoked_line: operation.invoked.line,
                answered_line: answered.map(|moment| moment.line),
                invoked_at: operation.invoked.time,
                answered_at: answered.and_then(|moment| moment.time),
            }
        });
        Window { part: part.to_owned(), before, operations: operations.collect(), minimal: narrowed.minimal }
    }
}

impl fmt::Display for Window {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        /// So many states are named.
        const NAMED: usize = 6;
        let mut before = self.before.iter().take(NAMED).cloned().collect::<Vec<_>>().join(" or ");
        if self.before.len() > NAMED {
            before.push_str(&format!(" or {} others", self.before.len() - NAMED));
        }
        write!(formatter, "  before: {before}")?;
        let width = |of: fn(&Shown) -> usize| self.operations.iter().map(of).max().unwrap_or(0);
        let process = width(|shown| shown.process.chars().count());
        let call = width(|shown| shown.call.chars().count());
        let answer = width(|shown| shown.answer.as_ref().map_or(1, |answer| answer.chars().count()));
        let last = self.operations.iter().filter_map(|shown| shown.answered_line).max();
        for shown in &self.operations {
            let answered = shown.answer.as_deref().unwrap_or("?");
            write!(formatter, "\n  {:process$}  {:call$} -> {answered:answer$}  {shown}", shown.process, shown.call)?;
            if shown.answered_line.is_some() && shown.answered_line == last {
                formatter.write_str("  <- impossible")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Shown {
    /// When it was under way.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.answered_line {
            Some(line) => write!(formatter, "lines {}-{line}", self.invoked_line)?,
            None => write!(formatter, "lines {}-", self.invoked_line)?,
        }
        match (self.invoked_at, self.answered_at) {
            (Some(invoked), Some(answered)) => write!(formatter, ", {invoked} to {answered}"),
            (Some(invoked), None) => write!(formatter, ", from {invoked}"),
            (None, _) => Ok(()),
        }
    }
}
