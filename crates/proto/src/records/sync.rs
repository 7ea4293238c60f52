//! sync: catch up with the leader.

use crate::wire::record;

/// Lets the server catch up with the leader before the session's next reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncRequest {
    /// A path; it makes no difference which.
    pub path: String,
}

record!(SyncRequest { path });

/// What answers sync.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncResponse {
    /// The path of the request.
    pub path: String,
}

record!(SyncResponse { path });
