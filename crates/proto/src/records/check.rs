//! check: a condition inside a multi.

use crate::wire::record;

/// Demands that a znode exists and has this version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckRequest {
    /// Which znode.
    pub path: String,
    /// The version expected; -1 for any.
    pub version: i32,
}

record!(CheckRequest { path, version });
