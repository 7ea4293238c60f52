//! Of the run itself: its phases, and what its schedule does.

use serde::{Deserialize, Serialize};

/// What the schedule does.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultEvent {
    /// A fault begins.
    Begins {
        /// Its place in the schedule, from 0.
        index: u32,
        /// Its family, such as `partition`.
        family: String,
        /// The fault in words.
        what: String,
    },
    /// A fault ends.
    Ends {
        /// Its place in the schedule, from 0.
        index: u32,
    },
}

/// The two phases of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Faults per schedule, monitors on.
    Safety,
    /// Every fault has ended: a leader must come within the bound.
    Liveness,
}
