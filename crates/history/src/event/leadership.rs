//! Of leadership: who believes to lead, and what a resource makes of it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::NodeName;

/// The fencing token of a leadership: the creation zxid of the leader's znode, or an epoch. It never goes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Term(pub i64);

impl fmt::Display for Term {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:#x}", self.0)
    }
}

/// What a candidate believes about itself. Belief ends with the process.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeadershipEvent {
    /// It takes part in the election.
    Candidate {
        /// Its znode.
        path: String,
    },
    /// It waits for somebody else to go.
    Waiting {
        /// The znode it watches.
        on: String,
    },
    /// It believes from now on that it leads.
    Elected {
        /// The fencing token of this leadership.
        term: Term,
    },
    /// It no longer believes that it leads.
    Deposed {
        /// The token of the leadership that ended.
        term: Term,
        /// Why.
        reason: String,
    },
    /// It gave up and will not take part again by itself.
    Withdrawn {
        /// Why.
        reason: String,
    },
}

/// What a fenced resource does with the acts of leaders.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResourceEvent {
    /// An act took effect.
    Accepted {
        /// The token under which the act was done, as its leader holds it (also where the resource does not ask).
        term: Term,
        /// Who acted.
        by: NodeName,
        /// What was done.
        act: String,
    },
    /// Whatever comes under an older term is refused from now on.
    Fenced {
        /// The oldest term whose acts are accepted.
        term: Term,
        /// Who fenced.
        by: NodeName,
    },
    /// An act was refused.
    Refused {
        /// The token it came with.
        term: Term,
        /// The highest token seen before.
        highest: Term,
        /// Who tried.
        by: NodeName,
    },
}
