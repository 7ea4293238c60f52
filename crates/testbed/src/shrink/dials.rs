//! Smaller numbers: everything of a fault that can be turned down, from how long it lasts to how many bits flip.

use std::time::Duration;

use super::nice;
use super::trials::{Stop, Trials};
use crate::schedule::{Ambush, Fault, FaultKind, Lasts};

/// Turns each number of each fault down as far as it goes.
pub(super) fn turn_down(trials: &mut Trials<'_>) -> Result<(), Stop> {
    for place in 0..trials.faults().len() {
        for dial in Dial::ALL {
            let Some(value) = dial.read(&trials.faults()[place]) else { continue };
            let turn = |plan: &crate::Plan, value: &u64| {
                let mut plan = plan.clone();
                dial.set(&mut plan.schedule.faults[place], *value);
                plan
            };
            if !trials.simplest(&dial.gentler(value), turn)? {
                for around in dial.around(value) {
                    let best = turn(trials.best(), &around);
                    if trials.accepts(best)? {
                        break;
                    }
                }
            }
        }
    }
    Ok(())
}

/// The fault with each of its numbers turned down: as far as can be, by half, and a little.
#[cfg(any(test, feature = "proptest"))]
pub(super) fn gentler(fault: &Fault) -> Vec<Fault> {
    let mut faults = Vec::new();
    for dial in Dial::ALL {
        let Some(value) = dial.read(fault) else { continue };
        for value in nice::far_half_and_near(&dial.gentler(value)) {
            let mut fault = fault.clone();
            dial.set(&mut fault, value);
            faults.push(fault);
        }
    }
    faults
}

/// A number of a fault. Lengths of time are in microseconds; what has a sign keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dial {
    Lasts,
    Nth,
    After,
    Down,
    Extra,
    Percent,
    BytesPerSecond,
    Milliseconds,
    PartsPerMillion,
    Count,
    Bits,
}

impl Dial {
    const ALL: [Dial; 11] = [
        Dial::Nth,
        Dial::After,
        Dial::Lasts,
        Dial::Down,
        Dial::Extra,
        Dial::Percent,
        Dial::BytesPerSecond,
        Dial::Milliseconds,
        Dial::PartsPerMillion,
        Dial::Count,
        Dial::Bits,
    ];

    /// What the fault has it at, if it has it.
    fn read(self, fault: &Fault) -> Option<u64> {
        let microseconds = |duration: &Duration| u64::try_from(duration.as_micros()).ok();
        match (self, &fault.kind) {
            (Dial::Lasts, kind) => match fault.lasts {
                Lasts::For(lasts) if !kind.is_instant() => microseconds(&lasts),
                _ => None,
            },
            (Dial::Nth, kind) => kind.ambush().map(|ambush| u64::from(ambush.nth)),
            (Dial::After, kind) => microseconds(&kind.ambush()?.after),
            (Dial::Down, kind) => microseconds(&kind.ambush()?.down),
            (
                Dial::Extra,
                FaultKind::Slow { extra, .. } | FaultKind::SlowOneWay { extra, .. } | FaultKind::SlowSync { extra, .. },
            ) => microseconds(extra),
            (Dial::Percent, FaultKind::Lossy { percent, .. }) => Some(u64::from(*percent)),
            (Dial::BytesPerSecond, FaultKind::Narrow { bytes_per_second, .. }) => Some(u64::from(*bytes_per_second)),
            (Dial::Milliseconds, FaultKind::Step { milliseconds, .. } | FaultKind::Strobe { milliseconds, .. }) => {
                Some(milliseconds.unsigned_abs())
            }
            (Dial::PartsPerMillion, FaultKind::Drift { parts_per_million, .. }) => {
                Some(parts_per_million.unsigned_abs())
            }
            (Dial::Count, FaultKind::FailSync { count, .. }) => Some(u64::from(*count)),
            (Dial::Bits, FaultKind::Rot { bits, .. }) => Some(u64::from(*bits)),
            _ => None,
        }
    }

    /// Turns it, where there is one.
    fn set(self, fault: &mut Fault, value: u64) {
        let duration = Duration::from_micros(value);
        let number = u32::try_from(value).unwrap_or(u32::MAX);
        let signed = |before: i64| i64::try_from(value).unwrap_or(i64::MAX) * before.signum();
        if self == Dial::Lasts {
            fault.lasts = Lasts::For(duration);
            return;
        }
        match (self, &mut fault.kind) {
            (_, FaultKind::Ambush(ambush)) => self.set_ambush(ambush, value),
            (
                Dial::Extra,
                FaultKind::Slow { extra, .. } | FaultKind::SlowOneWay { extra, .. } | FaultKind::SlowSync { extra, .. },
            ) => *extra = duration,
            (Dial::Percent, FaultKind::Lossy { percent, .. }) => *percent = number,
            (Dial::BytesPerSecond, FaultKind::Narrow { bytes_per_second, .. }) => *bytes_per_second = number,
            (Dial::Milliseconds, FaultKind::Step { milliseconds, .. } | FaultKind::Strobe { milliseconds, .. }) => {
                *milliseconds = signed(*milliseconds);
            }
            (Dial::PartsPerMillion, FaultKind::Drift { parts_per_million, .. }) => {
                *parts_per_million = signed(*parts_per_million);
            }
            (Dial::Count, FaultKind::FailSync { count, .. }) => *count = number,
            (Dial::Bits, FaultKind::Rot { bits, .. }) => *bits = number,
            _ => {}
        }
    }

    fn set_ambush(self, ambush: &mut Ambush, value: u64) {
        match self {
            Dial::Nth => ambush.nth = u32::try_from(value).unwrap_or(u32::MAX),
            Dial::After => ambush.after = Duration::from_micros(value),
            Dial::Down => ambush.down = Duration::from_micros(value),
            _ => {}
        }
    }

    /// Nice values on which it does less harm, the simplest first.
    fn gentler(self, value: u64) -> Vec<u64> {
        let durations = || {
            let nice = nice::durations_below(Duration::from_micros(value)).into_iter();
            nice.map(|nice| u64::try_from(nice.as_micros()).unwrap_or(u64::MAX))
        };
        /// What is shorter than that is no stall, no cut, no death to speak of.
        const SHORTEST: u64 = 10_000;
        match self {
            Dial::Lasts | Dial::Down => durations().filter(|nice| *nice >= SHORTEST).collect(),
            Dial::Extra => durations().filter(|nice| *nice >= 1_000).collect(),
            Dial::After => std::iter::once(0).filter(|zero| *zero < value).chain(durations()).collect(),
            // The wider a link the gentler.
            Dial::BytesPerSecond => [20_000, 10_000, 5_000, 2_000].into_iter().filter(|nice| *nice > value).collect(),
            Dial::Nth | Dial::Percent | Dial::Milliseconds | Dial::PartsPerMillion | Dial::Count | Dial::Bits => {
                nice::numbers_below(value, 1)
            }
        }
    }

    /// Rounder values around this one, for lengths of time that people see.
    fn around(self, value: u64) -> Vec<u64> {
        match self {
            Dial::Lasts | Dial::Down => nice::durations_around(Duration::from_micros(value))
                .into_iter()
                .map(|around| u64::try_from(around.as_micros()).unwrap_or(u64::MAX))
                // By a quarter at most: a stall of 40 ms is not made one of a second.
                .filter(|around| around.abs_diff(value) * 4 <= value)
                .collect(),
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{fails_if, plan_of, shrunk_by};
    use super::*;
    use crate::schedule::{Step, Strike};

    fn fault(lasts: u64, kind: FaultKind) -> Fault {
        Fault { at: Duration::from_secs(20), lasts: Lasts::For(Duration::from_millis(lasts)), kind }
    }

    fn turned(fault: Fault, fails: impl Fn(&Fault) -> bool) -> Fault {
        let small = shrunk_by(turn_down, &plan_of(vec![fault]), |plan| fails_if(fails(&plan.schedule.faults[0]), 60));
        small.schedule.faults[0].clone()
    }

    #[test]
    fn a_fault_is_no_longer_than_it_must_be() {
        let stall = fault(17_342, FaultKind::Pause { node: "c1".into() });
        let at_least = |milliseconds| move |fault: &Fault| matches!(fault.lasts, Lasts::For(lasts) if lasts >= Duration::from_millis(milliseconds));
        assert_eq!(turned(stall.clone(), at_least(6_100)).lasts, Lasts::For(Duration::from_secs(7)));
        assert_eq!(turned(stall.clone(), |_| true).lasts, Lasts::For(Duration::from_millis(10)));
        // Nothing nice below will do: a rounder one above does.
        assert_eq!(turned(stall.clone(), at_least(17_000)).lasts, Lasts::For(Duration::from_secs(17)));
        assert_eq!(turned(stall.clone(), at_least(17_342)).lasts, Lasts::For(Duration::from_secs(18)));
        let exactly = |fault: &Fault| fault.lasts == Lasts::For(Duration::from_millis(17_342));
        assert_eq!(turned(stall.clone(), exactly), stall);
    }

    #[test]
    fn every_number_of_every_kind_is_turned() {
        let ambush = Ambush {
            strike: Strike::Isolate,
            node: "@leader".into(),
            step: Step::Fsync,
            nth: 7,
            after: Duration::from_micros(350),
            down: Duration::from_millis(3_777),
        };
        let (from, to) = (vec!["c1".to_owned()], vec!["zk1".to_owned()]);
        let (node, extra) = ("zk1".to_owned(), Duration::from_millis(431));
        for (kind, expected) in [
            (FaultKind::Ambush(ambush), "lie in wait to cut off @leader at the next `fsync` (back after 10ms)"),
            (FaultKind::Slow { from: from.clone(), to: to.clone(), extra }, "c1 and zk1 1ms slower"),
            (FaultKind::Lossy { from: from.clone(), to: to.clone(), percent: 37 }, "1 % lost between c1 and zk1"),
            (FaultKind::Narrow { from, to, bytes_per_second: 1_733 }, "20000 bytes/s between c1 and zk1"),
            (FaultKind::Step { node: node.clone(), milliseconds: -7_123 }, "step wall clock of zk1 by -1 ms"),
            (FaultKind::Drift { node: node.clone(), parts_per_million: -31_234 }, "clocks of zk1 drift by -1 ppm"),
            (FaultKind::FailSync { node: node.clone(), count: 3 }, "next 1 fsyncs of zk1 fail"),
            (FaultKind::Rot { node: node.clone(), bits: 4 }, "kill zk1, and flip a bit on its disk"),
            (FaultKind::SlowSync { node, extra }, "fsync of zk1 1ms slower"),
        ] {
            let instant = kind.is_instant();
            let small = turned(fault(if instant { 0 } else { 5_000 }, kind), |_| true);
            assert_eq!(small.kind.to_string(), expected);
            assert_eq!(small.lasts, Lasts::For(Duration::from_millis(if instant { 0 } else { 10 })), "{expected}");
        }
    }
}
