//! What goes into a step of the session, and what comes out.

use bytes::Bytes;
use history::ClientEvent;
use host::Instant;
use proto::{EventType, Request, Response, Secret, Zxid};

use super::WatcherId;
use crate::{Error, SessionState, WatchEnded};

/// A call, from its asking to its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallId(pub u64);

/// What the session is told.
#[derive(derive_more::Debug)]
pub enum Input {
    /// Time has passed.
    Tick,
    /// The connection asked for stands; nothing was sent on it yet.
    Opened,
    /// The connection ended, or could not be made.
    Ended,
    /// Bytes came.
    Received(#[debug("{} bytes", _0.len())] Bytes),
    /// Somebody asks for something.
    Call(Call),
    /// Somebody authenticates, now and at every later connection.
    Authenticate {
        /// The call to answer, if somebody waits.
        call: Option<CallId>,
        /// The scheme.
        scheme: String,
        /// The proof.
        credential: Secret,
    },
    /// Nobody waits for a watch any more.
    Forget(WatcherId),
    /// The session shall end.
    Close {
        /// The call to answer.
        call: CallId,
        /// When to stop waiting for the server's answer.
        deadline: Instant,
    },
    /// Nobody will ask for anything any more: what was asked is finished, then the connection ends. The session is not
    /// closed; it lives until the service loses patience.
    Leave,
}

/// Somebody asks for something.
#[derive(Debug)]
pub struct Call {
    /// To name it by.
    pub id: CallId,
    /// What is asked, with the server's own paths.
    pub request: Request,
    /// Who waits for the watch that it leaves.
    pub watcher: Option<WatcherId>,
    /// When its time is up.
    pub deadline: Option<Instant>,
}

/// An answer of the service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The service was seen as of this transaction.
    pub zxid: Zxid,
    /// The answer itself.
    pub response: Response,
}

/// What a watch saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WatchedEvent {
    /// What happened.
    pub event_type: EventType,
    /// Where.
    pub path: String,
    /// The transaction that did it; [`Zxid::NONE`] from servers before ZooKeeper 3.9.
    pub zxid: Zxid,
}

/// What the session wants done, in this order.
#[derive(Clone, derive_more::Debug, PartialEq, Eq)]
pub enum Effect {
    /// Make a connection to this server (`host:port`). Answer with `Opened` or `Ended`.
    Dial(String),
    /// Drop the connection, or the attempt at one, and forget what was not written yet. There will be no answer.
    HangUp,
    /// Write this to the connection.
    Send(#[debug("{} bytes", _0.len())] Bytes),
    /// The session stands otherwise now.
    State(SessionState),
    /// A call has ended.
    Complete {
        /// Which.
        call: CallId,
        /// How.
        result: Result<Answer, Error>,
    },
    /// A watch fired.
    Notify {
        /// Who waits for it.
        watchers: Vec<WatcherId>,
        /// What it saw, with the server's own path.
        event: WatchedEvent,
    },
    /// The connection is back after a loss: persistent watches may have missed something (ZOOKEEPER-4698).
    Missed(Vec<WatcherId>),
    /// These watches will not fire any more, for they were removed.
    Removed(Vec<WatcherId>),
    /// No watch will fire any more.
    EndWatches(WatchEnded),
    /// Tell the monitors.
    Tell(ClientEvent),
    /// Tell the monitors of a point of interest.
    Sometimes(&'static str),
}
