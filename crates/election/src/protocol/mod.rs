//! What all strategies are written in: a pure core that is told what happened and says what to do.
//!
//! A [`Protocol`] is told of its session, of answers, of watches that fired, and of its user's wish to resign; it gives
//! [`Effect`]s. The shell (`shell`) carries requests to the client and the answers back. Several requests may be under
//! way, as with the libraries that these strategies come from: each has a [`Ticket`], and an answer whose ticket the
//! core no longer knows is an answer to a question of the past.
//!
//! What this refuses: to hide sessions. A core lives as long as the participation, through as many sessions as it asks
//! for, because what a library carries over from one session to the next is where its bugs live.

#[cfg(test)]
pub(crate) mod bench;
mod desk;
pub(crate) mod line;
mod shell;
#[cfg(test)]
pub(crate) mod testing;

use std::time::Duration;

use bytes::Bytes;
use client::{CreateMode, ErrorCode, EventType, SessionId, Stat};
use history::{LeadershipEvent, Term};
use host::{Instant, WallTime};

pub(crate) use desk::Desk;
pub use shell::{Fencer, Manners, take_part};

/// How long to wait before something is asked again that was not answered, or was refused for the time being.
pub const RETRY_PAUSE: Duration = Duration::from_millis(100);

/// The pure core of a strategy.
pub trait Protocol: Send + 'static {
    /// Goes one step: takes in what happened, and gives what is to be done, in order.
    fn step(&mut self, moment: Moment, input: Input) -> Vec<Effect>;

    /// When the next [`Input::Tick`] is due, if nothing happens before.
    fn deadline(&self) -> Option<Instant> {
        None
    }
}

/// When a step is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The node's monotonic clock.
    pub now: Instant,
    /// Its wall clock.
    pub wall: WallTime,
    /// The session's timeout: the one granted, or before that the one asked for.
    pub session_timeout: Duration,
}

/// A request under way, or the watch that it left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// The deadline has come.
    Tick,
    /// Connected, for the first time or again, under this session.
    Connected {
        /// The session.
        session: SessionId,
    },
    /// The connection is lost, or given up. Whether the session lives is unknown.
    Disconnected,
    /// The session is gone. Requests under way in it have been answered or will be, as lost; nothing else comes until the
    /// core asks for a new session.
    SessionOver,
    /// A request was answered, or will not be.
    Answered(Ticket, Answer),
    /// The watch that a request left has fired.
    Fired(Ticket, EventType),
    /// The user resigns. It ends with [`Effect::Over`].
    Resign,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Ask the service, after a pause.
    Ask {
        /// The ticket of the answer.
        ticket: Ticket,
        /// What to ask.
        request: Request,
        /// How long to wait before.
        after: Duration,
    },
    /// Wait for this answer, or this watch, no longer. What was sent may still happen.
    Forget(Ticket),
    /// It leads from now on.
    Elect {
        /// The fencing token.
        term: Term,
        /// For how long it believes so.
        grip: Grip,
        /// What the service can check before it does what this leader asks for.
        guard: Option<Condition>,
    },
    /// Tell what it believes: anything but an election.
    Tell(LeadershipEvent),
    /// A point of interest was reached.
    Sometimes(&'static str),
    /// Leave the session to itself, if it is not over, and open another one. What is under way is forgotten.
    NewSession,
    /// Nothing more will be done. The session is closed.
    Over,
}

/// For how long a leader believes that it leads, apart from being told otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grip {
    /// As long as its session is surely alive by its own clock ([`client::Client::is_trusted`]).
    WhileTrusted,
    /// Until it is told.
    UntilTold,
}

/// What must hold of a znode for an act to take effect: checked by the service itself, in the same transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// The znode.
    pub path: String,
    /// Its version; `None` if it is enough that it exists.
    pub version: Option<i32>,
}

/// What can be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// Create a znode and those above it, as far as they are missing, all of this kind.
    CreateAll {
        /// Its path.
        path: String,
        /// Their kind.
        mode: CreateMode,
    },
    /// Create a znode.
    Create {
        /// Its path, or the beginning of it.
        path: String,
        /// Its data.
        data: Bytes,
        /// Its kind.
        mode: CreateMode,
    },
    /// Let the server catch up.
    Sync(String),
    /// The names of the children.
    List(String),
    /// A znode's metadata; a watch on it, there or not.
    ExistsAndWatch(String),
    /// A znode's data.
    Read(String),
    /// A znode's data; a watch on it, if it is there.
    ReadAndWatch(String),
    /// Set a znode's data.
    Write {
        /// The znode.
        path: String,
        /// Its data.
        data: Bytes,
        /// The version it must have.
        version: Option<i32>,
    },
    /// Delete a znode. That it is gone is as good.
    Delete {
        /// The znode.
        path: String,
        /// The version it must have.
        version: Option<i32>,
    },
    /// Create a znode and set the data of another, both or neither.
    CreateAndWrite {
        /// The znode to create.
        path: String,
        /// Its data.
        data: Bytes,
        /// Its kind.
        mode: CreateMode,
        /// The znode to write.
        also: String,
        /// Its data.
        also_data: Bytes,
        /// The version it must have.
        also_version: i32,
    },
    /// Fence off every leader of an older term, outside the service.
    Fence(Term),
}

/// What was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It was done.
    Done,
    /// It was created.
    Created {
        /// The whole path.
        path: String,
        /// The transaction.
        czxid: i64,
    },
    /// The names of the children.
    Children(Vec<String>),
    /// The metadata; `None` if there is no such znode.
    Stands(Option<Stat>),
    /// The data.
    Data(Bytes, Stat),
    /// The service refused: nothing was done.
    Refused(ErrorCode),
    /// It was not asked: nothing was done.
    NotAsked,
    /// Nobody knows: it may have been done, or may yet be.
    Unknown,
}
