//! The mutex of Apache Curator, on which others are built: `selector`, `multilock`.
//!
//! `<path>/_c_<uuid>-lock-NNNNNNNNNN`, ephemeral and sequential: the smallest number has the lock, each other candidate
//! watches the next lower one and looks again at whatever happens to it (`LockInternals`,
//! `StandardLockInternalsDriver`). Unlike the latch it does not ask whose session its znode belongs to.

mod core;
#[cfg(test)]
mod tests;

use crate::curator::ErrorPolicy;
use crate::mutant::Planted;

pub(crate) use core::Core;

/// In which way a mutex is used.
#[derive(Clone, Debug)]
pub(crate) struct Ways {
    /// The parent of the line.
    pub path: String,
    /// In which states of the connection the attempt, or the leadership, is broken off; `None` if only the end of the
    /// session does that.
    pub policy: Option<ErrorPolicy>,
    /// Whether leaders act on the service under the condition that their znode is there.
    pub guards: bool,
    /// Whether what an unanswered create left is looked for after a `sync`, and whatever else of one's own is found is
    /// deleted.
    pub is_careful: bool,
    /// The planted bug.
    pub planted: Planted,
}
