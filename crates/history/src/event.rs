//! The vocabulary of events, from the world below to the processes above.
//!
//! Strings and numbers stand here where the crates above have richer types: the vocabulary lies at the bottom of the
//! house so that every floor can speak it.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::NodeName;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// A machine or the process on it began, ended, stalled.
    Machine(MachineEvent),
    /// A link changed or carried something.
    Network(NetworkEvent),
    /// A node's clock was bent.
    Clock(ClockEvent),
    /// A disk did something that a process did not ask for.
    Disk(DiskEvent),
    /// The schedule acts.
    Fault(FaultEvent),
    /// The run enters a phase.
    Phase(Phase),
    /// What a candidate believes.
    Leadership(LeadershipEvent),
    /// What a fenced resource accepts and refuses.
    Resource(ResourceEvent),
    /// The coordination service's own history.
    Service(ServiceEvent),
    /// What a client of the service sees.
    Client(ClientEvent),
    /// A point of interest reached, for the `sometimes` counters: what is worth reaching, not what is wrong.
    Sometimes(String),
    /// Free text, for people.
    Note {
        /// What the note is about.
        topic: String,
        /// The note.
        text: String,
    },
}

impl Event {
    /// Whether the event belongs into a story told to people: rare and of consequence.
    pub fn is_story(&self) -> bool {
        match self {
            Event::Machine(_) | Event::Clock(_) | Event::Disk(_) | Event::Fault(_) | Event::Phase(_) => true,
            Event::Leadership(_) | Event::Note { .. } => true,
            Event::Network(event) => !matches!(event, NetworkEvent::Delivered { .. }),
            Event::Resource(event) => matches!(event, ResourceEvent::Refused { .. }),
            Event::Service(event) => event.is_story(),
            Event::Client(event) => event.is_story(),
            Event::Sometimes(_) => false,
        }
    }
}

/// The life of a machine and of the one process on it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MachineEvent {
    /// The process started (at boot, or again after a kill).
    Started,
    /// The process returned by itself.
    Exited,
    /// The process was killed; the machine's kernel lives on and closes its connections.
    Killed,
    /// The machine lost power: process and kernel are gone, what was not fsynced is lost.
    PowerLost,
    /// The process stalls; its kernel goes on.
    Paused,
    /// The process goes on.
    Resumed,
}

/// What links do.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NetworkEvent {
    /// The directed link no longer carries anything.
    Cut {
        /// The sending side.
        from: NodeName,
        /// The receiving side.
        to: NodeName,
    },
    /// The directed link carries again.
    Healed {
        /// The sending side.
        from: NodeName,
        /// The receiving side.
        to: NodeName,
    },
    /// The directed link's quality changed.
    Quality {
        /// The sending side.
        from: NodeName,
        /// The receiving side.
        to: NodeName,
        /// The new quality in words; empty when it is the normal one again.
        quality: String,
    },
    /// A connection attempt succeeded, as the connecting side sees it.
    Connected {
        /// The listening side.
        to: NodeName,
        /// The port.
        port: u16,
    },
    /// A connection attempt was refused.
    Refused {
        /// The machine that refused.
        to: NodeName,
        /// The port.
        port: u16,
    },
    /// A stream ended with a reset, as this node sees it.
    Reset {
        /// The other side.
        peer: NodeName,
    },
    /// A stream was given up: its bytes stayed unacknowledged beyond the retransmission limit.
    TimedOut {
        /// The other side.
        peer: NodeName,
    },
    /// Bytes were read from a stream.
    Delivered {
        /// The sender.
        from: NodeName,
        /// How many bytes.
        bytes: u32,
    },
}

/// What is done to a node's clocks.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockEvent {
    /// The wall clock was stepped by this many nanoseconds.
    Stepped {
        /// Forward if positive.
        nanoseconds: i64,
    },
    /// Both clocks now run this many parts per million fast (slow if negative).
    Drifts {
        /// Parts per million.
        parts_per_million: i64,
    },
    /// The wall clock stands still.
    Frozen,
    /// The wall clock jumps to and fro.
    Strobes {
        /// How far, in nanoseconds.
        nanoseconds: i64,
        /// How often.
        period: Duration,
    },
    /// The wall clock runs again; its offset stays what it is.
    Thawed,
}

/// What disks do that nobody asked for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DiskEvent {
    /// Bytes that were written but not fsynced are gone.
    Lost {
        /// The file.
        file: String,
        /// How many bytes.
        bytes: u64,
    },
    /// The last write before the power loss was torn: only its beginning is there.
    Torn {
        /// The file.
        file: String,
        /// How many bytes of the write remained.
        bytes: u64,
    },
    /// A bit flipped.
    Rotted {
        /// The file.
        file: String,
        /// The byte it is in.
        offset: u64,
    },
    /// An fsync failed.
    SyncFailed {
        /// The file.
        file: String,
    },
    /// A write was refused: the disk is full.
    Full {
        /// The file.
        file: String,
    },
}

/// What the schedule does.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultEvent {
    /// A fault begins.
    Begins {
        /// Its place in the schedule, from 0.
        index: u32,
        /// Its family, such as `partition`.
        family: String,
        /// The fault in words.
        what: String,
    },
    /// A fault ends.
    Ends {
        /// Its place in the schedule, from 0.
        index: u32,
    },
}

/// The two phases of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Faults per schedule, monitors on.
    Safety,
    /// Every fault has ended: a leader must come within the bound.
    Liveness,
}

/// The fencing token of a leadership: the creation zxid of the leader's znode, or an epoch. It never goes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Term(pub i64);

impl fmt::Display for Term {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:#x}", self.0)
    }
}

/// What a candidate believes about itself. Belief ends with the process.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeadershipEvent {
    /// It takes part in the election.
    Candidate {
        /// Its znode.
        path: String,
    },
    /// It waits for somebody else to go.
    Waiting {
        /// The znode it watches.
        on: String,
    },
    /// It believes from now on that it leads.
    Elected {
        /// The fencing token of this leadership.
        term: Term,
    },
    /// It no longer believes that it leads.
    Deposed {
        /// The token of the leadership that ended.
        term: Term,
        /// Why.
        reason: String,
    },
    /// It gave up and will not take part again by itself.
    Withdrawn {
        /// Why.
        reason: String,
    },
}

/// What a fenced resource does with the acts of leaders.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResourceEvent {
    /// An act took effect.
    Accepted {
        /// The token under which the act was done, as its leader holds it (also where the resource does not ask).
        term: Term,
        /// Who acted.
        by: NodeName,
        /// What was done.
        act: String,
    },
    /// An act was refused.
    Refused {
        /// The token it came with.
        term: Term,
        /// The highest token seen before.
        highest: Term,
        /// Who tried.
        by: NodeName,
    },
}

/// The history of the service, as the service itself applies it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServiceEvent {
    /// A server is ready to serve.
    Serving {
        /// The last transaction it has.
        zxid: i64,
    },
    /// A server that was serving no longer does: it shuts down, or it lost its quorum.
    NotServing {
        /// Why.
        why: String,
    },
    /// A session began.
    SessionOpened {
        /// The session.
        session: i64,
        /// Its negotiated timeout.
        timeout: Duration,
    },
    /// A packet of the session arrived: from here the server counts its timeout anew.
    SessionTouched {
        /// The session.
        session: i64,
    },
    /// A connection took over an existing session.
    SessionReattached {
        /// The session.
        session: i64,
        /// Its timeout, renegotiated.
        timeout: Duration,
    },
    /// Somebody orders the session to expire before its time: its `SessionExpired` follows.
    SessionDoomed {
        /// The session.
        session: i64,
    },
    /// The session's time was up: from here on its ephemerals are due to go.
    SessionExpired {
        /// The session.
        session: i64,
    },
    /// The session's close was applied: its ephemerals are gone.
    SessionClosed {
        /// The session.
        session: i64,
        /// The transaction.
        zxid: i64,
    },
    /// A znode was created.
    Created {
        /// Its path.
        path: String,
        /// The transaction.
        zxid: i64,
        /// The session it lives and dies with, or 0.
        owner: i64,
        /// The number that the service put at the end of its name, if it asked for one.
        sequence: Option<i32>,
    },
    /// A znode was deleted.
    Deleted {
        /// Its path.
        path: String,
        /// The transaction.
        zxid: i64,
    },
    /// A znode's data was set.
    Changed {
        /// Its path.
        path: String,
        /// The transaction.
        zxid: i64,
    },
    /// The server recovered from its disk.
    Recovered {
        /// The last transaction it found.
        zxid: i64,
        /// What was left out, and why; empty if all was whole.
        remark: String,
    },
}

impl ServiceEvent {
    fn is_story(&self) -> bool {
        !matches!(self, ServiceEvent::SessionTouched { .. } | ServiceEvent::Changed { .. })
    }
}

/// The kind of a watch, and of what it tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WatchKind {
    /// On a znode's data or existence, left by `exists` on a missing node.
    Exists,
    /// On a znode's data, left by `getData` or by `exists` on one that is there.
    Data,
    /// On a znode's children.
    Children,
    /// Persistent, on one znode.
    Persistent,
    /// Persistent, on a znode and all below it.
    Recursive,
}

/// What a client of the service sees.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientEvent {
    /// It is connected under this session.
    Connected {
        /// The session.
        session: i64,
        /// The negotiated timeout.
        timeout: Duration,
    },
    /// It has not heard from a server for too long, or lost its connection: what holds is unknown.
    Disconnected {
        /// The session.
        session: i64,
    },
    /// Its session is gone.
    SessionExpired {
        /// The session.
        session: i64,
        /// Whether the client found out by its own clock, before any server could tell.
        locally: bool,
    },
    /// It closed its session itself.
    Closed {
        /// The session.
        session: i64,
    },
    /// A call ended without an answer: the write may have happened.
    Unanswered {
        /// The session.
        session: i64,
        /// The operation.
        operation: String,
    },
    /// A reply came, showing the service as of this transaction.
    Replied {
        /// The session.
        session: i64,
        /// The last transaction its server had applied.
        zxid: i64,
    },
    /// A watch was left.
    Watched {
        /// The session.
        session: i64,
        /// The path watched.
        path: String,
        /// The kind of watch.
        kind: WatchKind,
        /// The service was seen as of this transaction when the watch was left.
        zxid: i64,
    },
    /// A watch fired.
    Notified {
        /// The session.
        session: i64,
        /// The path it is about.
        path: String,
        /// What happened, in ZooKeeper's words, such as `NodeDeleted`.
        what: String,
    },
    /// A read showed a znode's data as of this change.
    SawData {
        /// The session.
        session: i64,
        /// The path read.
        path: String,
        /// The transaction that last changed it; 0 if it is missing.
        zxid: i64,
    },
    /// A read showed a znode's children as of this change.
    SawChildren {
        /// The session.
        session: i64,
        /// The path read.
        path: String,
        /// The transaction that last changed the list of children.
        zxid: i64,
    },
}

impl ClientEvent {
    fn is_story(&self) -> bool {
        matches!(
            self,
            ClientEvent::Connected { .. }
                | ClientEvent::Disconnected { .. }
                | ClientEvent::SessionExpired { .. }
                | ClientEvent::Closed { .. }
        )
    }
}
