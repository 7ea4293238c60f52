//! One fault: what is done, to whom, when, and for how long.

use std::fmt;
use std::time::Duration;

use super::Family;
use crate::error::UserError;
use crate::roles::Roles;
use crate::span;

/// How long a fault lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lasts {
    /// It ends by itself, or at the switch to the liveness phase, whichever is earlier.
    For(Duration),
    /// It outlasts even the liveness phase: the node is outside the core that must elect a leader.
    Forever,
}

/// One fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// When it begins, in true time since the start of the run.
    pub at: Duration,
    /// How long it lasts; without meaning for faults of an instant, such as a step of a clock.
    pub lasts: Lasts,
    /// What it is.
    pub kind: FaultKind,
}

/// What a fault does. Files name the kinds in snake case and their fields as they stand here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// The nodes fall into groups; links between groups are cut. Nodes in no group keep all their links.
    Split {
        /// The groups.
        groups: Vec<Vec<String>>,
    },
    /// A node is cut off from all others.
    Isolate {
        /// The node.
        node: String,
    },
    /// Two sides that hear each other only through the nodes of the bridge.
    Bridge {
        /// One side.
        left: Vec<String>,
        /// The other side.
        right: Vec<String>,
    },
    /// Each of the nodes hears only its neighbours in the ring: majorities overlap, no two see the same one.
    Ring {
        /// The nodes, in the order of the ring.
        nodes: Vec<String>,
    },
    /// Links from one set of nodes to another carry nothing; the way back works.
    OneWay {
        /// Who is not heard.
        from: Vec<String>,
        /// Who does not hear.
        to: Vec<String>,
    },
    /// Links between two sets of nodes take longer, in both directions.
    Slow {
        /// One end.
        from: Vec<String>,
        /// The other end.
        to: Vec<String>,
        /// How much longer one way takes.
        extra: Duration,
    },
    /// Links between two sets of nodes lose packets, in both directions.
    Lossy {
        /// One end.
        from: Vec<String>,
        /// The other end.
        to: Vec<String>,
        /// How many of a hundred packets are lost.
        percent: u32,
    },
    /// Links between two sets of nodes carry fewer bytes, in both directions.
    Narrow {
        /// One end.
        from: Vec<String>,
        /// The other end.
        to: Vec<String>,
        /// How many bytes a second.
        bytes_per_second: u32,
    },
    /// The process is killed, and started again at the end.
    Kill {
        /// The node.
        node: String,
    },
    /// The machine loses power; at the end it is back, and the process started.
    Power {
        /// The node.
        node: String,
    },
    /// The process stalls.
    Pause {
        /// The node.
        node: String,
    },
    /// The wall clock is stepped.
    Step {
        /// The node.
        node: String,
        /// By how many milliseconds; backwards if negative.
        milliseconds: i64,
    },
    /// Both clocks run fast, or slow.
    Drift {
        /// The node.
        node: String,
        /// Parts per million; slow if negative.
        parts_per_million: i64,
    },
    /// The wall clock stands still.
    Freeze {
        /// The node.
        node: String,
    },
    /// The wall clock jumps to and fro.
    Strobe {
        /// The node.
        node: String,
        /// How far, in milliseconds.
        milliseconds: i64,
        /// How often.
        period: Duration,
    },
    /// Each fsync takes longer.
    SlowSync {
        /// The node.
        node: String,
        /// How much longer.
        extra: Duration,
    },
    /// The next fsyncs fail.
    FailSync {
        /// The node.
        node: String,
        /// How many.
        count: u32,
    },
    /// The disk is full.
    Full {
        /// The node.
        node: String,
    },
    /// All connections of a node with the service are reset.
    Drop {
        /// The node.
        node: String,
    },
    /// What the service answers a node no longer arrives; at the end the connections are reset. Writes happen, their
    /// acknowledgements are lost.
    AckLost {
        /// The node.
        node: String,
    },
    /// The node is cut off from the service for as long as it takes its session to expire; the end says when it hears
    /// of it.
    Expire {
        /// The node.
        node: String,
    },
}

impl FaultKind {
    /// All kinds, as files name them.
    pub const NAMES: [&'static str; 21] = [
        "split",
        "isolate",
        "bridge",
        "ring",
        "one_way",
        "slow",
        "lossy",
        "narrow",
        "kill",
        "power",
        "pause",
        "step",
        "drift",
        "freeze",
        "strobe",
        "slow_sync",
        "fail_sync",
        "full",
        "drop",
        "ack_lost",
        "expire",
    ];

    /// Its name in files.
    pub const fn name(&self) -> &'static str {
        match self {
            FaultKind::Split { .. } => "split",
            FaultKind::Isolate { .. } => "isolate",
            FaultKind::Bridge { .. } => "bridge",
            FaultKind::Ring { .. } => "ring",
            FaultKind::OneWay { .. } => "one_way",
            FaultKind::Slow { .. } => "slow",
            FaultKind::Lossy { .. } => "lossy",
            FaultKind::Narrow { .. } => "narrow",
            FaultKind::Kill { .. } => "kill",
            FaultKind::Power { .. } => "power",
            FaultKind::Pause { .. } => "pause",
            FaultKind::Step { .. } => "step",
            FaultKind::Drift { .. } => "drift",
            FaultKind::Freeze { .. } => "freeze",
            FaultKind::Strobe { .. } => "strobe",
            FaultKind::SlowSync { .. } => "slow_sync",
            FaultKind::FailSync { .. } => "fail_sync",
            FaultKind::Full { .. } => "full",
            FaultKind::Drop { .. } => "drop",
            FaultKind::AckLost { .. } => "ack_lost",
            FaultKind::Expire { .. } => "expire",
        }
    }

    /// Its family.
    pub const fn family(&self) -> Family {
        match self {
            FaultKind::Split { .. }
            | FaultKind::Isolate { .. }
            | FaultKind::Bridge { .. }
            | FaultKind::Ring { .. }
            | FaultKind::OneWay { .. } => Family::Partition,
            FaultKind::Slow { .. } | FaultKind::Lossy { .. } | FaultKind::Narrow { .. } => Family::Link,
            FaultKind::Kill { .. } => Family::Crash,
            FaultKind::Power { .. } => Family::Power,
            FaultKind::Pause { .. } => Family::Pause,
            FaultKind::Step { .. } | FaultKind::Drift { .. } | FaultKind::Freeze { .. } | FaultKind::Strobe { .. } => {
                Family::Clock
            }
            FaultKind::SlowSync { .. } | FaultKind::FailSync { .. } | FaultKind::Full { .. } => Family::Disk,
            FaultKind::Drop { .. } | FaultKind::AckLost { .. } | FaultKind::Expire { .. } => Family::Session,
        }
    }

    /// Whether it has no duration: it happens, and nothing has to be mended.
    pub const fn is_instant(&self) -> bool {
        matches!(self, FaultKind::Step { .. } | FaultKind::FailSync { .. } | FaultKind::Drop { .. })
    }

    /// The nodes it names.
    pub fn nodes(&self) -> Vec<&str> {
        match self {
            FaultKind::Split { groups } => groups.iter().flatten().map(String::as_str).collect(),
            FaultKind::Bridge { left, right } => left.iter().chain(right).map(String::as_str).collect(),
            FaultKind::Ring { nodes } => nodes.iter().map(String::as_str).collect(),
            FaultKind::OneWay { from, to }
            | FaultKind::Slow { from, to, .. }
            | FaultKind::Lossy { from, to, .. }
            | FaultKind::Narrow { from, to, .. } => from.iter().chain(to).map(String::as_str).collect(),
            FaultKind::Isolate { node }
            | FaultKind::Kill { node }
            | FaultKind::Power { node }
            | FaultKind::Pause { node }
            | FaultKind::Step { node, .. }
            | FaultKind::Drift { node, .. }
            | FaultKind::Freeze { node }
            | FaultKind::Strobe { node, .. }
            | FaultKind::SlowSync { node, .. }
            | FaultKind::FailSync { node, .. }
            | FaultKind::Full { node }
            | FaultKind::Drop { node }
            | FaultKind::AckLost { node }
            | FaultKind::Expire { node } => vec![node],
        }
    }

    /// The node that is lost if the fault never ends; nothing for faults that may not last forever.
    pub fn breaks_for_good(&self) -> Option<&str> {
        match self {
            FaultKind::Isolate { node } | FaultKind::Kill { node } | FaultKind::Power { node } => Some(node),
            _ => None,
        }
    }

    /// Whether its numbers make sense.
    ///
    /// # Errors
    /// What does not.
    pub fn validate(&self, roles: &Roles) -> Result<(), UserError> {
        let mismatch = |why: String| Err(UserError::Mismatch(why));
        match self {
            FaultKind::Split { groups } if groups.len() < 2 => mismatch("a split needs two groups or more".into()),
            FaultKind::Split { groups } => {
                let mut seen = std::collections::BTreeSet::new();
                match groups.iter().flatten().find(|node| !seen.insert(*node)) {
                    Some(node) => mismatch(format!("`{node}` is in more than one group")),
                    None => Ok(()),
                }
            }
            FaultKind::Ring { nodes } if nodes.len() < 4 => mismatch("a ring needs four nodes or more".into()),
            FaultKind::Lossy { percent, .. } if *percent > 90 => {
                mismatch("at more than 90 percent loss nothing arrives in time: cut the link instead".into())
            }
            FaultKind::Narrow { bytes_per_second, .. } if *bytes_per_second < 1_000 => {
                mismatch("a link carries at least 1000 bytes a second".into())
            }
            FaultKind::Drift { parts_per_million, .. } if parts_per_million.unsigned_abs() > 500_000 => {
                mismatch("a clock drifts by 500000 parts per million at most".into())
            }
            FaultKind::Strobe { period, .. } if period.is_zero() => mismatch("a strobe needs a period".into()),
            FaultKind::Drop { node } | FaultKind::AckLost { node } | FaultKind::Expire { node }
                if roles.servers.contains(node) =>
            {
                mismatch(format!("`{node}` is a server: this fault is for those who have sessions"))
            }
            _ => Ok(()),
        }
    }
}

/// The fault in words, for people.
impl fmt::Display for FaultKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |nodes: &[String]| nodes.join(" ");
        match self {
            FaultKind::Split { groups } => {
                let groups: Vec<String> = groups.iter().map(|group| list(group)).collect();
                write!(formatter, "split {}", groups.join(" | "))
            }
            FaultKind::Isolate { node } => write!(formatter, "cut off {node}"),
            FaultKind::Bridge { left, right } => {
                write!(formatter, "cut {} from {}, but for the bridge", list(left), list(right))
            }
            FaultKind::Ring { nodes } => write!(formatter, "ring of {}", list(nodes)),
            FaultKind::OneWay { from, to } => write!(formatter, "{} no longer heard by {}", list(from), list(to)),
            FaultKind::Slow { from, to, extra } => {
                write!(formatter, "{} and {} {} slower", list(from), list(to), span::show(*extra))
            }
            FaultKind::Lossy { from, to, percent } => {
                write!(formatter, "{percent} % lost between {} and {}", list(from), list(to))
            }
            FaultKind::Narrow { from, to, bytes_per_second } => {
                write!(formatter, "{bytes_per_second} bytes/s between {} and {}", list(from), list(to))
            }
            FaultKind::Kill { node } => write!(formatter, "kill {node}"),
            FaultKind::Power { node } => write!(formatter, "power of {node} lost"),
            FaultKind::Pause { node } => write!(formatter, "stall {node}"),
            FaultKind::Step { node, milliseconds } => {
                write!(formatter, "step wall clock of {node} by {milliseconds} ms")
            }
            FaultKind::Drift { node, parts_per_million } => {
                write!(formatter, "clocks of {node} drift by {parts_per_million} ppm")
            }
            FaultKind::Freeze { node } => write!(formatter, "freeze wall clock of {node}"),
            FaultKind::Strobe { node, milliseconds, period } => {
                write!(formatter, "wall clock of {node} jumps by {milliseconds} ms every {}", span::show(*period))
            }
            FaultKind::SlowSync { node, extra } => write!(formatter, "fsync of {node} {} slower", span::show(*extra)),
            FaultKind::FailSync { node, count } => write!(formatter, "next {count} fsyncs of {node} fail"),
            FaultKind::Full { node } => write!(formatter, "disk of {node} full"),
            FaultKind::Drop { node } => write!(formatter, "reset the connections of {node} with the service"),
            FaultKind::AckLost { node } => write!(formatter, "the service's answers to {node} are lost"),
            FaultKind::Expire { node } => write!(formatter, "expire the session of {node}"),
        }
    }
}
