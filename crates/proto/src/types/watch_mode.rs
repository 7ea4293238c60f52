//! What a persistent watch covers.

/// What a persistent watch covers (`AddWatchMode`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WatchMode {
    /// The znode: its data and its children.
    Persistent,
    /// The znode and everything below it. Tells of no changed children: they tell it themselves.
    PersistentRecursive,
}

impl WatchMode {
    /// The mode with this number; `None` is for the server to refuse with `BadArguments`.
    #[must_use]
    pub const fn from_i32(mode: i32) -> Option<Self> {
        match mode {
            0 => Some(Self::Persistent),
            1 => Some(Self::PersistentRecursive),
            _ => None,
        }
    }

    /// The number on the wire.
    #[must_use]
    pub const fn to_i32(self) -> i32 {
        match self {
            Self::Persistent => 0,
            Self::PersistentRecursive => 1,
        }
    }
}
