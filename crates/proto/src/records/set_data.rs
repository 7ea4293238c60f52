//! setData: new data.

use bytes::Bytes;

use crate::types::Stat;
use crate::wire::record;

/// Writes the data of a znode.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetDataRequest {
    /// Which znode.
    pub path: String,
    /// The data; null is not empty.
    pub data: Option<Bytes>,
    /// The version expected; -1 for any.
    pub version: i32,
}

record!(SetDataRequest { path, data, version });

/// What answers setData.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetDataResponse {
    /// The metadata.
    pub stat: Stat,
}

record!(SetDataResponse { stat });
