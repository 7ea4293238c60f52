//! Of the coordination service: its own history, as it applies it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The history of the service, as the service itself applies it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServiceEvent {
    /// A server is ready to serve.
    Serving {
        /// The last transaction it has.
        zxid: i64,
    },
    /// A server that was serving no longer does: it shuts down, or it lost its quorum.
    NotServing {
        /// Why.
        why: String,
    },
    /// A session began.
    SessionOpened {
        /// The session.
        session: i64,
        /// Its negotiated timeout.
        timeout: Duration,
    },
    /// A packet of the session arrived: from here the server counts its timeout anew.
    SessionTouched {
        /// The session.
        session: i64,
    },
    /// A connection took over an existing session.
    SessionReattached {
        /// The session.
        session: i64,
        /// Its timeout, renegotiated.
        timeout: Duration,
    },
    /// Somebody orders the session to expire before its time: its `SessionExpired` follows.
    SessionDoomed {
        /// The session.
        session: i64,
    },
    /// The session's time was up: from here on its ephemerals are due to go.
    SessionExpired {
        /// The session.
        session: i64,
    },
    /// Its client closes the session: the server that counts its time counts no more. `SessionClosed` follows, unless that
    /// server loses its quorum first.
    SessionClosing {
        /// The session.
        session: i64,
    },
    /// The session's close was applied: its ephemerals are gone.
    SessionClosed {
        /// The session.
        session: i64,
        /// The transaction.
        zxid: i64,
    },
    /// A znode was created.
    Created {
        /// Its path.
        path: String,
        /// The transaction.
        zxid: i64,
        /// The session it lives and dies with, or 0.
        owner: i64,
        /// The number that the service put at the end of its name, if it asked for one.
        sequence: Option<i32>,
    },
    /// A znode was deleted.
    Deleted {
        /// Its path.
        path: String,
        /// The transaction.
        zxid: i64,
    },
    /// A znode's data was set.
    Changed {
        /// Its path.
        path: String,
        /// The transaction.
        zxid: i64,
    },
    /// The server recovered from its disk.
    Recovered {
        /// The last transaction it found.
        zxid: i64,
        /// What was left out, and why; empty if all was whole.
        remark: String,
    },
}

impl ServiceEvent {
    pub(super) fn is_story(&self) -> bool {
        !matches!(self, ServiceEvent::SessionTouched { .. } | ServiceEvent::Changed { .. })
    }
}
