//! What is to be known of a kind of fault: its name, its family, whom it concerns.

use super::{Ambush, FaultKind};
use crate::schedule::Family;

impl FaultKind {
    /// All kinds, as files name them.
    pub const NAMES: [&'static str; 35] = [
        "split",
        "isolate",
        "bridge",
        "ring",
        "one_way",
        "cut_leader",
        "cut_follower",
        "slow",
        "slow_one_way",
        "lossy",
        "narrow",
        "kill",
        "kill_at",
        "power",
        "blackout",
        "power_at",
        "blackout_at",
        "isolate_at",
        "pause_at",
        "ack_lost_at",
        "expire_at",
        "pause",
        "step",
        "drift",
        "freeze",
        "strobe",
        "slow_sync",
        "fail_sync",
        "full",
        "wipe",
        "rot",
        "drop",
        "ack_lost",
        "expire",
        "move",
    ];

    /// Its name in files.
    pub const fn name(&self) -> &'static str {
        match self {
            FaultKind::Split { .. } => "split",
            FaultKind::Isolate { .. } => "isolate",
            FaultKind::Bridge { .. } => "bridge",
            FaultKind::Ring { .. } => "ring",
            FaultKind::OneWay { .. } => "one_way",
            FaultKind::CutLeader => "cut_leader",
            FaultKind::CutFollower { .. } => "cut_follower",
            FaultKind::Slow { .. } => "slow",
            FaultKind::SlowOneWay { .. } => "slow_one_way",
            FaultKind::Lossy { .. } => "lossy",
            FaultKind::Narrow { .. } => "narrow",
            FaultKind::Kill { .. } => "kill",
            FaultKind::Power { .. } => "power",
            FaultKind::Blackout { .. } => "blackout",
            FaultKind::Ambush(ambush) => ambush.strike.name(),
            FaultKind::Pause { .. } => "pause",
            FaultKind::Step { .. } => "step",
            FaultKind::Drift { .. } => "drift",
            FaultKind::Freeze { .. } => "freeze",
            FaultKind::Strobe { .. } => "strobe",
            FaultKind::SlowSync { .. } => "slow_sync",
            FaultKind::FailSync { .. } => "fail_sync",
            FaultKind::Full { .. } => "full",
            FaultKind::Wipe { .. } => "wipe",
            FaultKind::Rot { .. } => "rot",
            FaultKind::Drop { .. } => "drop",
            FaultKind::AckLost { .. } => "ack_lost",
            FaultKind::Expire { .. } => "expire",
            FaultKind::Move { .. } => "move",
        }
    }

    /// Its family.
    pub const fn family(&self) -> Family {
        match self {
            FaultKind::Split { .. }
            | FaultKind::Isolate { .. }
            | FaultKind::Bridge { .. }
            | FaultKind::Ring { .. }
            | FaultKind::OneWay { .. }
            | FaultKind::CutLeader
            | FaultKind::CutFollower { .. } => Family::Partition,
            FaultKind::Slow { .. }
            | FaultKind::SlowOneWay { .. }
            | FaultKind::Lossy { .. }
            | FaultKind::Narrow { .. } => Family::Link,
            FaultKind::Kill { .. } => Family::Crash,
            FaultKind::Power { .. } | FaultKind::Blackout { .. } => Family::Power,
            FaultKind::Pause { .. } => Family::Pause,
            FaultKind::Ambush(ambush) => ambush.strike.family(),
            FaultKind::Step { .. } | FaultKind::Drift { .. } | FaultKind::Freeze { .. } | FaultKind::Strobe { .. } => {
                Family::Clock
            }
            FaultKind::SlowSync { .. }
            | FaultKind::FailSync { .. }
            | FaultKind::Full { .. }
            | FaultKind::Wipe { .. }
            | FaultKind::Rot { .. } => Family::Disk,
            FaultKind::Drop { .. } | FaultKind::AckLost { .. } | FaultKind::Expire { .. } | FaultKind::Move { .. } => {
                Family::Session
            }
        }
    }

    /// Whether it has no duration: it happens, and nothing has to be mended.
    pub const fn is_instant(&self) -> bool {
        matches!(self, FaultKind::Step { .. } | FaultKind::FailSync { .. } | FaultKind::Drop { .. })
    }

    /// The nodes it names, and the roles.
    pub fn nodes(&self) -> Vec<&str> {
        match self {
            FaultKind::Split { groups } => groups.iter().flatten().map(String::as_str).collect(),
            FaultKind::Bridge { left, right } => left.iter().chain(right).map(String::as_str).collect(),
            FaultKind::Ring { nodes } | FaultKind::Blackout { nodes } => nodes.iter().map(String::as_str).collect(),
            FaultKind::OneWay { from, to }
            | FaultKind::Slow { from, to, .. }
            | FaultKind::SlowOneWay { from, to, .. }
            | FaultKind::Lossy { from, to, .. }
            | FaultKind::Narrow { from, to, .. } => from.iter().chain(to).map(String::as_str).collect(),
            FaultKind::CutLeader => Vec::new(),
            FaultKind::Ambush(Ambush { node, .. })
            | FaultKind::Isolate { node }
            | FaultKind::CutFollower { node }
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
            | FaultKind::Wipe { node }
            | FaultKind::Rot { node, .. }
            | FaultKind::Drop { node }
            | FaultKind::AckLost { node }
            | FaultKind::Expire { node }
            | FaultKind::Move { node } => vec![node],
        }
    }

    /// The node that is lost if the fault never ends; nothing for faults that may not last forever.
    pub fn breaks_for_good(&self) -> Option<&str> {
        match self {
            FaultKind::Isolate { node } | FaultKind::Kill { node } | FaultKind::Power { node } => Some(node),
            _ => None,
        }
    }

    /// The node that forgets what it had promised.
    pub fn damages(&self) -> Option<&str> {
        match self {
            FaultKind::Wipe { node } | FaultKind::Rot { node, .. } => Some(node),
            _ => None,
        }
    }

    /// What it lies in wait for, if it does.
    pub const fn ambush(&self) -> Option<&Ambush> {
        match self {
            FaultKind::Ambush(ambush) => Some(ambush),
            _ => None,
        }
    }

    /// All lists of nodes, to be made shorter; together in the order of [`FaultKind::nodes`].
    pub(crate) fn lists_mut(&mut self) -> Vec<&mut Vec<String>> {
        match self {
            FaultKind::Split { groups } => groups.iter_mut().collect(),
            FaultKind::Bridge { left, right } => vec![left, right],
            FaultKind::Ring { nodes } | FaultKind::Blackout { nodes } => vec![nodes],
            FaultKind::OneWay { from, to }
            | FaultKind::Slow { from, to, .. }
            | FaultKind::SlowOneWay { from, to, .. }
            | FaultKind::Lossy { from, to, .. }
            | FaultKind::Narrow { from, to, .. } => vec![from, to],
            _ => Vec::new(),
        }
    }

    /// All names of nodes, to be replaced.
    pub(crate) fn nodes_mut(&mut self) -> Vec<&mut String> {
        match self {
            FaultKind::Split { groups } => groups.iter_mut().flatten().collect(),
            FaultKind::Bridge { left, right } => left.iter_mut().chain(right).collect(),
            FaultKind::Ring { nodes } | FaultKind::Blackout { nodes } => nodes.iter_mut().collect(),
            FaultKind::OneWay { from, to }
            | FaultKind::Slow { from, to, .. }
            | FaultKind::SlowOneWay { from, to, .. }
            | FaultKind::Lossy { from, to, .. }
            | FaultKind::Narrow { from, to, .. } => from.iter_mut().chain(to).collect(),
            FaultKind::CutLeader => Vec::new(),
            FaultKind::Ambush(Ambush { node, .. })
            | FaultKind::Isolate { node }
            | FaultKind::CutFollower { node }
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
            | FaultKind::Wipe { node }
            | FaultKind::Rot { node, .. }
            | FaultKind::Drop { node }
            | FaultKind::AckLost { node }
            | FaultKind::Expire { node }
            | FaultKind::Move { node } => vec![node],
        }
    }
}
