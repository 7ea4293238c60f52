//! setWatches: watches restored after a reconnection.

use crate::types::Zxid;
use crate::wire::record;

/// Restores watches after a reconnection. Its xid is
/// [`xid::SET_WATCHES`](crate::xid::SET_WATCHES).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetWatchesRequest {
    /// The latest transaction the client has seen: what changed since fires at once.
    pub relative_zxid: Zxid,
    /// Watches on data.
    pub data_watches: Vec<String>,
    /// Watches on znodes that were missing.
    pub exist_watches: Vec<String>,
    /// Watches on children.
    pub child_watches: Vec<String>,
}

record!(SetWatchesRequest { relative_zxid, data_watches, exist_watches, child_watches });
