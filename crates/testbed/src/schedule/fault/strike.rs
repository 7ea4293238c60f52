//! What a fault does that has lain in wait.

use super::FaultKind;
use crate::schedule::Family;

/// What a fault that lies in wait does to whoever takes the step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strike {
    /// It kills the process.
    Kill,
    /// It cuts the power of the machine.
    Power,
    /// It cuts the power of all servers. It comes back to one after the other: first to the one that took the step, last to
    /// the ensemble's leader, as long after each other as all are down.
    Blackout,
    /// It cuts off the node from all others.
    Isolate,
    /// It stalls the process.
    Pause,
    /// What the service answers the node no longer arrives; in the end the connections are reset.
    AckLost,
    /// It cuts off the node from the service, for its session to expire.
    Expire,
}

impl Strike {
    /// All of them.
    pub const ALL: [Strike; 7] = [
        Strike::Kill,
        Strike::Power,
        Strike::Blackout,
        Strike::Isolate,
        Strike::Pause,
        Strike::AckLost,
        Strike::Expire,
    ];

    /// What files call a fault that strikes like this.
    pub const fn name(self) -> &'static str {
        match self {
            Strike::Kill => "kill_at",
            Strike::Power => "power_at",
            Strike::Blackout => "blackout_at",
            Strike::Isolate => "isolate_at",
            Strike::Pause => "pause_at",
            Strike::AckLost => "ack_lost_at",
            Strike::Expire => "expire_at",
        }
    }

    /// The one that files call so.
    pub(crate) fn named(name: &str) -> Option<Strike> {
        Strike::ALL.into_iter().find(|strike| strike.name() == name)
    }

    /// The family of the fault.
    pub const fn family(self) -> Family {
        match self {
            Strike::Kill => Family::Crash,
            Strike::Power | Strike::Blackout => Family::Power,
            Strike::Isolate => Family::Partition,
            Strike::Pause => Family::Pause,
            Strike::AckLost | Strike::Expire => Family::Session,
        }
    }

    /// Whether whoever is struck goes down.
    pub const fn is_crash(self) -> bool {
        matches!(self, Strike::Kill | Strike::Power | Strike::Blackout)
    }

    /// Whether only who has a session can be struck.
    pub const fn is_of_sessions(self) -> bool {
        matches!(self, Strike::AckLost | Strike::Expire)
    }

    /// The fault that does the same to a node without lying in wait; a blackout hits this node alone.
    pub(crate) fn at_once(self, node: String) -> FaultKind {
        match self {
            Strike::Kill => FaultKind::Kill { node },
            Strike::Power | Strike::Blackout => FaultKind::Power { node },
            Strike::Isolate => FaultKind::Isolate { node },
            Strike::Pause => FaultKind::Pause { node },
            Strike::AckLost => FaultKind::AckLost { node },
            Strike::Expire => FaultKind::Expire { node },
        }
    }

    /// What it does, in words before the name of the node.
    pub(super) const fn words(self) -> &'static str {
        match self {
            Strike::Kill => "kill",
            Strike::Power => "cut the power of",
            Strike::Blackout => "cut the power of all servers with",
            Strike::Isolate => "cut off",
            Strike::Pause => "stall",
            Strike::AckLost => "lose the service's answers to",
            Strike::Expire => "cut off from the service",
        }
    }
}
