//! What a server tells unasked: a watch saw something.

use crate::types::{EventType, KeeperState};
use crate::wire::record;

/// A watch saw something. The xid of its header is
/// [`xid::NOTIFICATION`](crate::xid::NOTIFICATION).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WatcherEvent {
    /// What it saw.
    pub event_type: EventType,
    /// How the session stands.
    pub state: KeeperState,
    /// Where it happened; empty for an event of the session.
    pub path: String,
}

record!(WatcherEvent { event_type, state, path });
