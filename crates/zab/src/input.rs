//! What may happen to a peer.

use bytes::Bytes;

use crate::message::Message;
use crate::zxid::{ServerId, Zxid};

/// Something the shell tells the peer.
#[derive(Clone, derive_more::Debug, PartialEq, Eq)]
pub enum Input {
    /// A message arrived over the connection with `from`.
    Message {
        /// The sender.
        from: ServerId,
        /// What it says.
        message: Message,
    },
    /// There is a connection with this server now. Implies that any former one is lost.
    PeerConnected(ServerId),
    /// The connection with this server is gone, with all that was under way on it.
    PeerLost(ServerId),
    /// The moment of [`Effect::SetTimer`](crate::Effect::SetTimer) has come. Too early or too often does no harm.
    Timer,
    /// Every [`Persist`](crate::Persist) up to the `Sync` with this token would survive the loss of power.
    Persisted {
        /// The token of the `Sync`, or of a later one.
        token: u64,
    },
    /// Broadcast this. Answered in the same step with [`Effect::Proposed`](crate::Effect::Proposed) or
    /// [`Effect::Refused`](crate::Effect::Refused).
    Propose {
        /// The transaction.
        #[debug("{} bytes", payload.len())]
        payload: Bytes,
        /// The shell's name for the call.
        tag: u64,
    },
    /// Say this to the leader, or, as leader, to a learner: in order with proposals and commits. Dropped silently when
    /// there is no such channel, as bytes on a broken connection are.
    Application {
        /// The leader, or one of the learners.
        to: ServerId,
        /// What to say: opaque here.
        #[debug("{} bytes", payload.len())]
        payload: Bytes,
    },
    /// The answer to [`Effect::NeedSnapshot`](crate::Effect::NeedSnapshot).
    SnapshotReady {
        /// The last transaction delivered to the application when the state was taken.
        zxid: Zxid,
        /// The application's state: opaque here.
        #[debug("{} bytes", state.len())]
        state: Bytes,
    },
    /// The server stops in good order: it takes leave of the others. Whatever comes after is ignored.
    Shutdown,
}
