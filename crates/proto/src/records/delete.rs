//! delete: one znode less.

use crate::wire::record;

/// Deletes a znode.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeleteRequest {
    /// Which znode.
    pub path: String,
    /// The version expected; -1 for any.
    pub version: i32,
}

record!(DeleteRequest { path, version });
