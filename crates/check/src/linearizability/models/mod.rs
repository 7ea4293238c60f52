//! The objects whose histories can be checked, one a file.

mod cas;
mod key_value;
mod register;
mod sequence;
mod znode;

use std::fmt;

pub use cas::CasRegister;
pub use key_value::KeyValue;
pub use register::Register;
pub use sequence::Sequence;
use serde_json::Value;
pub use znode::Znode;

use super::Vocabulary;

/// The models, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ModelName {
    /// [`Register`]
    Register,
    /// [`CasRegister`]
    Cas,
    /// [`KeyValue`]
    KeyValue,
    /// [`Znode`]
    Znode,
    /// [`Sequence`]
    Sequence,
}

impl ModelName {
    /// All of them.
    pub const ALL: [ModelName; 5] =
        [ModelName::Register, ModelName::Cas, ModelName::KeyValue, ModelName::Znode, ModelName::Sequence];

    /// The name.
    pub fn name(self) -> &'static str {
        match self {
            ModelName::Register => Register::NAME,
            ModelName::Cas => CasRegister::NAME,
            ModelName::KeyValue => KeyValue::NAME,
            ModelName::Znode => Znode::NAME,
            ModelName::Sequence => Sequence::NAME,
        }
    }
}

impl fmt::Display for ModelName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// The part of an object, as its calls name it: nothing where there is one part only.
fn part(key: &Value) -> String {
    match key {
        Value::Null => String::new(),
        key => key.to_string(),
    }
}
