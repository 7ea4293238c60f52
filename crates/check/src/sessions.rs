//! `sessions`: a session's timeout is honoured, neither too early nor too late.

use std::collections::BTreeMap;
use std::time::Duration;

use history::{Event, NodeName, Record, ServiceEvent, Time};

use crate::clocks::Clocks;
use crate::processes::{Processes, life_ended};
use crate::{Monitor, Report};

/// A server does not expire a session before its timeout has passed since its last sign of life, nor later than one
/// tick after that; and a session that ended does not come back to life.
///
/// Time is counted as the server itself counts it, by its monotonic clock, however that was bent; a server that starts
/// to serve gives every session its full time anew. ZooKeeper sorts sessions into buckets of one tick and rounds *up*
/// (`ExpiryQueue.roundToNextInterval`): hence the tick, and hence never early. A server that is stalled, dead or out of
/// service expires nobody, and what was due meanwhile may come a slack after it is back.
pub struct Sessions {
    tick: Duration,
    slack: Duration,
    clocks: Clocks,
    processes: Processes,
    servers: BTreeMap<NodeName, Server>,
    /// The sessions that are not closed: all that ever needs to be looked through.
    sessions: BTreeMap<i64, Session>,
    closed: BTreeMap<i64, Time>,
    next_look: Time,
}

/// Servers count whole milliseconds: a session may end by this much early.
const EARLY: Duration = Duration::from_millis(1);

#[derive(Clone, Copy)]
struct Server {
    serves: bool,
    since: Time,
}

struct Session {
    timeout: Duration,
    touched: Time,
    /// The server that counts its time.
    keeper: NodeName,
    life: Life,
    /// Somebody ordered it to expire before its time.
    doomed: bool,
    /// That it is overdue was said already.
    reported: bool,
}

#[derive(Clone, Copy)]
enum Life {
    Open,
    Expired(Time),
}

impl Sessions {
    /// With the server's tick, and the slack that it needs beyond for getting the expiry under way (say 100 ms; more
    /// if an fsync can stall it).
    pub fn honoured(tick: Duration, slack: Duration) -> Sessions {
        Sessions {
            tick,
            slack,
            clocks: Clocks::default(),
            processes: Processes::default(),
            servers: BTreeMap::new(),
            sessions: BTreeMap::new(),
            closed: BTreeMap::new(),
            next_look: Time::ZERO,
        }
    }

    /// The session shows a sign of life that the server accepts.
    fn alive(&mut self, record: &Record, id: i64, timeout: Option<Duration>, what: &str, report: &mut Report) {
        let (Some(node), at) = (&record.node, record.at) else { return };
        let ended = match self.sessions.get_mut(&id) {
            None => match self.closed.get(&id) {
                Some(closed) => format!("although it was closed at {closed}"),
                None => "which was never opened".to_owned(),
            },
            Some(Session { life: Life::Expired(expired), .. }) => format!("although it expired at {expired}"),
            Some(session) => {
                session.timeout = timeout.unwrap_or(session.timeout);
                (session.touched, session.keeper, session.reported) = (at, node.clone(), false);
                return;
            }
        };
        let message = format!("{node} {what} session {id:#x} at {at}, {ended}");
        report.safety("sessions", record, message);
    }

    fn opened(&mut self, record: &Record, id: i64, timeout: Duration, report: &mut Report) {
        if self.sessions.contains_key(&id) || self.closed.contains_key(&id) {
            return self.alive(record, id, Some(timeout), "opened", report);
        }
        let Some(keeper) = record.node.clone() else { return };
        let session = Session { timeout, touched: record.at, keeper, life: Life::Open, doomed: false, reported: false };
        self.sessions.insert(id, session);
    }

    fn expired(&mut self, record: &Record, id: i64, report: &mut Report) {
        let (Some(node), at) = (&record.node, record.at) else { return };
        let Some(session) = self.sessions.get(&id) else {
            // A client's own close may overtake the expiry on its way.
            if !self.closed.contains_key(&id) {
                let message = format!("{node} expired session {id:#x} at {at}, which was never opened");
                report.safety("sessions", record, message);
            }
            return;
        };
        if !matches!(session.life, Life::Open) {
            return;
        }
        let (from, counted) = self.counted(session, node, at);
        if counted + EARLY < session.timeout && !session.doomed {
            let message = format!(
                "{node} expired session {id:#x} at {at}, {counted:?} by its own clock after {from}, when it last had \
                 to count anew: its timeout is {:?}",
                session.timeout
            );
            report.safety("sessions", record, message);
        }
        self.look_at(id, at, report);
        if let Some(session) = self.sessions.get_mut(&id) {
            session.life = Life::Expired(at);
        }
    }

    /// Since when this server counts the session's time, and how much it has counted at `now`.
    fn counted(&self, session: &Session, server: &NodeName, now: Time) -> (Time, Duration) {
        let serving = self.servers.get(server).map_or(Time::ZERO, |server| server.since);
        let from = session.touched.max(serving);
        (from, self.clocks.elapsed(server, from, now))
    }

    /// Says so if the session is overdue.
    fn look_at(&mut self, id: i64, now: Time, report: &mut Report) {
        let Some(session) = self.sessions.get(&id) else { return };
        let keeper = &session.keeper;
        if !matches!(session.life, Life::Open) || session.reported {
            return;
        }
        let serves = self.servers.get(keeper).is_none_or(|server| server.serves);
        let awake = self.processes.runs(keeper) && now.since(self.processes.since(keeper)) > self.slack;
        let (from, counted) = self.counted(session, keeper, now);
        if !serves || !awake || counted <= session.timeout + self.tick + self.slack {
            return;
        }
        let message = format!(
            "{keeper} has not expired session {id:#x} by {now}, {counted:?} by its own clock after {from}, when it last \
             counted anew: its timeout is {:?}, and the tick {:?}",
            session.timeout, self.tick
        );
        report.liveness("sessions", now, Some(keeper.clone()), message);
        if let Some(session) = self.sessions.get_mut(&id) {
            session.reported = true;
        }
    }

    fn look(&mut self, now: Time, report: &mut Report) {
        let ids: Vec<i64> = self.sessions.keys().copied().collect();
        ids.into_iter().for_each(|id| self.look_at(id, now, report));
    }

    /// The server counts all sessions' times anew from here on, and takes over those of servers that are out.
    fn serving(&mut self, node: &NodeName, at: Time) {
        self.servers.insert(node.clone(), Server { serves: true, since: at });
        for session in self.sessions.values_mut() {
            let in_service = self.servers.get(&session.keeper).is_none_or(|server| server.serves);
            if !in_service {
                session.keeper = node.clone();
            }
            // The close of an expired session was not applied: whoever serves now knows it as open.
            if let Life::Expired(_) = session.life {
                session.life = Life::Open;
            }
            // Whichever of several servers counts now has begun to no later than this.
            if session.keeper != *node {
                session.touched = session.touched.max(at);
            }
            session.doomed = false;
        }
    }
}

impl Monitor for Sessions {
    fn name(&self) -> &'static str {
        "sessions"
    }

    fn observe(&mut self, record: &Record, report: &mut Report) {
        if matches!(record.event, Event::Network(_)) {
            return;
        }
        // The time that passed is judged before the event that ends it.
        if record.at >= self.next_look {
            self.look(record.at, report);
            self.next_look = record.at + self.tick;
        }
        self.clocks.observe(record);
        self.processes.observe(record);
        if let Some(server) = life_ended(record).and_then(|node| self.servers.get_mut(node)) {
            server.serves = false;
        }
        let Event::Service(event) = &record.event else { return };
        match event {
            ServiceEvent::Serving { .. } => {
                if let Some(node) = &record.node {
                    self.serving(node, record.at);
                }
            }
            ServiceEvent::NotServing { .. } => {
                if let Some(server) = record.node.as_ref().and_then(|node| self.servers.get_mut(node)) {
                    server.serves = false;
                }
            }
            ServiceEvent::SessionOpened { session, timeout } => self.opened(record, *session, *timeout, report),
            ServiceEvent::SessionTouched { session } => self.alive(record, *session, None, "touched", report),
            ServiceEvent::SessionReattached { session, timeout } => {
                self.alive(record, *session, Some(*timeout), "reattached", report);
            }
            ServiceEvent::SessionDoomed { session } => {
                if let Some(session) = self.sessions.get_mut(session) {
                    session.doomed = true;
                }
            }
            ServiceEvent::SessionExpired { session } => self.expired(record, *session, report),
            ServiceEvent::SessionClosed { session, .. } => {
                self.sessions.remove(session);
                self.closed.entry(*session).or_insert(record.at);
            }
            _ => {}
        }
    }

    fn finish(&mut self, now: Time, report: &mut Report) {
        self.look(now, report);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{History, closed, doomed, expired, opened, opened_for, reattached, serving, touched};
    use history::{ClockEvent, MachineEvent};

    fn monitor() -> Sessions {
        Sessions::honoured(Duration::from_secs(2), Duration::from_millis(100))
    }

    fn touched_at_three_and_a_half() -> History {
        History::new().tell("zk", serving(0)).at(1.0).tell("zk", opened(7, 5)).at(3.5).tell("zk", touched(7))
    }

    #[test]
    fn rounding_up_to_the_tick_is_honest_and_rounding_down_is_not() {
        // Due at 8.5 s: the next tick is 10 s, the one before it 8 s.
        touched_at_three_and_a_half().at(10.0).tell("zk", expired(7)).judge(monitor()).assert_clean();
        touched_at_three_and_a_half().at(8.0).tell("zk", expired(7)).judge(monitor()).assert_violated_once(
            "zk expired session 0x7 at 8.000000s, 4.5s by its own clock after 3.500000s, when it last had to count \
             anew: its timeout is 5s",
        );
    }

    #[test]
    fn later_than_a_tick_is_too_late() {
        touched_at_three_and_a_half().at(10.5).tell("zk", expired(7)).judge(monitor()).assert_clean();
        let late = touched_at_three_and_a_half().at(10.7).tell("zk", expired(7));
        late.judge(monitor()).assert_violated_once("zk has not expired session 0x7 by 10.700000s");
        let never = touched_at_three_and_a_half().at(40.0);
        never.judge(monitor()).assert_violated_once("zk has not expired session 0x7");
    }

    #[test]
    fn the_server_counts_by_its_own_clock() {
        let drifts = |parts_per_million| Event::Clock(ClockEvent::Drifts { parts_per_million });
        let fast = |at| touched_at_three_and_a_half().tell("zk", drifts(250_000)).at(at).tell("zk", expired(7));
        fast(7.5).judge(monitor()).assert_clean();
        fast(7.4).judge(monitor()).assert_violated_once("4.875s by its own clock");
        let slow = touched_at_three_and_a_half().tell("zk", drifts(-500_000)).at(14.0);
        slow.judge(monitor()).assert_clean();
    }

    #[test]
    fn a_stalled_server_expires_late_but_then_soon() {
        let paused = touched_at_three_and_a_half()
            .machine("zk", MachineEvent::Paused)
            .at(60.0)
            .machine("zk", MachineEvent::Resumed);
        paused.clone().at(60.05).tell("zk", expired(7)).judge(monitor()).assert_clean();
        paused.at(60.2).judge(monitor()).assert_violated_once("has not expired");
    }

    #[test]
    fn a_server_that_starts_gives_the_full_time_again() {
        let restarted = touched_at_three_and_a_half()
            .machine("zk", MachineEvent::Killed)
            .at(60.0)
            .machine("zk", MachineEvent::Started)
            .at(61.0)
            .tell("zk", serving(1));
        restarted.clone().at(61.0).tell("zk", expired(7)).judge(monitor()).assert_violated_once("after 61.000000s");
        restarted.clone().at(66.0).tell("zk", expired(7)).judge(monitor()).assert_clean();
        restarted.at(69.0).judge(monitor()).assert_violated_once("has not expired");
    }

    #[test]
    fn another_server_takes_over() {
        let taken_over =
            touched_at_three_and_a_half().machine("zk", MachineEvent::PowerLost).at(10.0).tell("zk2", serving(1));
        taken_over.clone().at(16.0).tell("zk2", expired(7)).judge(monitor()).assert_clean();
        taken_over.at(18.0).judge(monitor()).assert_violated_once("zk2 has not expired");
    }

    #[test]
    fn no_life_after_the_end() {
        let expired_at_ten = touched_at_three_and_a_half().at(10.0).tell("zk", expired(7));
        expired_at_ten
            .clone()
            .tell("zk", touched(7))
            .judge(monitor())
            .assert_violated_once("zk touched session 0x7 at 10.000000s, although it expired at 10.000000s");
        expired_at_ten
            .tell("zk", closed(7, 3))
            .tell("zk", reattached(7, 5))
            .judge(monitor())
            .assert_violated_once("although it was closed");
    }

    #[test]
    fn an_ordered_expiry_may_come_at_any_time_and_a_closed_session_never_expires() {
        let ordered = touched_at_three_and_a_half().tell("zk", doomed(7)).tell("zk", expired(7));
        ordered.judge(monitor()).assert_clean();
        touched_at_three_and_a_half().tell("zk", closed(7, 3)).at(90.0).judge(monitor()).assert_clean();
    }

    proptest::proptest! {
        /// What ZooKeeper's buckets do is always right, and rounding the other way is found out as soon as it is
        /// early by more than the millisecond that servers may err.
        #[test]
        fn buckets_that_round_up_are_right_at_any_clock_and_those_that_round_down_are_not(
            // Touched before it would have ended without: else the long wait would be a fault by itself.
            touched_at_millis in 1_000_u64..10_000,
            timeout_millis in 10_000_u64..60_000,
            tick_millis in 200_u64..5_000,
            drift in -200_000_i64..200_000,
        ) {
            let rate = 1.0 + drift as f64 / 1e6;
            let due = touched_at_millis + timeout_millis;
            let judge = |bucket_millis: u64| {
                let true_time = |local_millis: u64| local_millis as f64 / 1e3 / rate;
                let honoured = Sessions::honoured(Duration::from_millis(tick_millis), Duration::from_millis(5));
                History::new()
                    .tell("zk", Event::Clock(ClockEvent::Drifts { parts_per_million: drift }))
                    .tell("zk", serving(0))
                    .tell("zk", opened_for(7, Duration::from_millis(timeout_millis)))
                    .at(true_time(touched_at_millis))
                    .tell("zk", touched(7))
                    .at(true_time(bucket_millis))
                    .tell("zk", expired(7))
                    .judge(honoured)
            };
            judge((due / tick_millis + 1) * tick_millis).assert_clean();
            let down = due / tick_millis * tick_millis;
            // Early by the very millisecond that is allowed: the rounding of this test's own arithmetic decides.
            proptest::prop_assume!(down + 1 != due);
            proptest::prop_assert_eq!(judge(down).is_clean(), down == due);
        }
    }
}
