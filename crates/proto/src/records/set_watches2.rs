//! setWatches2: watches restored after a reconnection, persistent ones included.

use crate::types::Zxid;
use crate::wire::record;

/// Restores watches after a reconnection, persistent ones included. Its xid is
/// [`xid::SET_WATCHES`](crate::xid::SET_WATCHES).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetWatches2Request {
    /// The latest transaction the client has seen: what changed since fires at once.
    pub relative_zxid: Zxid,
    /// Watches on data.
    pub data_watches: Vec<String>,
    /// Watches on znodes that were missing.
    pub exist_watches: Vec<String>,
    /// Watches on children.
    pub child_watches: Vec<String>,
    /// Persistent watches: only registered, what they missed is lost (ZOOKEEPER-4698).
    pub persistent_watches: Vec<String>,
    /// Persistent recursive watches: likewise.
    pub persistent_recursive_watches: Vec<String>,
}

record!(SetWatches2Request {
    relative_zxid,
    data_watches,
    exist_watches,
    child_watches,
    persistent_watches,
    persistent_recursive_watches,
});
