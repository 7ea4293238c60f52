//! checkWatches: asks whether a watch is set.

use crate::types::WatcherType;
use crate::wire::record;

/// Asks whether a watch is set; the answer is an error code or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckWatchesRequest {
    /// Where.
    pub path: String,
    /// Which kind, as sent; see [`WatcherType`].
    pub watcher_type: i32,
}

record!(CheckWatchesRequest { path, watcher_type });

impl CheckWatchesRequest {
    /// Which kind; `None` if the number stands for nothing.
    #[must_use]
    pub fn kind(&self) -> Option<WatcherType> {
        WatcherType::from_i32(self.watcher_type)
    }
}
