//! Planted bugs: what a client that is not quite right does. The testbed has to catch each of them.
//!
//! Ordinary builds know no mutant: without the feature `zoo` the question "is this one at work?" is the constant `false`.
//! What other clients do on purpose is no bug but a [`Profile`](crate::Profile).

/// A planted bug, after a real one of a client.
#[cfg(feature = "zoo")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mutant {
    /// C5, zookeeper-client-rust #39: a new connection does not say what was seen on the ones before, so any server takes
    /// it, also one that lags behind.
    ForgetsLastZxid,
    /// C18, kazoo #151: watches are not restored on a new connection, and nobody who waits for one is woken up.
    RestoresNoWatches,
}

planted::questions! {
    forgets_last_zxid => ForgetsLastZxid,
    restores_no_watches => RestoresNoWatches,
}
