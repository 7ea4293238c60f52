//! What kind of znode a create makes.

/// What kind of znode a create makes (`CreateMode`): the flags of a create request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CreateMode {
    /// Stays until it is deleted.
    Persistent,
    /// Goes with its session.
    Ephemeral,
    /// Stays; a number is appended to its name.
    PersistentSequential,
    /// Goes with its session; a number is appended to its name.
    EphemeralSequential,
    /// Goes once its last child has gone.
    Container,
    /// Goes when it had no children and no writes for its time to live.
    PersistentWithTtl,
    /// The same, with a number appended to its name.
    PersistentSequentialWithTtl,
}

impl CreateMode {
    /// Every mode, in the order of its number.
    pub const ALL: [Self; 7] = [
        Self::Persistent,
        Self::Ephemeral,
        Self::PersistentSequential,
        Self::EphemeralSequential,
        Self::Container,
        Self::PersistentWithTtl,
        Self::PersistentSequentialWithTtl,
    ];

    /// The longest time to live, in milliseconds: 40 bits (`EphemeralType.TTL`).
    pub const TTL_MILLISECONDS_MAX: i64 = (1 << 40) - 1;

    /// The mode with this number; `None` is for the server to refuse with `BadArguments`.
    #[must_use]
    pub const fn from_i32(flags: i32) -> Option<Self> {
        Some(match flags {
            0 => Self::Persistent,
            1 => Self::Ephemeral,
            2 => Self::PersistentSequential,
            3 => Self::EphemeralSequential,
            4 => Self::Container,
            5 => Self::PersistentWithTtl,
            6 => Self::PersistentSequentialWithTtl,
            _ => return None,
        })
    }

    /// The number on the wire.
    #[must_use]
    pub const fn to_i32(self) -> i32 {
        match self {
            Self::Persistent => 0,
            Self::Ephemeral => 1,
            Self::PersistentSequential => 2,
            Self::EphemeralSequential => 3,
            Self::Container => 4,
            Self::PersistentWithTtl => 5,
            Self::PersistentSequentialWithTtl => 6,
        }
    }

    /// Whether the znode goes with its session.
    #[must_use]
    pub const fn is_ephemeral(self) -> bool {
        matches!(self, Self::Ephemeral | Self::EphemeralSequential)
    }

    /// Whether a number is appended to the name.
    #[must_use]
    pub const fn is_sequential(self) -> bool {
        matches!(self, Self::PersistentSequential | Self::EphemeralSequential | Self::PersistentSequentialWithTtl)
    }

    /// Whether the znode is a container.
    #[must_use]
    pub const fn is_container(self) -> bool {
        matches!(self, Self::Container)
    }

    /// Whether the mode needs a time to live, and with it the operation `createTTL`.
    #[must_use]
    pub const fn has_ttl(self) -> bool {
        matches!(self, Self::PersistentWithTtl | Self::PersistentSequentialWithTtl)
    }
}
