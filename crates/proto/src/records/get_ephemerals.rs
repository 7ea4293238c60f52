//! getEphemerals: what goes with this session?

use crate::wire::record;

/// Lists the ephemeral znodes of the session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GetEphemeralsRequest {
    /// What their paths must start with.
    pub prefix_path: String,
}

record!(GetEphemeralsRequest { prefix_path });

/// What answers getEphemerals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GetEphemeralsResponse {
    /// Their paths.
    pub ephemerals: Vec<String>,
}

record!(GetEphemeralsResponse { ephemerals });
