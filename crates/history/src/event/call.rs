//! Of calls: what a process asks of the object under test, and what it is answered.
//!
//! Out of these a history is made that can be checked for linearizability, in the words of a model.

use serde::{Deserialize, Serialize};

/// What becomes of a call. Calls are numbered by their process, anew in each of its lives; one whose process ends ends in
/// doubt.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallEvent {
    /// It begins.
    Invoked {
        /// Its number.
        call: u64,
        /// What is asked for, in the words of a model.
        operation: String,
        /// The part of the object that is asked.
        key: String,
        /// The argument, as JSON.
        argument: String,
    },
    /// It was answered.
    Returned {
        /// Its number.
        call: u64,
        /// The result, as JSON.
        result: String,
    },
    /// It surely did not happen.
    Failed {
        /// Its number.
        call: u64,
    },
    /// Nobody knows whether it has happened, will happen, or never happens.
    InDoubt {
        /// Its number.
        call: u64,
    },
}
