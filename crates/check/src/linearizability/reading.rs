//! From the lines of a history to the calls of a model.

use history::Time;
use indexmap::IndexMap;
use serde_json::Value;

use super::{History, Line, Model, Moment, Operation, Operations, Stage};

/// What a model's calls and answers are called in a history.
pub trait Vocabulary: Model {
    /// The model's name.
    const NAME: &'static str;
    /// The operations it knows.
    const OPERATIONS: &'static [&'static str];

    /// The call of one of its operations.
    ///
    /// # Errors
    /// What is wrong with the key or the argument.
    fn input(&self, operation: &str, key: &Value, value: &Value) -> Result<Self::Input, String>;

    /// The answer to a call.
    ///
    /// # Errors
    /// What is wrong with it.
    fn output(&self, input: &Self::Input, value: &Value) -> Result<Self::Output, String>;
}

/// A history that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {wrong}")]
pub struct HistoryError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong there.
    pub wrong: Wrong,
}

/// What is wrong with a line of a history.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// It is no JSON object with the fields it must have.
    #[error("{why}, at column {column}")]
    Malformed {
        /// Where in the line, from 1.
        column: usize,
        /// What is wrong there.
        why: String,
    },
    /// The name of a process is a list or an object.
    #[error("`process` is {0}: a scalar is needed")]
    NoProcess(String),
    /// A call that does not say what it asks for.
    #[error("process {process} invokes nothing: `f` is missing")]
    NoOperation {
        /// Who calls.
        process: String,
    },
    /// A completion of nothing.
    #[error("process {process} completes a call that it has not invoked")]
    NotInvoked {
        /// Who completes.
        process: String,
    },
    /// A process calls twice at a time.
    #[error("process {process} invokes while its call of line {earlier} is outstanding")]
    Outstanding {
        /// Who calls.
        process: String,
        /// The line of its earlier call.
        earlier: usize,
    },
    /// A completion of something else than was invoked.
    #[error("process {process} completes `{completed}`, but line {earlier} invoked `{invoked}`")]
    Different {
        /// Who completes.
        process: String,
        /// What it completes: an operation or a key.
        completed: String,
        /// What it invoked.
        invoked: String,
        /// Where it invoked it.
        earlier: usize,
    },
    /// An operation that the model has not.
    #[error("the model `{model}` has no operation `{name}`")]
    UnknownOperation {
        /// The model.
        model: &'static str,
        /// The name given.
        name: String,
        /// The names that it knows.
        known: &'static [&'static str],
    },
    /// An argument or an answer that the model does not understand.
    #[error("`{operation}`: {why}")]
    BadValue {
        /// What was asked for.
        operation: String,
        /// What is wrong.
        why: String,
    },
    /// Time goes backwards.
    #[error("time goes backwards, from {} to {} ns", .before.as_nanos(), .time.as_nanos())]
    Backwards {
        /// The time of an earlier line.
        before: Time,
        /// The time of this one.
        time: Time,
    },
}

/// A JSON value as people write it: text without quotes.
pub(super) fn show(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A call that has not ended yet.
struct Outstanding {
    /// The number of the call.
    call: usize,
    line: usize,
    operation: String,
    key: Value,
}

impl History {
    /// The calls, by their invocation. Those that surely did not happen are left out.
    ///
    /// # Errors
    /// The first line that does not fit to those before it or to the model.
    pub fn operations<V: Vocabulary>(&self, vocabulary: &V) -> Result<Operations<V>, HistoryError> {
        let mut calls: Vec<Option<Operation<V::Input, V::Output>>> = Vec::new();
        // By the JSON text: the process `1` is not the process `"1"`.
        let mut outstanding: IndexMap<String, Outstanding> = IndexMap::new();
        let mut now: Option<Time> = None;
        for (number, line) in &self.lines {
            let fail = |wrong| HistoryError { line: *number, wrong };
            if let (Some(before), Some(time)) = (now, line.time)
                && time < before
            {
                return Err(fail(Wrong::Backwards { before, time }));
            }
            now = line.time.or(now);
            if line.process.is_array() || line.process.is_object() {
                return Err(fail(Wrong::NoProcess(line.process.to_string())));
            }
            let (name, process) = (show(&line.process), line.process.to_string());
            let moment = Moment { line: *number, time: line.time };
            if line.stage == Stage::Invoke {
                if let Some(Outstanding { line: earlier, .. }) = outstanding.get(&process) {
                    return Err(fail(Wrong::Outstanding { process: name, earlier: *earlier }));
                }
                let Some(operation) = line.operation.clone() else {
                    return Err(fail(Wrong::NoOperation { process: name }));
                };
                let input = read_input(vocabulary, &operation, line).map_err(fail)?;
                let call = Outstanding { call: calls.len(), line: *number, operation, key: line.key.clone() };
                outstanding.insert(process, call);
                calls.push(Some(Operation { process: name, input, invoked: moment, answered: None }));
                continue;
            }
            let Some(begun) = outstanding.swap_remove(&process) else {
                return Err(fail(Wrong::NotInvoked { process: name }));
            };
            begun.is_completed_by(line, &name).map_err(fail)?;
            match line.stage {
                Stage::Invoke => unreachable!("an invocation completes nothing"),
                Stage::Info => {}
                Stage::Fail => calls[begun.call] = None,
                Stage::Ok => {
                    let call = calls[begun.call].as_mut().expect("a call ends once");
                    let answer = vocabulary
                        .output(&call.input, &line.value)
                        .map_err(|why| fail(Wrong::BadValue { operation: begun.operation, why }))?;
                    call.answered = Some((answer, moment));
                }
            }
        }
        Ok(calls.into_iter().flatten().collect())
    }
}

impl Outstanding {
    fn is_completed_by(&self, line: &Line, process: &str) -> Result<(), Wrong> {
        let different = |completed: String, invoked: String| {
            Err(Wrong::Different { process: process.to_owned(), completed, invoked, earlier: self.line })
        };
        match &line.operation {
            Some(operation) if *operation != self.operation => different(operation.clone(), self.operation.clone()),
            _ if !line.key.is_null() && line.key != self.key => different(show(&line.key), show(&self.key)),
            _ => Ok(()),
        }
    }
}

fn read_input<V: Vocabulary>(vocabulary: &V, operation: &str, line: &Line) -> Result<V::Input, Wrong> {
    if !V::OPERATIONS.contains(&operation) {
        let (model, name, known) = (V::NAME, operation.to_owned(), V::OPERATIONS);
        return Err(Wrong::UnknownOperation { model, name, known });
    }
    let bad = |why| Wrong::BadValue { operation: operation.to_owned(), why };
    if line.key.is_array() || line.key.is_object() {
        return Err(bad(format!("`key` is {}: a scalar is needed", line.key)));
    }
    vocabulary.input(operation, &line.key, &line.value).map_err(bad)
}
