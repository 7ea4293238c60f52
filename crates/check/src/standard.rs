//! The monitors that every run of the service, and every run of an election on it, should have.

use std::time::Duration;

use crate::{
    Assignments, Belief, Digest, Durability, Effect, Ephemerals, Epochs, Failover, Judged, Monitors, Order, Restart,
    Sequence, SessionKept, Sessions, Sometimes, WatchLost, WatchOrder, Zab, ZxidMonotone,
};

/// How soon things must happen. All of it follows from session timeouts, ticks, clocks and latencies: it is for the
/// runner to derive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// From the beginning of the liveness phase to a leader.
    pub failover: Duration,
    /// Whether leaders hand over by themselves.
    pub rotates: bool,
    /// The server's tick.
    pub tick: Duration,
    /// What the server may need beyond the tick to get an expiry under way.
    pub slack: Duration,
    /// From a session's expiry to its close.
    pub close: Duration,
    /// From a change to the notification of who watches it; more than the longest session timeout.
    pub notification: Duration,
    /// From the beginning of the liveness phase, or from a later start, until every server of the ensemble that runs
    /// serves again: what a member needs to notice that it lost its leader or its quorum, and an election, and a
    /// synchronisation. Nothing where there is no ensemble: a lone server's return is part of `failover`.
    ///
    /// It is also added to the bounds of whatever is asked for in calm: a leader that is cut off when the faults end orders what never
    /// happens, and a follower serves what is old, until they notice.
    pub restart: Option<Duration>,
    /// From the beginning of the liveness phase, or from when it came in, until a task is done; nothing where that is
    /// promised of none.
    pub tasks: Option<Duration>,
}

impl Monitors {
    /// All monitors of an election on the service.
    pub fn standard(judged: Judged, bounds: Bounds) -> Monitors {
        let failover = Failover::within(bounds.failover).promised(judged.failover);
        Monitors::of_service(bounds)
            .with(Belief::promised(judged.belief))
            .with(Effect::promised(judged.effect))
            .with(Order::promised(judged.order))
            .with(Assignments::promised(bounds.tasks))
            .with(if bounds.rotates { failover.rotating() } else { failover })
    }

    /// All monitors of the service itself.
    pub fn of_service(bounds: Bounds) -> Monitors {
        let notices = bounds.restart.unwrap_or_default();
        let monitors = Monitors::new()
            .with(Ephemerals::gone_within(bounds.close + notices))
            .with(Sequence::new())
            .with(Sessions::honoured(bounds.tick, bounds.slack))
            .with(SessionKept::in_calm_of(bounds.tick + bounds.slack + notices))
            .with(WatchOrder::new())
            .with(WatchLost::told_within(bounds.notification + notices))
            .with(ZxidMonotone::new())
            .with(Durability::new())
            .with(Zab::new())
            .with(Digest::new())
            .with(Epochs::new())
            .with(Sometimes::new());
        match bounds.restart {
            Some(restart) => monitors.with(Restart::within(restart)),
            None => monitors,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Promises;
    use std::collections::BTreeSet;

    #[test]
    fn no_two_monitors_share_a_name() {
        let second = Duration::from_secs(1);
        let bounds = Bounds {
            failover: 20 * second,
            rotates: false,
            tick: 2 * second,
            slack: second,
            close: 3 * second,
            notification: 10 * second,
            restart: Some(10 * second),
            tasks: Some(10 * second),
        };
        let names = Monitors::standard(Promises::all().judged_under(["pause"]).unwrap(), bounds).names();
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
        assert_eq!(names.len(), 18);
    }
}
