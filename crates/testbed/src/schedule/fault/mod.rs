//! One fault: what is done, to whom, when, and for how long.
//!
//! Where a node is named, a [`Role`](crate::Role) may stand, such as `@leader`: it is whoever has the role when the fault
//! begins. If nobody has it then, the fault says so and does nothing.

mod properties;
mod strike;
mod validate;
mod words;

use std::time::Duration;

pub use strike::Strike;

use super::Step;

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
    /// The leader of the ensemble and the other servers are cut off from each other. Their clients stay with them.
    CutLeader,
    /// A server and the leader of the ensemble are cut off from each other, and from nobody else: the server's clients
    /// stay with it. Nothing happens if the server is itself the leader.
    CutFollower {
        /// The server.
        node: String,
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
    /// Links from one set of nodes to another take longer; the way back does not.
    SlowOneWay {
        /// Who is heard late.
        from: Vec<String>,
        /// Who hears late.
        to: Vec<String>,
        /// How much longer the way takes.
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
    /// Several machines lose power at once; at the end all are back, and their processes started.
    Blackout {
        /// The nodes.
        nodes: Vec<String>,
    },
    /// From its beginning on the fault lies in wait for a step, `lasts` long, and strikes whoever takes it. Files name it for
    /// how it strikes: see [`Strike::name`].
    Ambush(Ambush),
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
    /// A server's machine loses power, and has an empty disk when it is back at the end.
    Wipe {
        /// The server.
        node: String,
    },
    /// A server is killed, and bits of its disk flip before it is started again at the end. When its process next ends by
    /// itself, its disk is replaced by an empty one, as an operator would do who reads why it refused.
    Rot {
        /// The server.
        node: String,
        /// How many bits, each anywhere.
        bits: u32,
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
    /// The connections of a node with the server it has are reset, and the two are cut off from each other: the node's
    /// session must move to another server. Nothing happens if it has none.
    Move {
        /// The node.
        node: String,
    },
}

/// At what a fault strikes that lies in wait, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ambush {
    /// What is done to whoever takes the step.
    pub strike: Strike,
    /// Who is struck, if it takes the step: a node; or a role, which counts if whoever takes the step has it right before
    /// or right after; or any server (`@server`), or any candidate (`@candidate`).
    pub node: String,
    /// The step.
    pub step: Step,
    /// The how many-th of these steps, counted from the beginning of the fault; from 1.
    pub nth: u32,
    /// How long after the step the fault strikes. Zero strikes in the same instant, before any time passes for disks and
    /// links; the tasks of the node that are ready in that instant may or may not run first, as the scheduler's seed
    /// decides.
    pub after: Duration,
    /// How long the node is down, cut off or stalled, also beyond the end of the fault. At the switch to the liveness
    /// phase it is back in any case.
    pub down: Duration,
}
