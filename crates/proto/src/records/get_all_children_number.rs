//! getAllChildrenNumber: how many descendants?

use crate::wire::record;

/// Asks how many znodes there are below one, at any depth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GetAllChildrenNumberRequest {
    /// Which znode.
    pub path: String,
}

record!(GetAllChildrenNumberRequest { path });

/// What answers getAllChildrenNumber.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GetAllChildrenNumberResponse {
    /// How many.
    pub total_number: i32,
}

record!(GetAllChildrenNumberResponse { total_number });
