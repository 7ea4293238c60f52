//! Of the clients of the service: what they see.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The kind of a watch, and of what it tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WatchKind {
    /// On a znode's data or existence, left by `exists` on a missing node.
    Exists,
    /// On a znode's data, left by `getData` or by `exists` on one that is there.
    Data,
    /// On a znode's children.
    Children,
    /// Persistent, on one znode.
    Persistent,
    /// Persistent, on a znode and all below it.
    Recursive,
}

/// What a client of the service sees.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientEvent {
    /// It is connected under this session.
    Connected {
        /// The session.
        session: i64,
        /// The negotiated timeout.
        timeout: Duration,
    },
    /// It has not heard from a server for too long, or lost its connection: what holds is unknown.
    Disconnected {
        /// The session.
        session: i64,
    },
    /// Its session is gone.
    SessionExpired {
        /// The session.
        session: i64,
        /// Whether the client found out by its own clock, before any server could tell.
        locally: bool,
    },
    /// It closed its session itself.
    Closed {
        /// The session.
        session: i64,
    },
    /// A call ended without an answer: the write may have happened.
    Unanswered {
        /// The session.
        session: i64,
        /// The operation.
        operation: String,
    },
    /// A reply came, showing the service as of this transaction.
    Replied {
        /// The session.
        session: i64,
        /// The last transaction its server had applied.
        zxid: i64,
    },
    /// A watch was left.
    Watched {
        /// The session.
        session: i64,
        /// The path watched.
        path: String,
        /// The kind of watch.
        kind: WatchKind,
        /// The service was seen as of this transaction when the watch was left.
        zxid: i64,
    },
    /// A watch fired.
    Notified {
        /// The session.
        session: i64,
        /// The path it is about.
        path: String,
        /// What happened, in ZooKeeper's words, such as `NodeDeleted`.
        what: String,
    },
    /// A read showed a znode's data as of this change.
    SawData {
        /// The session.
        session: i64,
        /// The path read.
        path: String,
        /// The transaction that last changed it; 0 if it is missing.
        zxid: i64,
    },
    /// A read showed a znode's children as of this change.
    SawChildren {
        /// The session.
        session: i64,
        /// The path read.
        path: String,
        /// The transaction that last changed the list of children.
        zxid: i64,
    },
}

impl ClientEvent {
    pub(super) fn is_story(&self) -> bool {
        matches!(
            self,
            ClientEvent::Connected { .. }
                | ClientEvent::Disconnected { .. }
                | ClientEvent::SessionExpired { .. }
                | ClientEvent::Closed { .. }
        )
    }
}
