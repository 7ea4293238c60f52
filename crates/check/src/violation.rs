//! What a monitor says when a rule was broken.

use std::fmt;

use history::{NodeName, Time};
use serde::Serialize;

/// Which promise was broken: that nothing bad happens, or that something good does in the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Something happened that must not.
    Safety,
    /// Something did not happen in time that must.
    Liveness,
}

/// One broken rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Violation {
    /// The monitor that found it, such as `single-leader/belief`.
    pub monitor: &'static str,
    /// Safety or liveness.
    pub kind: Kind,
    /// True time at which the rule was broken: for a liveness rule, when the time was up.
    pub at: Time,
    /// The node it happened on, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node: Option<NodeName>,
    /// One sentence for people.
    pub message: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} at {}: {}", self.monitor, self.at, self.message)
    }
}
