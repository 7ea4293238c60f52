//! Writes down the calls of a run, for a [`History`].

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use history::Time;
use serde_json::Value;

use super::{History, Line, Stage};

/// Writes down calls as they begin and end, in the order in which it is told of them. Its clones write into the same
/// history, so that each client of a run can have one.
///
/// It asks no clock: the caller says when, and what it says must not go backwards.
///
/// ```
/// # use interregnum_check as check;
/// use check::linearizability::{ModelName, Recorder, Verdict, judge};
/// use history::Time;
///
/// let recorder = Recorder::default();
/// let write = recorder.invoke(Time::from_secs(1), "a", "write", "x", 7);
/// write.ok(Time::from_secs(2), ());
/// let read = recorder.invoke(Time::from_secs(3), "b", "read", "x", ());
/// read.ok(Time::from_secs(4), 7);
/// let judgement = judge(&recorder.history(), ModelName::Register, 1_000)?;
/// assert_eq!(judgement.verdict, Verdict::Holds);
/// # Ok::<(), check::linearizability::HistoryError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Recorder {
    lines: Arc<Mutex<Vec<Line>>>,
}

/// A call under way. One that is dropped, as it is when its process is killed, ends in doubt.
#[derive(Debug)]
#[must_use = "a call that is dropped at once ends in doubt at once"]
pub struct Call {
    recorder: Recorder,
    process: Value,
    operation: String,
    key: Value,
    is_over: bool,
}

impl Recorder {
    /// A call begins. The operation and what its argument looks like are those of a model's [`Vocabulary`](super::Vocabulary).
    pub fn invoke(
        &self,
        now: Time,
        process: impl Into<Value>,
        operation: impl Into<String>,
        key: impl Into<Value>,
        value: impl Into<Value>,
    ) -> Call {
        let (process, operation, key) = (process.into(), operation.into(), key.into());
        let call = Call { recorder: self.clone(), process, operation, key, is_over: false };
        call.write(Some(now), Stage::Invoke, value.into());
        call
    }

    /// What was written down so far.
    pub fn history(&self) -> History {
        History::new(self.lock().iter().cloned())
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Line>> {
        // A line is pushed whole or not at all.
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Call {
    /// The call was answered.
    pub fn ok(self, now: Time, value: impl Into<Value>) {
        self.end(now, Stage::Ok, value.into());
    }

    /// The call surely did not happen.
    pub fn fail(self, now: Time) {
        self.end(now, Stage::Fail, Value::Null);
    }

    /// Nobody knows whether the call has happened, will happen, or never happens.
    pub fn info(self, now: Time) {
        self.end(now, Stage::Info, Value::Null);
    }

    fn end(mut self, now: Time, stage: Stage, value: Value) {
        self.write(Some(now), stage, value);
        self.is_over = true;
    }

    fn write(&self, time: Option<Time>, stage: Stage, value: Value) {
        let (process, operation, key) = (self.process.clone(), Some(self.operation.clone()), self.key.clone());
        self.recorder.lock().push(Line { process, stage, operation, key, value, time });
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        if !self.is_over {
            // Nobody says when.
            self.write(None, Stage::Info, Value::Null);
        }
    }
}
