//! A register with compare-and-set.

use serde_json::Value;

use super::part;
use super::register::{Register, RegisterCall, RegisterInput, RegisterOutput};
use crate::linearizability::{Model, Vocabulary};

/// A register for each key, which holds null at first, and can be set on condition of what it holds.
///
/// | call | `value` when invoked | `value` when answered |
/// |---|---|---|
/// | `read` | | what was read |
/// | `write` | what is written | anything |
/// | `cas` | `[old, new]` | `false`: it held something else; anything else: it was set |
#[derive(Clone, Copy, Debug, Default)]
pub struct CasRegister;

impl Model for CasRegister {
    type Input = RegisterInput;
    type Output = RegisterOutput;
    type State = Value;

    fn initial(&self) -> Value {
        Register.initial()
    }

    fn step(&self, state: &Value, input: &RegisterInput, answer: Option<&RegisterOutput>) -> Option<Value> {
        Register.step(state, input, answer)
    }

    fn partition(&self, input: &RegisterInput) -> String {
        Register.partition(input)
    }

    fn observes(&self, input: &RegisterInput, answer: Option<&RegisterOutput>) -> bool {
        Register.observes(input, answer)
    }

    fn overwrites(&self, input: &RegisterInput, answer: Option<&RegisterOutput>) -> bool {
        Register.overwrites(input, answer)
    }

    fn describe(&self, input: &RegisterInput) -> String {
        Register.describe(input)
    }

    fn describe_answer(&self, input: &RegisterInput, answer: &RegisterOutput) -> String {
        Register.describe_answer(input, answer)
    }

    fn describe_state(&self, state: &Value) -> String {
        Register.describe_state(state)
    }
}

impl Vocabulary for CasRegister {
    const NAME: &'static str = "cas";
    const OPERATIONS: &'static [&'static str] = &["read", "write", "cas"];

    fn input(&self, operation: &str, key: &Value, value: &Value) -> Result<RegisterInput, String> {
        if operation != "cas" {
            return Register.input(operation, key, value);
        }
        match value.as_array().map(Vec::as_slice) {
            Some([old, new]) => {
                let call = RegisterCall::CompareAndSet { old: old.clone(), new: new.clone() };
                Ok(RegisterInput { key: part(key), call })
            }
            _ => Err(format!("`value` is {value}: [old, new] is needed")),
        }
    }

    fn output(&self, input: &RegisterInput, value: &Value) -> Result<RegisterOutput, String> {
        match (&input.call, value) {
            (RegisterCall::CompareAndSet { .. }, Value::Bool(false)) => Ok(RegisterOutput::Other),
            (RegisterCall::CompareAndSet { .. }, _) => Ok(RegisterOutput::Done),
            _ => Register.output(input, value),
        }
    }
}
