//! Of the world below: machines, links, clocks, disks.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::NodeName;

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
    /// An empty disk took its place: whatever runs on it knows nothing of before, not even what it promised.
    Wiped,
}
