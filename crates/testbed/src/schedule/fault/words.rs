//! The fault in words, for people.

use std::fmt;

use super::{Ambush, FaultKind};
use crate::span;

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
            FaultKind::CutLeader => formatter.write_str("cut the ensemble's leader from the other servers"),
            FaultKind::CutFollower { node } => {
                write!(formatter, "cut {node} from the ensemble's leader, and from nobody else")
            }
            FaultKind::Slow { from, to, extra } => {
                write!(formatter, "{} and {} {} slower", list(from), list(to), span::show(*extra))
            }
            FaultKind::SlowOneWay { from, to, extra } => {
                write!(formatter, "{} heard {} later by {}", list(from), span::show(*extra), list(to))
            }
            FaultKind::Lossy { from, to, percent } => {
                write!(formatter, "{percent} % lost between {} and {}", list(from), list(to))
            }
            FaultKind::Narrow { from, to, bytes_per_second } => {
                write!(formatter, "{bytes_per_second} bytes/s between {} and {}", list(from), list(to))
            }
            FaultKind::Kill { node } => write!(formatter, "kill {node}"),
            FaultKind::Power { node } => write!(formatter, "power of {node} lost"),
            FaultKind::Blackout { nodes } => write!(formatter, "power of {} lost at once", list(nodes)),
            FaultKind::Ambush(ambush) => ambush.fmt(formatter),
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
            FaultKind::Wipe { node } => write!(formatter, "power of {node} lost, and all that is on its disk"),
            FaultKind::Rot { node, bits: 1 } => write!(formatter, "kill {node}, and flip a bit on its disk"),
            FaultKind::Rot { node, bits } => write!(formatter, "kill {node}, and flip {bits} bits on its disk"),
            FaultKind::Drop { node } => write!(formatter, "reset the connections of {node} with the service"),
            FaultKind::AckLost { node } => write!(formatter, "the service's answers to {node} are lost"),
            FaultKind::Expire { node } => write!(formatter, "expire the session of {node}"),
            FaultKind::Move { node } => write!(formatter, "cut {node} from the server it is connected with"),
        }
    }
}

impl fmt::Display for Ambush {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Ambush { strike, node, step, nth, after, down } = self;
        write!(formatter, "lie in wait to {} {node} ", strike.words())?;
        match after.is_zero() {
            true => write!(formatter, "at ")?,
            false => write!(formatter, "{} after ", span::show(*after))?,
        }
        match nth {
            1 => write!(formatter, "the next `{step}`")?,
            _ => write!(formatter, "`{step}` number {nth}")?,
        }
        write!(formatter, " (back after {})", span::show(*down))
    }
}
