//! What a watch saw.

use super::open_enum::{open_enum, total_conversion};

open_enum! {
    /// What a watch saw (`Watcher.Event.EventType`).
    pub enum EventType {
        /// Nothing in the tree: the state of the session changed.
        None = -1, "None";
        /// The znode was created.
        NodeCreated = 1, "NodeCreated";
        /// The znode was deleted.
        NodeDeleted = 2, "NodeDeleted";
        /// The data of the znode was written.
        NodeDataChanged = 3, "NodeDataChanged";
        /// A child of the znode was created or deleted.
        NodeChildrenChanged = 4, "NodeChildrenChanged";
        /// A data watch was taken away.
        DataWatchRemoved = 5, "DataWatchRemoved";
        /// A child watch was taken away.
        ChildWatchRemoved = 6, "ChildWatchRemoved";
        /// A persistent watch was taken away.
        PersistentWatchRemoved = 7, "PersistentWatchRemoved";
    }
}

total_conversion!(EventType);
