//! What a znode lives and dies with, packed into the 64 bits of `ephemeralOwner` (`EphemeralType.java`).

use proto::{CreateMode, SessionId};

/// What a znode lives and dies with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Owner {
    /// Nothing: it stays until it is deleted.
    #[default]
    Nobody,
    /// A session.
    Session(SessionId),
    /// Its children: it goes once the last one has gone.
    Children,
    /// Time: it goes when it was without children and unchanged for this many milliseconds.
    Time(i64),
}

const CONTAINER: i64 = i64::MIN;
/// The top byte that marks extended kinds; the next two bytes tell which one, and 0 is TTL.
const TTL_MASK: i64 = 0xff00_0000_0000_0000_u64.cast_signed();
const EXTENDED_BITS: i64 = 0x00ff_ff00_0000_0000;

impl Owner {
    /// The 64 bits that ZooKeeper keeps for it.
    #[must_use]
    pub fn to_bits(self) -> i64 {
        match self {
            Owner::Nobody => 0,
            Owner::Session(session) => session.0,
            Owner::Children => CONTAINER,
            Owner::Time(milliseconds) => TTL_MASK | milliseconds,
        }
    }

    /// What the 64 bits stand for.
    #[must_use]
    pub fn from_bits(bits: i64) -> Owner {
        if bits == 0 {
            Owner::Nobody
        } else if bits == CONTAINER {
            Owner::Children
        } else if bits & TTL_MASK == TTL_MASK && bits & EXTENDED_BITS == 0 {
            Owner::Time(bits & CreateMode::TTL_MILLISECONDS_MAX)
        } else {
            Owner::Session(SessionId(bits))
        }
    }

    /// The session, if it is one.
    #[must_use]
    pub fn session(self) -> Option<SessionId> {
        match self {
            Owner::Session(session) => Some(session),
            _ => None,
        }
    }

    /// What clients see in [`proto::Stat::ephemeral_owner`]: the session or 0, for containers and TTL znodes too.
    #[must_use]
    pub fn visible(self) -> SessionId {
        self.session().unwrap_or(SessionId::NONE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn survives_the_way_through_its_bits() {
        for owner in [
            Owner::Nobody,
            Owner::Children,
            Owner::Session(SessionId(0x0100_0012_3456_0001)),
            Owner::Time(1),
            Owner::Time(CreateMode::TTL_MILLISECONDS_MAX),
        ] {
            assert_eq!(Owner::from_bits(owner.to_bits()), owner);
        }
    }

    #[test]
    fn clients_see_sessions_only() {
        assert_eq!(Owner::Children.visible(), SessionId::NONE);
        assert_eq!(Owner::Time(5).visible(), SessionId::NONE);
        assert_eq!(Owner::Session(SessionId(7)).visible(), SessionId(7));
    }
}
