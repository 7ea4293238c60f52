//! Calls, told as they begin and as they end.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use client::{Error, ErrorCode, Outcome};
use history::{CallEvent, Event};
use serde_json::{Value, json};

/// Numbers the calls of one life of a client. Its clones share the numbers.
#[derive(Clone, Default)]
pub struct Calls(Arc<AtomicU64>);

/// A call under way. It has to be ended in words, unless its process is.
#[must_use = "a call that nobody ends is in doubt"]
pub struct Call {
    number: u64,
}

impl Calls {
    /// A call begins.
    pub fn invoke(&self, operation: &str, key: &str, argument: &Value) -> Call {
        let number = self.0.fetch_add(1, Ordering::Relaxed);
        host::tell(Event::Call(CallEvent::Invoked {
            call: number,
            operation: operation.to_owned(),
            key: key.to_owned(),
            argument: argument.to_string(),
        }));
        Call { number }
    }
}

impl Call {
    /// It was answered.
    pub fn returned(self, result: &Value) {
        host::tell(Event::Call(CallEvent::Returned { call: self.number, result: result.to_string() }));
    }

    /// It surely did not happen.
    pub fn failed(self) {
        host::tell(Event::Call(CallEvent::Failed { call: self.number }));
    }

    /// Nobody knows.
    pub fn in_doubt(self) {
        host::tell(Event::Call(CallEvent::InDoubt { call: self.number }));
    }

    /// The end of a write, by what the client says.
    pub fn wrote<T>(self, result: Result<T, Error>, answer: impl FnOnce(&T) -> Value) -> Result<T, Error> {
        match &result {
            Ok(value) => self.returned(&answer(value)),
            Err(error) => match refusal(error) {
                Some(refusal) => self.returned(&refusal),
                None if error.outcome() == Outcome::NotDone => self.failed(),
                None => self.in_doubt(),
            },
        }
        result
    }

    /// The end of a read, by what the client says: one without an answer is as if it had not been.
    pub fn read<T>(self, result: Result<T, Error>, answer: impl FnOnce(&T) -> Value) -> Result<T, Error> {
        match &result {
            Ok(value) => self.returned(&answer(value)),
            Err(error) => match refusal(error) {
                Some(refusal) => self.returned(&refusal),
                None => self.failed(),
            },
        }
        result
    }
}

/// A refusal that tells of the znode, in the words of the model.
fn refusal(error: &Error) -> Option<Value> {
    let name = match error.code()? {
        ErrorCode::NoNode => "NoNode",
        ErrorCode::NodeExists => "NodeExists",
        ErrorCode::BadVersion => "BadVersion",
        _ => return None,
    };
    Some(json!({ "error": name }))
}
