//! getData: data and metadata.

use bytes::Bytes;

use crate::types::Stat;
use crate::wire::record;

/// Reads a znode.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GetDataRequest {
    /// Which znode.
    pub path: String,
    /// Whether to set a watch.
    pub watch: bool,
}

record!(GetDataRequest { path, watch });

/// What answers getData, and reconfig.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GetDataResponse {
    /// The data; null is not empty.
    pub data: Option<Bytes>,
    /// The metadata.
    pub stat: Stat,
}

record!(GetDataResponse { data, stat });
