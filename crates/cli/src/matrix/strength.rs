//! What the matrix asks of every strategy: the three strengths of "at most one leader", and that a leader comes.

use std::fmt;

use ::check::{Judged, sometimes};
use serde::{Deserialize, Serialize};

/// One of the four.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strength {
    /// No two nodes believe at once that they lead.
    Belief,
    /// No act of a deposed leader takes effect.
    Effect,
    /// Leaders come in the order of their terms.
    Order,
    /// A leader comes in time.
    Failover,
}

impl Strength {
    /// All of them.
    pub const ALL: [Strength; 4] = [Strength::Belief, Strength::Effect, Strength::Order, Strength::Failover];

    /// Its name: what `judge` is set to, and a part of the names of files.
    pub const fn name(self) -> &'static str {
        match self {
            Strength::Belief => "belief",
            Strength::Effect => "effect",
            Strength::Order => "order",
            Strength::Failover => "failover",
        }
    }

    /// Its letter in the table.
    pub const fn letter(self) -> char {
        match self {
            Strength::Belief => 'B',
            Strength::Effect => 'E',
            Strength::Order => 'O',
            Strength::Failover => 'F',
        }
    }

    /// The monitor that judges it.
    pub const fn monitor(self) -> &'static str {
        match self {
            Strength::Belief => "single-leader/belief",
            Strength::Effect => "single-leader/effect",
            Strength::Order => "single-leader/order",
            Strength::Failover => "failover",
        }
    }

    /// What that monitor counts where nothing is judged.
    pub const fn point(self) -> &'static str {
        match self {
            Strength::Belief => sometimes::BELIEF_OVERLAPPED,
            Strength::Effect => sometimes::STALE_ACT_ACCEPTED,
            Strength::Order => sometimes::ORDER_BROKEN,
            Strength::Failover => sometimes::FAILOVER_MISSED,
        }
    }

    /// What it says, for people.
    pub const fn about(self) -> &'static str {
        match self {
            Strength::Belief => "no two nodes believe at the same instant that they lead",
            Strength::Effect => "no act of a deposed leader takes effect on the resource",
            Strength::Order => "leaders come in the order of their terms",
            Strength::Failover => "once the faults are over, a leader comes in time, and stays",
        }
    }

    /// Whether it is judged.
    pub const fn is_judged(self, judged: Judged) -> bool {
        match self {
            Strength::Belief => judged.belief,
            Strength::Effect => judged.effect,
            Strength::Order => judged.order,
            Strength::Failover => judged.failover,
        }
    }
}

impl fmt::Display for Strength {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}
