//! removeWatches: takes a watch away.

use crate::types::WatcherType;
use crate::wire::record;

/// Takes a watch away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoveWatchesRequest {
    /// Where.
    pub path: String,
    /// Which kind, as sent; see [`WatcherType`].
    pub watcher_type: i32,
}

record!(RemoveWatchesRequest { path, watcher_type });

impl RemoveWatchesRequest {
    /// Which kind; `None` if the number stands for nothing.
    #[must_use]
    pub fn kind(&self) -> Option<WatcherType> {
        WatcherType::from_i32(self.watcher_type)
    }
}
