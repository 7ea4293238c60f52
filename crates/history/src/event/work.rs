//! Of work: tasks that come in, are assigned by leaders, and are done by workers.

use serde::{Deserialize, Serialize};

use super::Term;
use crate::NodeName;

/// What happens to a task. Tasks are numbered.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkEvent {
    /// A task came in: from now on somebody counts on it. Told by whoever takes tasks in, and maybe told again by its next
    /// life.
    Submitted {
        /// Its number.
        task: u64,
    },
    /// This worker took a task on.
    Accepted {
        /// Its number.
        task: u64,
        /// The term under which it was assigned.
        term: Term,
        /// Who assigned it.
        by: NodeName,
    },
    /// This worker did not take a task on: it has accepted one under a newer term before.
    Refused {
        /// Its number.
        task: u64,
        /// The term under which it was assigned.
        term: Term,
        /// The highest term accepted before.
        highest: Term,
        /// Who assigned it.
        by: NodeName,
    },
    /// This worker has done a task.
    Done {
        /// Its number.
        task: u64,
        /// The term under which it had been assigned.
        term: Term,
    },
}

impl WorkEvent {
    pub(super) fn is_story(&self) -> bool {
        matches!(self, WorkEvent::Refused { .. })
    }
}
