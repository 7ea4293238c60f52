//! `sessions`: a session's timeout is honoured, neither too early nor too late.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::time::Duration;

use history::{EnsembleEvent, Event, NodeName, Record, ServiceEvent, Time};

use crate::clocks::Clocks;
use crate::ensemble::Leaders;
use crate::processes::{Processes, life_ended};
use crate::{Monitor, Report};

/// A server does not expire a session before its timeout has passed since its last sign of life, nor later than one
/// tick after that; and a session that ended does not come back to life.
///
/// Who counts a session's time is its *keeper*: a lone server, or the leader of an ensemble, from its `Serving` on. Time
/// is counted as the keeper itself counts it, by its monotonic clock, however that was bent; a server that starts to keep
/// gives every session its full time anew, and the timeout with which it was opened. ZooKeeper sorts sessions into
/// buckets of one tick and rounds *up* (`ExpiryQueue.roundToNextInterval`): hence the tick, and hence never early. A
/// server that is stalled, dead or out of service expires nobody, and what was due meanwhile may come a slack after it is
/// back.
///
/// A leader that is cut off keeps on until it notices, beside the one that has taken its place. Each is judged by what it
/// was told and has told itself; what the old one has expired the new one may well know as alive.
pub struct Sessions {
    tick: Duration,
    slack: Duration,
    clocks: Clocks,
    processes: Processes,
    leaders: Leaders,
    /// The sessions that are not closed, with the timeouts they were opened with.
    open: BTreeMap<i64, Duration>,
    closed: BTreeMap<i64, Time>,
    keepers: BTreeMap<NodeName, Kept>,
    next_look: Time,
}

/// Servers count whole milliseconds: a session may end by this much early.
const EARLY: Duration = Duration::from_millis(1);

/// The sessions whose time a server counts.
type Kept = BTreeMap<i64, Session>;

struct Session {
    timeout: Duration,
    touched: Time,
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
    /// Its client closes it.
    Closing(Time),
}

impl Session {
    fn new(timeout: Duration, touched: Time) -> Session {
        Session { timeout, touched, life: Life::Open, doomed: false, reported: false }
    }
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
            leaders: Leaders::default(),
            open: BTreeMap::new(),
            closed: BTreeMap::new(),
            keepers: BTreeMap::new(),
            next_look: Time::ZERO,
        }
    }

    /// The session shows a sign of life that the server accepts.
    fn alive(&mut self, record: &Record, id: i64, timeout: Option<Duration>, what: &str, report: &mut Report) {
        let (Some(node), at) = (&record.node, record.at) else { return };
        let keeper = self.keepers.get_mut(node);
        // Of a leader whom another had replaced before it began to serve nothing is known.
        if keeper.is_none() && self.leaders.is_ensemble() {
            return;
        }
        let ended = match keeper.and_then(|kept| kept.get_mut(&id)) {
            Some(Session { life: Life::Expired(expired), .. }) => format!("although it expired at {expired}"),
            Some(Session { life: Life::Closing(closing), .. }) => format!("although its close began at {closing}"),
            Some(session) => {
                session.timeout = timeout.unwrap_or(session.timeout);
                (session.touched, session.reported) = (at, false);
                return;
            }
            None if self.open.contains_key(&id) => return,
            None => match self.closed.get(&id) {
                Some(closed) => format!("although it was closed at {closed}"),
                None => "which was never opened".to_owned(),
            },
        };
        let message = format!("{node} {what} session {id:#x} at {at}, {ended}");
        report.safety("sessions", record, message);
    }

    fn opened(&mut self, record: &Record, id: i64, timeout: Duration, report: &mut Report) {
        if self.closed.contains_key(&id) {
            return self.alive(record, id, Some(timeout), "opened", report);
        }
        self.open.insert(id, timeout);
        self.kept(record, id, timeout);
    }

    /// The session's time begins at its keeper when the keeper itself applies that it was opened.
    fn kept(&mut self, record: &Record, id: i64, timeout: Duration) {
        if let Some(kept) = record.node.as_ref().and_then(|node| self.keepers.get_mut(node)) {
            kept.insert(id, Session::new(timeout, record.at));
        }
    }

    /// And it ends there when the keeper itself applies that it was closed.
    fn dropped(&mut self, record: &Record, id: i64) {
        if let Some(kept) = record.node.as_ref().and_then(|node| self.keepers.get_mut(node)) {
            kept.remove(&id);
        }
    }

    fn expired(&mut self, record: &Record, id: i64, report: &mut Report) {
        let (Some(node), at) = (&record.node, record.at) else { return };
        let Some(kept) = self.keepers.get(node) else { return };
        let Some(session) = kept.get(&id) else {
            // A client's own close may overtake the expiry on its way.
            if !self.closed.contains_key(&id) && !self.open.contains_key(&id) {
                let message = format!("{node} expired session {id:#x} at {at}, which was never opened");
                report.safety("sessions", record, message);
            }
            return;
        };
        if !matches!(session.life, Life::Open) {
            return;
        }
        let (from, counted) = (session.touched, self.clocks.elapsed(node, session.touched, at));
        if counted + EARLY < session.timeout && !session.doomed {
            let message = format!(
                "{node} expired session {id:#x} at {at}, {counted:?} by its own clock after {from}, when it last had \
                 to count anew: its timeout is {:?}",
                session.timeout
            );
            report.safety("sessions", record, message);
        }
        self.look(at, Some((node, id)), report);
        if let Some(session) = self.keepers.get_mut(node).and_then(|kept| kept.get_mut(&id)) {
            session.life = Life::Expired(at);
        }
    }

    /// The keeper counts its time no more.
    fn closing(&mut self, record: &Record, id: i64) {
        let kept = record.node.as_ref().and_then(|node| self.keepers.get_mut(node));
        if let Some(session) = kept.and_then(|kept| kept.get_mut(&id))
            && matches!(session.life, Life::Open)
        {
            session.life = Life::Closing(record.at);
        }
    }

    /// Says which sessions are overdue: of all, or whether this one of one keeper's is.
    fn look(&mut self, now: Time, only: Option<(&NodeName, i64)>, report: &mut Report) {
        let Sessions { tick, slack, clocks, processes, keepers, .. } = self;
        for (node, kept) in keepers {
            let awake = processes.runs(node) && now.since(processes.since(node)) > *slack;
            if !awake || only.is_some_and(|(only, _)| only != node) {
                continue;
            }
            let sessions = match only {
                Some((_, id)) => kept.range_mut(id..=id),
                None => kept.range_mut(..),
            };
            for (id, session) in sessions {
                if !matches!(session.life, Life::Open) || session.reported {
                    continue;
                }
                let counted = clocks.elapsed(node, session.touched, now);
                if counted <= session.timeout + *tick + *slack {
                    continue;
                }
                session.reported = true;
                let message = format!(
                    "{node} has not expired session {id:#x} by {now}, {counted:?} by its own clock after {}, when it \
                     last counted anew: its timeout is {:?}, and the tick {tick:?}",
                    session.touched, session.timeout
                );
                report.liveness("sessions", now, Some(node.clone()), message);
            }
        }
    }

    /// A lone server, or the leader of an ensemble, counts all sessions' times anew from here on.
    fn serving(&mut self, node: &NodeName, at: Time) {
        if !self.leaders.is_in_charge(node) {
            return;
        }
        let kept = self.open.iter().map(|(id, timeout)| (*id, Session::new(*timeout, at))).collect();
        self.keepers.insert(node.clone(), kept);
    }

    fn lives(&mut self, record: &Record) {
        self.clocks.observe(record);
        self.processes.observe(record);
        self.leaders.observe(record);
        let ends = life_ended(record).is_some()
            || matches!(
                &record.event,
                Event::Service(ServiceEvent::NotServing { .. }) | Event::Ensemble(EnsembleEvent::Resigned { .. })
            );
        if let (true, Some(node)) = (ends, &record.node) {
            self.keepers.remove(node);
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
            self.look(record.at, None, report);
            self.next_look = record.at + self.tick;
        }
        self.lives(record);
        let Event::Service(event) = &record.event else { return };
        match event {
            ServiceEvent::Serving { .. } => {
                if let Some(node) = &record.node {
                    self.serving(node, record.at);
                }
            }
            ServiceEvent::SessionOpened { session, timeout } => self.opened(record, *session, *timeout, report),
            ServiceEvent::SessionTouched { session } => self.alive(record, *session, None, "touched", report),
            ServiceEvent::SessionReattached { session, timeout } => {
                self.alive(record, *session, Some(*timeout), "reattached", report);
            }
            ServiceEvent::SessionDoomed { session } => {
                let kept = self.keepers.values_mut().filter_map(|kept| kept.get_mut(session));
                kept.for_each(|session| session.doomed = true);
            }
            ServiceEvent::SessionExpired { session } => self.expired(record, *session, report),
            ServiceEvent::SessionClosing { session } => self.closing(record, *session),
            ServiceEvent::SessionClosed { session, .. } => {
                self.open.remove(session);
                self.closed.entry(*session).or_insert(record.at);
                self.dropped(record, *session);
            }
            _ => {}
        }
    }

    fn retold(&mut self, record: &Record, _: &mut Report) {
        match &record.event {
            Event::Service(ServiceEvent::SessionOpened { session, timeout }) => self.kept(record, *session, *timeout),
            Event::Service(ServiceEvent::SessionClosed { session, .. }) => self.dropped(record, *session),
            _ => {}
        }
    }

    fn finish(&mut self, now: Time, report: &mut Report) {
        self.look(now, None, report);
    }
}
