//! Which kind of watch to look for or to take away.

/// Which kind of watch to look for or to take away (`Watcher.WatcherType`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WatcherType {
    /// Watches set by listing children.
    Children,
    /// Watches set by reading data or asking for existence.
    Data,
    /// Any of them.
    Any,
    /// Persistent watches.
    Persistent,
    /// Persistent recursive watches.
    PersistentRecursive,
}

impl WatcherType {
    /// The type with this number; `None` is for the server to refuse with `BadArguments`.
    #[must_use]
    pub const fn from_i32(watcher_type: i32) -> Option<Self> {
        Some(match watcher_type {
            1 => Self::Children,
            2 => Self::Data,
            3 => Self::Any,
            4 => Self::Persistent,
            5 => Self::PersistentRecursive,
            _ => return None,
        })
    }

    /// The number on the wire.
    #[must_use]
    pub const fn to_i32(self) -> i32 {
        match self {
            Self::Children => 1,
            Self::Data => 2,
            Self::Any => 3,
            Self::Persistent => 4,
            Self::PersistentRecursive => 5,
        }
    }
}
