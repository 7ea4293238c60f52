//! What monitors are told: plain data, about this server.

use crate::zxid::{Epoch, ServerId, Zxid};

/// How a learner is brought to the leader's history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SyncKind {
    /// By what it lacks.
    Diff,
    /// By taking away what it has too much.
    Truncate,
    /// By both.
    TruncateDiff,
    /// By a whole state.
    Snapshot,
}

/// Why a server gave up leading, or following.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Resignation {
    /// No quorum within `init_limit`.
    NotEstablished,
    /// No quorum within `sync_limit`.
    QuorumLost,
    /// A follower knows more than the leader.
    FollowerMoreRecent,
    /// A voter has promised itself to a higher epoch than the leader's.
    EpochOutrun,
    /// The epoch has no numbers left.
    EpochExhausted,
    /// The leader was silent too long, or did not take the learner in.
    LeaderSilent,
    /// The leader closed the channel, or the connection broke.
    LeaderGone,
    /// The leader's epoch is lower than one promised.
    LeaderOutdated,
    /// The leader said something that cannot be: one of the two is broken.
    Inconsistent,
    /// The server stops.
    Shutdown,
}

/// Something a peer did, for monitors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TraceEvent {
    /// It began, or began again, from its disk.
    Recovered {
        /// Its accepted epoch, after repair.
        accepted_epoch: Epoch,
        /// Its current epoch, after repair.
        current_epoch: Epoch,
        /// Its last logged transaction.
        last: Zxid,
        /// Whether the epochs on the disk had to be repaired.
        repaired: bool,
    },
    /// It settled on a leader, maybe itself.
    Elected {
        /// Whom.
        leader: ServerId,
        /// In which round.
        round: u64,
    },
    /// As leader, with a quorum connected, it chose the epoch.
    EpochProposed {
        /// The epoch.
        epoch: Epoch,
        /// The highest epoch any of the connected servers had accepted.
        above: Epoch,
    },
    /// It promised itself to an epoch, durably.
    EpochAccepted {
        /// The epoch.
        epoch: Epoch,
    },
    /// As leader, with the promises of a quorum, it began to synchronise.
    Synchronising {
        /// Its epoch.
        epoch: Epoch,
    },
    /// It entered an epoch, durably: it has the initial history.
    EpochEntered {
        /// The epoch.
        epoch: Epoch,
    },
    /// As leader it decided how to bring a learner up.
    Synchronised {
        /// The learner.
        learner: ServerId,
        /// How.
        kind: SyncKind,
    },
    /// As leader, a quorum has its initial history.
    Established {
        /// Its epoch.
        epoch: Epoch,
        /// The end of the initial history.
        initial: Zxid,
    },
    /// As learner it may serve.
    UpToDate {
        /// Whom it learns from.
        leader: ServerId,
        /// The leader's epoch.
        epoch: Epoch,
    },
    /// As leader it broadcast a transaction.
    Broadcast {
        /// The transaction.
        zxid: Zxid,
    },
    /// It delivered a transaction to its application.
    Delivered {
        /// The transaction.
        zxid: Zxid,
    },
    /// It took another server's state, which counts as delivering everything in it.
    Restored {
        /// The last transaction in it.
        zxid: Zxid,
    },
    /// It removed transactions from its log.
    Truncated {
        /// The last one kept.
        to: Zxid,
    },
    /// It gave up leading or learning.
    Resigned {
        /// Why.
        reason: Resignation,
    },
}
