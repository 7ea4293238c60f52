//! exists: is there such a znode?

use crate::types::Stat;
use crate::wire::record;

/// Asks for the metadata of a znode. A missing one answers with `NoNode`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExistsRequest {
    /// Which znode.
    pub path: String,
    /// Whether to set a watch; it is set on a missing znode too.
    pub watch: bool,
}

record!(ExistsRequest { path, watch });

/// What answers exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExistsResponse {
    /// The metadata.
    pub stat: Stat,
}

record!(ExistsResponse { stat });
