//! How a session stands, as told to watchers.

use super::open_enum::{open_enum, total_conversion};

open_enum! {
    /// How a session stands, as told to watchers (`Watcher.Event.KeeperState`).
    pub enum KeeperState {
        /// No connection. Whether the session lives is unknown.
        Disconnected = 0, "Disconnected";
        /// Connected.
        SyncConnected = 3, "SyncConnected";
        /// The authentication failed.
        AuthFailed = 4, "AuthFailed";
        /// Connected to a server that is cut off from its quorum.
        ConnectedReadOnly = 5, "ConnectedReadOnly";
        /// Authenticated through SASL.
        SaslAuthenticated = 6, "SaslAuthenticated";
        /// Closed by the client.
        Closed = 7, "Closed";
        /// The session is gone.
        Expired = -112, "Expired";
    }
}

total_conversion!(KeeperState);
