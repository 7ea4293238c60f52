//! In what client libraries differ that elections stand on: since when a session is trusted, and whether its end can be
//! known while cut off.
//!
//! The usual profile is the careful one. The others are for runs that ask what an election would see through another
//! library: nobody needs them who wants his election to hold. What is *not* modelled of the others: the exact moment of
//! a ping (the Java client's comes up to a second sooner), and that kazoo restores no watches.

/// Since when the session is trusted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum TrustSince {
    /// The sending of the last request that was answered: sound whatever the network does to the answer.
    #[default]
    Sending,
    /// The receiving of whatever came last, as the Java client and kazoo have it. An answer that was long on its way
    /// lengthens the trust by that long, and the server knows nothing of it.
    Receiving,
}

/// How a client judges its session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Profile {
    /// Since when the session is trusted: 2/3 T from there on.
    pub trust_since: TrustSince,
    /// Whether a client that is cut off knows its session for gone once no server can have kept it. Otherwise it learns
    /// that from a server only, when there is one again.
    pub expires_locally: bool,
}

impl Profile {
    /// This client as it is meant.
    pub const CAREFUL: Profile = Profile { trust_since: TrustSince::Sending, expires_locally: true };

    /// The Java client since ZooKeeper 3.9.3.
    pub const JAVA: Profile = Profile { trust_since: TrustSince::Receiving, expires_locally: true };

    /// The Java client before ZOOKEEPER-4508, and kazoo: cut off, they never expire.
    pub const NEVER_EXPIRES: Profile = Profile { trust_since: TrustSince::Receiving, expires_locally: false };
}

impl Default for Profile {
    fn default() -> Profile {
        Profile::CAREFUL
    }
}
