//! A map from keys to values, with append.

use serde_json::Value;

use super::part;
use crate::linearizability::{Model, Vocabulary};

/// A map from keys to values, empty at first.
///
/// | call | `value` when invoked | `value` when answered |
/// |---|---|---|
/// | `get` | | the value; null if there is none |
/// | `put` | the value | anything |
/// | `append` | a string, put behind the one that is there | anything |
/// | `delete` | | `true` or `false`: whether there was a value; anything else says nothing |
///
/// A missing value is the empty string to `append`, and what is no string cannot be appended to. To put null is to
/// delete.
#[derive(Clone, Copy, Debug, Default)]
pub struct KeyValue;

/// A call of a [`KeyValue`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct KeyValueInput {
    key: String,
    call: Call,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Call {
    Get,
    Put(Value),
    Append(String),
    Delete,
}

/// What a [`KeyValue`] answers.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum KeyValueOutput {
    /// There is this value; null if there is none.
    Holds(Value),
    /// It is done.
    Done,
    /// It is deleted, and there was a value, or there was none.
    Deleted(bool),
}

impl Model for KeyValue {
    type Input = KeyValueInput;
    type Output = KeyValueOutput;
    type State = Value;

    fn initial(&self) -> Value {
        Value::Null
    }

    fn step(&self, state: &Value, input: &KeyValueInput, answer: Option<&KeyValueOutput>) -> Option<Value> {
        match (&input.call, answer) {
            (Call::Get, Some(KeyValueOutput::Holds(value))) => (value == state).then(|| value.clone()),
            (Call::Get, _) => Some(state.clone()),
            (Call::Put(value), _) => Some(value.clone()),
            (Call::Append(tail), answer) => match state {
                Value::Null => Some(Value::String(tail.clone())),
                Value::String(head) => Some(Value::String([head.as_str(), tail].concat())),
                // Whoever saw no answer may have been refused.
                other => answer.is_none().then(|| other.clone()),
            },
            (Call::Delete, Some(KeyValueOutput::Deleted(was_there))) => {
                (*was_there != state.is_null()).then_some(Value::Null)
            }
            (Call::Delete, _) => Some(Value::Null),
        }
    }

    fn partition(&self, input: &KeyValueInput) -> String {
        input.key.clone()
    }

    fn observes(&self, input: &KeyValueInput, answer: Option<&KeyValueOutput>) -> bool {
        input.call == Call::Get || answer == Some(&KeyValueOutput::Deleted(false))
    }

    fn overwrites(&self, input: &KeyValueInput, answer: Option<&KeyValueOutput>) -> bool {
        matches!(input.call, Call::Put(_) | Call::Delete) && !matches!(answer, Some(KeyValueOutput::Deleted(_)))
    }

    fn describe(&self, input: &KeyValueInput) -> String {
        match &input.call {
            Call::Get => "get".to_owned(),
            Call::Put(value) => format!("put {value}"),
            Call::Append(tail) => format!("append {tail:?}"),
            Call::Delete => "delete".to_owned(),
        }
    }

    fn describe_answer(&self, _input: &KeyValueInput, answer: &KeyValueOutput) -> String {
        match answer {
            KeyValueOutput::Holds(value) => value.to_string(),
            KeyValueOutput::Done => "done".to_owned(),
            KeyValueOutput::Deleted(true) => "deleted".to_owned(),
            KeyValueOutput::Deleted(false) => "was not there".to_owned(),
        }
    }

    fn describe_state(&self, state: &Value) -> String {
        state.to_string()
    }
}

impl Vocabulary for KeyValue {
    const NAME: &'static str = "kv";
    const OPERATIONS: &'static [&'static str] = &["get", "put", "append", "delete"];

    fn input(&self, operation: &str, key: &Value, value: &Value) -> Result<KeyValueInput, String> {
        let call = match (operation, value) {
            ("get", _) => Call::Get,
            ("put", value) => Call::Put(value.clone()),
            ("append", Value::String(tail)) => Call::Append(tail.clone()),
            ("append", other) => return Err(format!("`value` is {other}: a string is needed")),
            ("delete", _) => Call::Delete,
            (other, _) => unreachable!("`{other}` is none of the operations"),
        };
        Ok(KeyValueInput { key: part(key), call })
    }

    fn output(&self, input: &KeyValueInput, value: &Value) -> Result<KeyValueOutput, String> {
        Ok(match (&input.call, value) {
            (Call::Get, value) => KeyValueOutput::Holds(value.clone()),
            (Call::Delete, Value::Bool(was_there)) => KeyValueOutput::Deleted(*was_there),
            _ => KeyValueOutput::Done,
        })
    }
}
