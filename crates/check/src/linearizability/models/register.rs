//! A register: what was written last is read.

use serde_json::Value;

use super::part;
use crate::linearizability::{Model, Vocabulary};

/// A register for each key, which holds null at first.
///
/// | call | `value` when invoked | `value` when answered |
/// |---|---|---|
/// | `read` | | what was read |
/// | `write` | what is written | anything |
#[derive(Clone, Copy, Debug, Default)]
pub struct Register;

/// A call of a register, with or without compare-and-set.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RegisterInput {
    pub(super) key: String,
    pub(super) call: RegisterCall,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum RegisterCall {
    Read,
    Write(Value),
    CompareAndSet { old: Value, new: Value },
}

/// What a register answers.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum RegisterOutput {
    /// A read showed this.
    Holds(Value),
    /// A write is done, or a compare-and-set has found what it was to find.
    Done,
    /// A compare-and-set has found something else.
    Other,
}

impl Model for Register {
    type Input = RegisterInput;
    type Output = RegisterOutput;
    type State = Value;

    fn initial(&self) -> Value {
        Value::Null
    }

    fn step(&self, state: &Value, input: &RegisterInput, answer: Option<&RegisterOutput>) -> Option<Value> {
        let (next, own) = match &input.call {
            RegisterCall::Read => (state, RegisterOutput::Holds(state.clone())),
            RegisterCall::Write(value) => (value, RegisterOutput::Done),
            RegisterCall::CompareAndSet { old, new } if old == state => (new, RegisterOutput::Done),
            RegisterCall::CompareAndSet { .. } => (state, RegisterOutput::Other),
        };
        answer.is_none_or(|answer| *answer == own).then(|| next.clone())
    }

    fn partition(&self, input: &RegisterInput) -> String {
        input.key.clone()
    }

    fn observes(&self, input: &RegisterInput, answer: Option<&RegisterOutput>) -> bool {
        input.call == RegisterCall::Read || answer == Some(&RegisterOutput::Other)
    }

    fn overwrites(&self, input: &RegisterInput, _answer: Option<&RegisterOutput>) -> bool {
        matches!(input.call, RegisterCall::Write(_))
    }

    fn describe(&self, input: &RegisterInput) -> String {
        match &input.call {
            RegisterCall::Read => "read".to_owned(),
            RegisterCall::Write(value) => format!("write {value}"),
            RegisterCall::CompareAndSet { old, new } => format!("cas {old} to {new}"),
        }
    }

    fn describe_answer(&self, _input: &RegisterInput, answer: &RegisterOutput) -> String {
        match answer {
            RegisterOutput::Holds(value) => value.to_string(),
            RegisterOutput::Done => "done".to_owned(),
            RegisterOutput::Other => "not done".to_owned(),
        }
    }

    fn describe_state(&self, state: &Value) -> String {
        state.to_string()
    }
}

impl Vocabulary for Register {
    const NAME: &'static str = "register";
    const OPERATIONS: &'static [&'static str] = &["read", "write"];

    fn input(&self, operation: &str, key: &Value, value: &Value) -> Result<RegisterInput, String> {
        let call = match operation {
            "read" => RegisterCall::Read,
            "write" => RegisterCall::Write(value.clone()),
            other => unreachable!("`{other}` is none of the operations"),
        };
        Ok(RegisterInput { key: part(key), call })
    }

    fn output(&self, input: &RegisterInput, value: &Value) -> Result<RegisterOutput, String> {
        Ok(match input.call {
            RegisterCall::Read => RegisterOutput::Holds(value.clone()),
            _ => RegisterOutput::Done,
        })
    }
}
