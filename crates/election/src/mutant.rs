//! Planted bugs: elections that are not quite right, after real ones. The testbed has to catch each of them.
//!
//! Ordinary builds know no mutant: without the feature `zoo` the question "is this one at work?" is the constant `false`.

/// A planted bug in an election, after a real one.
#[cfg(feature = "zoo")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mutant {
    /// A1, CURATOR-696: the znode of a former session, still listed, is taken for one's own.
    AdoptsWithoutOwner,
    /// A2, CURATOR-652, CURATOR-653: a latch acts on answers and watches that belong to an older znode of its own.
    ActsOnThePast,
    /// A5, CURATOR-724: a latch whose parent is gone does nothing.
    IgnoresMissingParent,
    /// A7, CURATOR-45, CURATOR-79, CURATOR-264: an unanswered create is made again without looking for what it may have
    /// left.
    CreatesBlindly,
    /// A7, the subtle half: it looks, but without `sync`, so maybe on a server that lags behind.
    LooksWithoutSync,
    /// A9, CURATOR-18: a latch that is closed while its znode is being created leaves it behind.
    LeaksOnClose,
    /// A10, CURATOR-110: a latch that is started before there is a connection never joins.
    TriesOnce,
    /// A12, CURATOR-51: a leader that swallows interrupts leads on, while its selector is queued anew.
    StopsSlowly,
    /// A13, ZOOKEEPER-2931: candidates are ordered by their full names instead of by their numbers.
    OrdersByFullName,
    /// A14, LeaderElectionSupport: what the session says of itself is ignored, its end included.
    IgnoresSession,
    /// A17: everybody watches the first candidate, and leads when it has gone.
    WatchesTheFirst,
    /// A19, kazoo #732: what an attempt without success leaves behind is deleted once, and errors are swallowed.
    CleansUpOnce,
    /// A20, kazoo #282, #116: who waits is not woken when the connection is lost.
    SleepsOn,
    /// A22, KAFKA-6082: what a leader writes to the service goes out without the check that it still leads.
    WritesUnchecked,
    /// A23, KAFKA-13407: an unanswered registration is followed by a new election, which finds oneself active and ends.
    ElectsAnewWhenUnanswered,
    /// A24, KAFKA-1387, KAFKA-4229, KAFKA-7165: a znode with one's own data is taken for one's own, whatever its session.
    TakesDataForOwner,
    /// A28: the leader asks itself whether it leads, works for a while, and then acts without asking again.
    ActsAfterCheck,
    /// A worker takes on what anybody assigns, whatever the term.
    ForgetsTerms,
    /// A leader puts a task on record as done when it assigns it.
    RecordsBeforeDone,
    /// A30: a lost connection is taken lightly; only the end of the session deposes.
    IgnoresDisconnected,
    /// A31, CURATOR-297: a leader that is connected again leads on without another look.
    KeepsTheFlag,
    /// A32, of Hadoop's breadcrumb: one becomes active before the old active is fenced, and does not look at versions.
    ActivatesBeforeFencing,
    /// A35, Helix #641 and #642, Solr: what was begun in a session goes on in the next one.
    CarriesOnInNextSession,
}

planted::questions! {
    adopts_without_owner => AdoptsWithoutOwner,
    acts_on_the_past => ActsOnThePast,
    ignores_missing_parent => IgnoresMissingParent,
    leaks_on_close => LeaksOnClose,
    tries_once => TriesOnce,
    stops_slowly => StopsSlowly,
    cleans_up_once => CleansUpOnce,
    sleeps_on => SleepsOn,
    keeps_the_flag => KeepsTheFlag,
    creates_blindly => CreatesBlindly,
    looks_without_sync => LooksWithoutSync,
    orders_by_full_name => OrdersByFullName,
    ignores_session => IgnoresSession,
    watches_the_first => WatchesTheFirst,
    writes_unchecked => WritesUnchecked,
    elects_anew_when_unanswered => ElectsAnewWhenUnanswered,
    acts_after_check => ActsAfterCheck,
    forgets_terms => ForgetsTerms,
    records_before_done => RecordsBeforeDone,
    ignores_disconnected => IgnoresDisconnected,
    takes_data_for_owner => TakesDataForOwner,
    activates_before_fencing => ActivatesBeforeFencing,
    carries_on_in_next_session => CarriesOnInNextSession,
}
