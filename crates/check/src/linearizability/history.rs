//! What was seen, one line an event.

use std::fmt;
use std::str::FromStr;

use history::Time;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{HistoryError, Wrong};

/// A history of calls, in the order in which they were seen to begin and to end.
///
/// As text it is one JSON object a line:
///
/// ```json
/// {"process":"a","type":"invoke","f":"write","key":"x","value":1,"time":1000}
/// {"process":"a","type":"ok","f":"write","key":"x","value":1,"time":2000}
/// ```
///
/// `process` is any JSON scalar. `time` is in nanoseconds and may be left out: the order of lines is what counts. Empty
/// lines and unknown fields are passed over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// Each event with its line, from 1.
    pub(super) lines: Vec<(usize, Line)>,
}

/// One event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Who calls.
    pub process: Value,
    /// What became of the call.
    #[serde(rename = "type")]
    pub stage: Stage,
    /// What is asked for. A completion may leave it out, as it may the key.
    #[serde(rename = "f", default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// The part of the object that is asked.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub key: Value,
    /// The argument of an invocation, the result of a completion.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub value: Value,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<Time>,
}

/// What became of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// It began.
    Invoke,
    /// It was answered.
    Ok,
    /// It surely did not happen.
    Fail,
    /// Nobody knows whether it has happened, will happen, or never happens.
    Info,
}

impl History {
    /// A history of these events.
    pub fn new(lines: impl IntoIterator<Item = Line>) -> History {
        History { lines: (1..).zip(lines).collect() }
    }

    /// The events.
    pub fn lines(&self) -> impl Iterator<Item = &Line> {
        self.lines.iter().map(|(_, line)| line)
    }
}

impl FromStr for History {
    type Err = HistoryError;

    /// Reads a history from text.
    ///
    /// # Errors
    /// A line that is no JSON, or has not the fields that it must have.
    fn from_str(text: &str) -> Result<History, HistoryError> {
        let mut lines = Vec::new();
        for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
            let line = serde_json::from_str(line).map_err(|error| {
                let whole = error.to_string();
                // The number of the line is that in the file, and stands in front.
                let why = whole.rsplit_once(" at line ").map_or(whole.as_str(), |(why, _)| why).to_owned();
                HistoryError { line: number, wrong: Wrong::Malformed { column: error.column(), why } }
            })?;
            lines.push((number, line));
        }
        Ok(History { lines })
    }
}

impl fmt::Display for History {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in self.lines() {
            writeln!(formatter, "{}", serde_json::to_string(line).map_err(|_| fmt::Error)?)?;
        }
        Ok(())
    }
}
