//! What a peer wants done.

use bytes::Bytes;

use crate::durable::Proposal;
use crate::message::Message;
use crate::moment::Moment;
use crate::trace::TraceEvent;
use crate::zxid::{Epoch, ServerId, Zxid};

/// Something the shell does for the peer.
#[derive(Clone, derive_more::Debug, PartialEq, Eq)]
pub enum Effect {
    /// Send this over the connection with `to`.
    Send {
        /// The receiver.
        to: ServerId,
        /// What to say.
        message: Message,
    },
    /// Put this on the disk, after everything before it.
    Persist(Persist),
    /// The transaction is committed: apply it. Strictly in the order of zxids, exactly once in a life.
    Deliver(Proposal),
    /// Replace the application's state by this one, which is committed and further than all that was delivered.
    Restore {
        /// The last transaction in the state.
        zxid: Zxid,
        /// The state, as some other server's application gave it.
        #[debug("{} bytes", state.len())]
        state: Bytes,
    },
    /// Take the application's state as it is now, with all that was delivered before this effect, and say
    /// [`Input::SnapshotReady`](crate::Input::SnapshotReady).
    NeedSnapshot,
    /// The peer's role is another.
    RoleChanged(Role),
    /// Say [`Input::Timer`](crate::Input::Timer) at this moment. Replaces the former deadline.
    SetTimer(Moment),
    /// The proposal has its place: it is broadcast, but not committed yet; it may be lost with this leader.
    Proposed {
        /// Of the `Propose`.
        tag: u64,
        /// Its place.
        zxid: Zxid,
    },
    /// The proposal was not broadcast, and never will be.
    Refused {
        /// Of the `Propose`.
        tag: u64,
        /// Why.
        refusal: Refusal,
    },
    /// Somebody's [`Input::Application`](crate::Input::Application) has arrived. What was sent before it on the same
    /// channel has been delivered before it.
    Application {
        /// The leader, or one of the learners.
        from: ServerId,
        /// What it says.
        #[debug("{} bytes", payload.len())]
        payload: Bytes,
    },
    /// To a leader: this learner is synchronised; there is a channel for application messages.
    LearnerJoined(ServerId),
    /// To a leader: the channel with this learner is gone.
    LearnerLeft(ServerId),
    /// For monitors.
    Tell(TraceEvent),
}

/// A write to the disk.
#[derive(Clone, derive_more::Debug, PartialEq, Eq)]
pub enum Persist {
    /// The highest epoch this server has promised itself to.
    AcceptedEpoch(Epoch),
    /// The epoch whose initial history this server has whole.
    CurrentEpoch(Epoch),
    /// One more transaction at the end of the log.
    Append(Proposal),
    /// Everything above this transaction leaves the log. Never goes below a snapshot.
    Truncate(Zxid),
    /// The whole history, snapshots and log, is replaced by this state and these transactions after it.
    ///
    /// *Atomic*: after a loss of power the old history is there, or the new one, never part of either. The old one may
    /// hold transactions this server has acknowledged which are in the tail only, not in the state: so it never has less
    /// than it said. (Write state and tail to one new file, sync, rename; at recovery ignore logs older than it.)
    InstallSnapshot {
        /// The last transaction in the state.
        zxid: Zxid,
        /// The application's state.
        #[debug("{} bytes", state.len())]
        state: Bytes,
        /// The log from there on.
        tail: Vec<Proposal>,
    },
    /// Make everything before this survive the loss of power, then say
    /// [`Input::Persisted`](crate::Input::Persisted). Tokens only grow; the shell may serve several with one fsync and
    /// answer with the last.
    Sync {
        /// To name it in the answer.
        token: u64,
    },
}

/// What a peer is at the moment. It may serve clients as `Following`, `Observing` or `Leading`, not otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It knows no leader.
    Looking,
    /// It knows whom to learn from, and is not synchronised yet.
    Joining {
        /// Whom.
        leader: ServerId,
    },
    /// A synchronised voter.
    Following {
        /// Whom.
        leader: ServerId,
        /// Of the leader.
        epoch: Epoch,
    },
    /// A synchronised observer.
    Observing {
        /// Whom.
        leader: ServerId,
        /// Of the leader.
        epoch: Epoch,
    },
    /// It was elected, and a quorum has not synchronised with it yet.
    Assembling,
    /// It leads a quorum: established.
    Leading {
        /// Of its reign.
        epoch: Epoch,
    },
}

/// Why a proposal is not broadcast.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// This server does not lead, or is not established yet.
    NotLeading,
    /// The epoch has no numbers left; the leader resigns (ZOOKEEPER-1277).
    EpochExhausted,
}

/// The effects of one or more steps, in the order in which they must be carried out.
#[derive(Debug, Default)]
pub struct Effects {
    list: Vec<Effect>,
}

impl Effects {
    /// Takes them out.
    pub fn drain(&mut self) -> impl Iterator<Item = Effect> + '_ {
        self.list.drain(..)
    }

    /// Looks at them.
    pub fn as_slice(&self) -> &[Effect] {
        &self.list
    }

    /// Nothing to do?
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub(crate) fn push(&mut self, effect: Effect) {
        self.list.push(effect);
    }

    pub(crate) fn send(&mut self, to: ServerId, message: Message) {
        self.push(Effect::Send { to, message });
    }

    pub(crate) fn tell(&mut self, event: TraceEvent) {
        self.push(Effect::Tell(event));
    }
}
