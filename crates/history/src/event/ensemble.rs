//! Of the ensemble: how its servers agree on one order of transactions.
//!
//! Told by the server of the record's node, about itself. Servers are named by their ids, zxids are in the packed form
//! (`epoch << 32 | counter`).

use serde::{Deserialize, Serialize};

/// How a learner is brought to the leader's history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SyncKind {
    /// By what it lacks (DIFF).
    Diff,
    /// By taking away what it has too much (TRUNC).
    Truncate,
    /// By both (TRUNC and DIFF).
    TruncateDiff,
    /// By a whole state (SNAP).
    Snapshot,
}

/// What a server of an ensemble does, as far as the agreement is concerned.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EnsembleEvent {
    /// It began, or began again, from its disk. Told once in a life, before anything else of the ensemble.
    Recovered {
        /// Its id.
        server: u8,
        /// Whether it votes; observers do not.
        voter: bool,
        /// The highest epoch it has promised itself to, after repair.
        accepted_epoch: u32,
        /// The epoch whose initial history it has, after repair.
        current_epoch: u32,
        /// The last transaction in the state it starts from; what it logged beyond is delivered anew when committed.
        snapshot: i64,
        /// The last logged transaction.
        last: i64,
        /// Whether the epochs on the disk had to be repaired.
        repaired: bool,
    },
    /// It settled on a leader, maybe itself.
    Elected {
        /// Whom.
        leader: u8,
        /// In which round.
        round: u64,
    },
    /// As leader, with a quorum connected, it chose the epoch.
    EpochProposed {
        /// The epoch.
        epoch: u32,
        /// The highest epoch any of the connected servers had accepted.
        above: u32,
    },
    /// It promised itself to an epoch, durably.
    EpochAccepted {
        /// The epoch.
        epoch: u32,
    },
    /// As leader, with the promises of a quorum, it began to synchronise.
    Synchronising {
        /// Its epoch.
        epoch: u32,
    },
    /// It entered an epoch, durably: it has the initial history.
    EpochEntered {
        /// The epoch.
        epoch: u32,
    },
    /// As leader it decided how to bring a learner up.
    Synchronised {
        /// The learner.
        learner: u8,
        /// How.
        kind: SyncKind,
    },
    /// As leader, a quorum has its initial history: it is established.
    Established {
        /// Its epoch.
        epoch: u32,
        /// The end of the initial history.
        initial: i64,
    },
    /// As learner it may serve.
    UpToDate {
        /// Whom it learns from.
        leader: u8,
        /// The leader's epoch.
        epoch: u32,
    },
    /// As leader it broadcast a transaction.
    Broadcast {
        /// The transaction.
        zxid: i64,
        /// A checksum of its content.
        checksum: u32,
    },
    /// It delivered a transaction to the service: it is committed. Told before what the transaction does.
    Delivered {
        /// The transaction.
        zxid: i64,
        /// A checksum of its content.
        checksum: u32,
    },
    /// It took another server's state, which counts as delivering everything in it.
    Restored {
        /// The last transaction in it.
        zxid: i64,
    },
    /// It removed transactions from its log.
    Truncated {
        /// The last one kept.
        to: i64,
    },
    /// It gave up leading or learning.
    Resigned {
        /// Why, in ZooKeeper's spirit: `QuorumLost`, `LeaderSilent`, …
        reason: String,
    },
    /// The digest of everything it holds (tree, sessions) as of a transaction: equal on all servers.
    Digest {
        /// The last transaction applied.
        zxid: i64,
        /// The digest.
        digest: u64,
    },
}

impl EnsembleEvent {
    pub(super) fn is_story(&self) -> bool {
        !matches!(
            self,
            EnsembleEvent::Broadcast { .. } | EnsembleEvent::Delivered { .. } | EnsembleEvent::Digest { .. }
        )
    }
}
