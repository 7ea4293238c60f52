//! What servers say to each other.

use bytes::Bytes;

use crate::durable::Proposal;
use crate::zxid::{Epoch, ServerId, Zxid};

/// A message between two servers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// A vote.
    Election(Notification),
    /// From a learner to its leader. ZooKeeper opens a connection for each attempt to learn from a leader; here one
    /// connection carries all, and the number of the attempt keeps them apart.
    ToLeader {
        /// Given by the learner; greater for each of its attempts.
        attempt: u32,
        /// What is said.
        packet: Packet,
    },
    /// From a leader, or one taken for it, to a learner.
    ToLearner {
        /// The learner's attempt that is answered.
        attempt: u32,
        /// What is said.
        packet: Packet,
    },
}

/// Whom a server wants to lead, and the standing for which it wants it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vote {
    /// The candidate.
    pub leader: ServerId,
    /// The candidate's last logged transaction.
    pub zxid: Zxid,
    /// The candidate's current epoch.
    pub epoch: Epoch,
}

/// What a server is doing while it votes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Activity {
    /// Looks for a leader.
    Looking,
    /// Follows.
    Following,
    /// Leads, or prepares to.
    Leading,
    /// Observes.
    Observing,
}

/// A vote as it is sent (`FastLeaderElection.Notification`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Notification {
    /// For whom: absent when the sender has no vote (an observer, or a server that lost its disk).
    pub vote: Option<Vote>,
    /// The sender's round of election (`electionEpoch`).
    pub round: u64,
    /// What the sender is doing.
    pub activity: Activity,
}

/// A packet between a leader and a learner.
#[derive(Clone, derive_more::Debug, PartialEq, Eq)]
pub enum Packet {
    /// Learner: I want to learn from you (FOLLOWERINFO, OBSERVERINFO).
    LearnerInfo {
        /// The highest epoch promised.
        accepted_epoch: Epoch,
        /// Whether I count in quorums: not an observer, and my disk is not lost.
        voting: bool,
    },
    /// Leader: this is the epoch (LEADERINFO).
    LeaderInfo {
        /// The new epoch.
        epoch: Epoch,
    },
    /// Learner: I am yours, and this is what I have (ACKEPOCH).
    AckEpoch {
        /// My current epoch; absent (Java: -1) if I had accepted the new epoch before: not to be counted.
        current_epoch: Option<Epoch>,
        /// My last logged transaction.
        last: Zxid,
    },
    /// Leader: what follows continues your history (DIFF).
    Diff {
        /// The last transaction that follows.
        to: Zxid,
    },
    /// Leader: forget everything above this transaction; what follows continues from there (TRUNC).
    Truncate {
        /// The last transaction to be kept.
        to: Zxid,
    },
    /// Leader: forget your history; this is the state to continue from (SNAP).
    Snapshot {
        /// The last transaction in it.
        zxid: Zxid,
        /// The application's state.
        #[debug("{} bytes", state.len())]
        state: Bytes,
    },
    /// Leader: log this (PROPOSAL).
    Proposal(Proposal),
    /// Leader: everything up to this transaction is committed (COMMIT).
    Commit {
        /// The last committed one.
        zxid: Zxid,
    },
    /// Leader to an observer: this is committed (INFORM).
    Inform(Proposal),
    /// Leader: that was my initial history; acknowledge it (NEWLEADER).
    NewLeader {
        /// The epoch that begins.
        epoch: Epoch,
    },
    /// Learner: I have it all on disk, and have entered the epoch.
    AckNewLeader {
        /// My last logged transaction: acknowledges everything up to it.
        last: Zxid,
    },
    /// Leader: a quorum has it; you may serve (UPTODATE).
    UpToDate {
        /// The last committed transaction. (A gap of the paper: SPEC issues, COMMIT-LD has to carry it.)
        committed: Zxid,
    },
    /// Follower: everything up to this transaction is on my disk (ACK).
    Ack {
        /// The last one.
        zxid: Zxid,
    },
    /// Leader: are you there? Learner: I am.
    Ping,
    /// Not for us: between the applications.
    Application(#[debug("{} bytes", _0.len())] Bytes),
    /// Either: I have left this channel; or, to a caller: I do not lead. (ZooKeeper closes the connection.)
    Close,
}
