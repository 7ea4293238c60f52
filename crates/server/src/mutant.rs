//! Planted bugs: what a server that is not quite right does. The testbed has to catch each of them.
//!
//! Ordinary builds know no mutant: without the feature `zoo` the question "is this one at work?" is the constant `false`.

/// A planted bug, after a real one of ZooKeeper's history.
#[cfg(feature = "zoo")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mutant {
    /// C1, ZOOKEEPER-1208: a session is not marked as closing when its close is prepared, so an ephemeral created
    /// between the preparation and the commit of the close lives for ever. Needs storage: in memory there is no between.
    CloseUnmarked,
    /// One of the broadcast's own: the B rows.
    Broadcast(zab::Mutant),
    /// C14: expiry rounds down to the tick, not up, so a session may expire a tick early.
    ExpiryRoundsDown,
    /// C17: the deletes of a closed session fire no watch.
    CloseFiresNoWatch,
    /// C15: a new leader gives the sessions it finds no time, where they should have their full timeout anew.
    ForgetsTimers,
    /// C6, ZOOKEEPER-710, ZOOKEEPER-907: a session that comes to another server still counts as being at the first, and
    /// the connection on which it is told so stays open: what it asks for is refused for ever.
    KeepsFirstServer,
    /// C10, ZOOKEEPER-4471: with a persistent watch all watches of its client on the path are removed.
    RemovesWatchesByPath,
    /// C11, ZOOKEEPER-1049: signs of life wait in one queue with writes, behind those that are not committed yet.
    QueuesTouches,
    /// C19: a follower never relays the signs of life of its clients, so their sessions expire while they are connected.
    NeverRelaysTouches,
}

planted::questions! {
    close_unmarked => CloseUnmarked,
    expiry_rounds_down => ExpiryRoundsDown,
    close_fires_no_watch => CloseFiresNoWatch,
    forgets_timers => ForgetsTimers,
    never_relays_touches => NeverRelaysTouches,
    keeps_first_server => KeepsFirstServer,
    removes_watches_by_path => RemovesWatchesByPath,
    queues_touches => QueuesTouches,
}
