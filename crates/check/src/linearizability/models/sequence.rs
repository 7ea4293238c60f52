//! The numbers of sequential znodes.

use serde_json::Value;

use super::part;
use crate::linearizability::{Model, Vocabulary};

/// The numbers under one parent, for each key: whoever asks later gets a higher one.
///
/// | call | `value` when invoked | `value` when answered |
/// |---|---|---|
/// | `next` | | the number |
///
/// Numbers may be passed over: others create under the same parent, too, and some of them never hear of it. They are
/// compared as they are, from 0 to 2147483647.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sequence;

/// A call of a [`Sequence`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SequenceInput {
    key: String,
}

impl Model for Sequence {
    type Input = SequenceInput;
    type Output = i32;
    /// The last number that somebody heard of; before the first -1.
    type State = i32;

    fn initial(&self) -> i32 {
        -1
    }

    fn step(&self, state: &i32, _input: &SequenceInput, answer: Option<&i32>) -> Option<i32> {
        match answer {
            // Its number, if it got one, nobody heard of.
            None => Some(*state),
            Some(number) => (state < number).then_some(*number),
        }
    }

    fn partition(&self, input: &SequenceInput) -> String {
        input.key.clone()
    }

    fn observes(&self, _input: &SequenceInput, answer: Option<&i32>) -> bool {
        answer.is_none()
    }

    fn overwrites(&self, _input: &SequenceInput, _answer: Option<&i32>) -> bool {
        false
    }

    fn describe(&self, _input: &SequenceInput) -> String {
        "next".to_owned()
    }

    fn describe_answer(&self, _input: &SequenceInput, answer: &i32) -> String {
        answer.to_string()
    }

    fn describe_state(&self, state: &i32) -> String {
        if *state < 0 { "no number".to_owned() } else { format!("last {state}") }
    }
}

impl Vocabulary for Sequence {
    const NAME: &'static str = "sequence";
    const OPERATIONS: &'static [&'static str] = &["next"];

    fn input(&self, _operation: &str, key: &Value, _value: &Value) -> Result<SequenceInput, String> {
        Ok(SequenceInput { key: part(key) })
    }

    fn output(&self, _input: &SequenceInput, value: &Value) -> Result<i32, String> {
        let number = value.as_i64().and_then(|number| i32::try_from(number).ok());
        number.ok_or_else(|| format!("the answer is {value}: a number of 32 bits is needed"))
    }
}
