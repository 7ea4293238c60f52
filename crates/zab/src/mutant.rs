//! Planted bugs: atomic broadcasts that are not quite right, after real ones. The testbed has to catch each of them.
//!
//! Ordinary builds know no mutant: without the feature `zoo` the question "is this one at work?" is the constant `false`.

/// A planted bug, after a real one of ZooKeeper's history.
#[cfg(feature = "zoo")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mutant {
    /// B1, ZOOKEEPER-1343: the new epoch is raised only above accepted epochs higher than it, not above equal ones.
    ReusesEpoch,
    /// B3, ZOOKEEPER-2355: a learner counts a DIFF as its own history from the header on.
    ClaimsDiffEarly,
    /// B4, ZOOKEEPER-4643: the current epoch is written before the history it stands for.
    EntersEpochFirst,
    /// B5, ZOOKEEPER-4646: NEWLEADER is acknowledged without waiting for the disk.
    AcksNewLeaderUnsynced,
    /// B9, ZOOKEEPER-3023: NEWLEADER is acknowledged first, the synchronised transactions are logged afterwards.
    LogsAfterAck,
    /// B10, ZOOKEEPER-4785: history and current epoch go to the disk together, with one barrier after both.
    EntersEpochUnsynced,
    /// B11, ZOOKEEPER-2845: in a later election of the same life a server stands with what it delivered, and forgets the
    /// logged tail.
    ForgetsLoggedTail,
    /// B12, ZOOKEEPER-3104: NEWLEADER overtakes what it is to seal.
    NewLeaderFirst,
    /// B16, ZOOKEEPER-1154: TRUNC leaves one transaction too many.
    TruncatesTooLittle,
    /// B16, ZOOKEEPER-1156: TRUNC takes one transaction too many, and sends it not again.
    TruncatesTooMuch,
    /// B16, ZOOKEEPER-962: a learner joins the broadcast only with its acknowledgement; what is proposed meanwhile passes
    /// it by, and nobody looks for the gap.
    JoinsLate,
    /// B17, ZOOKEEPER-1192: the leader does not wait for a quorum of epoch acknowledgements.
    SkipsEpochAcks,
    /// B19, ZOOKEEPER-1653: a server that finds its epochs behind its log refuses to start.
    RefusesRepair,
    /// B24, ZOOKEEPER-261: a voter that lost its disk votes as if it were new.
    VotesAfterLoss,
    /// B27: half of the servers are a quorum.
    HalfIsQuorum,
    /// B27: the leader counts itself before its log is on disk.
    LeaderAcksUnsynced,
    /// B28: a follower acknowledges a proposal before it is on disk.
    AcksUnsynced,
    /// A learner that comes back in the same epoch is told to forget what is not committed yet, though it may have
    /// acknowledged it (as `LearnerHandler.syncFollower` does: it knows the
    /// committed log only), and the acknowledgement goes on counting (as in `Leader.processAck`).
    TruncatesOutstanding,
}

planted::questions! {
    reuses_epoch => ReusesEpoch,
    claims_diff_early => ClaimsDiffEarly,
    enters_epoch_first => EntersEpochFirst,
    acks_new_leader_unsynced => AcksNewLeaderUnsynced,
    logs_after_ack => LogsAfterAck,
    enters_epoch_unsynced => EntersEpochUnsynced,
    forgets_logged_tail => ForgetsLoggedTail,
    new_leader_first => NewLeaderFirst,
    truncates_too_little => TruncatesTooLittle,
    truncates_too_much => TruncatesTooMuch,
    joins_late => JoinsLate,
    skips_epoch_acks => SkipsEpochAcks,
    refuses_repair => RefusesRepair,
    votes_after_loss => VotesAfterLoss,
    half_is_quorum => HalfIsQuorum,
    leader_acks_unsynced => LeaderAcksUnsynced,
    acks_unsynced => AcksUnsynced,
    truncates_outstanding => TruncatesOutstanding,
}
