//! `ephemerals`: an ephemeral znode is there exactly as long as its owner's session.

use std::collections::BTreeMap;
use std::time::Duration;

use history::{EnsembleEvent, Event, NodeName, Record, ServiceEvent, Time};

use crate::calm::Calm;
use crate::ensemble::Leaders;
use crate::processes::life_ended;
use crate::service::Znodes;
use crate::{Monitor, Report};

/// How often overdue sessions are looked for.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// An ephemeral is gone when the close of its owner's session is applied, none is created for a closed session, and an
/// expired session is closed within the bound.
///
/// The bound is asked for only while the run is calm: no fault active, and no process or server changed since. Between
/// a session's expiry and its close a create that was already under way may still be applied: the close takes it along.
/// After the close it must not (ZOOKEEPER-1208).
///
/// In an ensemble it holds for each server by itself: none holds an ephemeral whose owner's close it has applied. What a
/// server took over with a state, another's or its own from the disk, it has not told: of that the tree's digest speaks.
/// An expiry counts only if it comes from who leads in truth: what a leader that is cut off orders never happens.
pub struct Ephemerals {
    bound: Duration,
    leaders: Leaders,
    znodes: Znodes,
    /// What each member of an ensemble has told that it holds.
    held: BTreeMap<NodeName, Znodes>,
    /// The sessions that are not closed: all that ever needs to be looked through.
    sessions: BTreeMap<i64, Session>,
    closed: BTreeMap<i64, Closed>,
    calm: Calm,
    next_look: Time,
}

enum Session {
    Open,
    Expired { at: Time, reported: bool },
}

struct Closed {
    at: Time,
    zxid: i64,
}

impl Ephemerals {
    /// The ephemerals of an expired session must be gone `bound` after its expiry.
    pub fn gone_within(bound: Duration) -> Ephemerals {
        Ephemerals {
            bound,
            leaders: Leaders::default(),
            znodes: Znodes::default(),
            held: BTreeMap::new(),
            sessions: BTreeMap::new(),
            closed: BTreeMap::new(),
            calm: Calm::default(),
            next_look: Time::ZERO,
        }
    }

    fn created(&self, record: &Record, path: &str, owner: i64, report: &mut Report) {
        let Record { at, .. } = record;
        if self.sessions.contains_key(&owner) {
            return;
        }
        let ended = match self.closed.get(&owner) {
            Some(Closed { at, .. }) => format!("whose close was applied at {at}"),
            None => "which was never opened".to_owned(),
        };
        let message = format!("{path} was created at {at} for session {owner:#x}, {ended}: it will never go");
        report.safety(self.name(), record, message);
    }

    fn closed(&mut self, record: &Record, session: i64, zxid: i64, report: &mut Report) {
        let left = self.znodes.forget_owned_by(session);
        if !left.is_empty() {
            let left = left.join(", ");
            let message =
                format!("session {session:#x} was closed at {}, and its ephemerals are still there: {left}", record.at);
            report.safety(self.name(), record, message);
        }
        self.sessions.remove(&session);
        self.closed.insert(session, Closed { at: record.at, zxid });
    }

    /// Follows what a member of an ensemble holds by its own words.
    fn holds(&mut self, record: &Record) {
        let (true, Some(node)) = (self.leaders.is_ensemble(), &record.node) else { return };
        match &record.event {
            Event::Service(ServiceEvent::Created { owner, .. }) if *owner != 0 => {
                self.held.entry(node.clone()).or_default().apply(record);
            }
            Event::Service(ServiceEvent::Deleted { .. }) => {
                if let Some(held) = self.held.get_mut(node) {
                    held.apply(record);
                }
            }
            _ => {}
        }
    }

    /// A member whose state is replaced as a whole begins anew.
    fn forgets(&mut self, record: &Record) {
        let begins =
            matches!(&record.event, Event::Ensemble(EnsembleEvent::Recovered { .. } | EnsembleEvent::Restored { .. }));
        if let (true, Some(node)) = (begins || life_ended(record).is_some(), &record.node) {
            self.held.remove(node);
        }
    }

    fn look(&mut self, now: Time, report: &mut Report) {
        for (session, state) in &mut self.sessions {
            let Session::Expired { at, reported: reported @ false } = state else { continue };
            if !self.calm.overdue(*at, self.bound, now) {
                continue;
            }
            *reported = true;
            let left: Vec<&str> =
                self.znodes.ephemerals().filter(|(_, znode)| znode.owner == *session).map(|(path, _)| path).collect();
            let left =
                if left.is_empty() { "it has no ephemerals".to_owned() } else { format!("left: {}", left.join(", ")) };
            let bound = self.bound.as_secs_f64();
            let message =
                format!("session {session:#x} expired at {at} and was not closed within {bound:.3}s of calm; {left}");
            report.liveness("ephemerals", now, None, message);
        }
    }
}

impl Monitor for Ephemerals {
    fn name(&self) -> &'static str {
        "ephemerals"
    }

    fn observe(&mut self, record: &Record, report: &mut Report) {
        if matches!(record.event, Event::Network(_)) {
            return;
        }
        // The time that passed is judged before the event that ends it: else a fault would excuse what was overdue.
        if record.at >= self.next_look {
            self.look(record.at, report);
            self.next_look = record.at + LOOK_EVERY;
        }
        self.calm.observe(record);
        self.leaders.observe(record);
        let Event::Service(event) = &record.event else { return self.forgets(record) };
        match event {
            ServiceEvent::SessionOpened { session, .. } => {
                self.sessions.entry(*session).or_insert(Session::Open);
            }
            ServiceEvent::SessionExpired { session } => {
                if !record.node.as_ref().is_some_and(|node| self.leaders.is_in_charge(node)) {
                    return;
                }
                let expired = Session::Expired { at: record.at, reported: false };
                let state = self.sessions.entry(*session).or_insert(Session::Open);
                if matches!(state, Session::Open) {
                    *state = expired;
                }
            }
            ServiceEvent::SessionClosed { session, zxid } => self.closed(record, *session, *zxid, report),
            // Whoever begins to count gives every session its full time again, also one that was about to be closed.
            ServiceEvent::Serving { .. }
                if record.node.as_ref().is_some_and(|node| self.leaders.is_in_charge(node)) =>
            {
                for session in self.sessions.values_mut() {
                    if matches!(session, Session::Expired { .. }) {
                        *session = Session::Open;
                    }
                }
            }
            ServiceEvent::Created { path, owner, .. } if *owner != 0 => self.created(record, path, *owner, report),
            _ => {}
        }
        self.znodes.apply(record);
        self.holds(record);
    }

    fn retold(&mut self, record: &Record, report: &mut Report) {
        if let (Some(node), Event::Service(ServiceEvent::SessionClosed { session, .. })) = (&record.node, &record.event)
            && let Some(held) = self.held.get_mut(node)
        {
            let left = held.forget_owned_by(*session);
            if !left.is_empty() {
                let left = left.join(", ");
                let message = format!(
                    "{node} has applied the close of session {session:#x} at {}, and still holds its ephemerals: {left}",
                    record.at
                );
                report.safety(self.name(), record, message);
            }
        }
        self.holds(record);
    }

    fn lost_above(&mut self, zxid: i64) {
        let reopened = self.closed.extract_if(.., |_, closed| closed.zxid > zxid);
        self.sessions.extend(reopened.map(|(session, _)| (session, Session::Open)));
        self.znodes.forget_above(zxid);
    }

    fn finish(&mut self, now: Time, report: &mut Report) {
        self.look(now, report);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{
        History, closed, created, deleted, delivered, established, expired, member_recovered, opened, serving, zxid,
    };
    use history::MachineEvent;

    const BOUND: Duration = Duration::from_secs(3);

    fn session_with_a_znode() -> History {
        History::new().tell("zk", serving(0)).at(1.0).tell("zk", opened(7, 6)).tell("zk", created("/e/n", 2, 7))
    }

    #[test]
    fn a_session_closes_and_its_ephemeral_stays() {
        let history = session_with_a_znode().at(2.0).tell("zk", closed(7, 3));
        history
            .judge(Ephemerals::gone_within(BOUND))
            .assert_violated_once("session 0x7 was closed at 2.000000s, and its ephemerals are still there: /e/n");
    }

    #[test]
    fn a_session_closes_and_takes_its_ephemeral_along() {
        let history = session_with_a_znode().at(2.0).tell("zk", deleted("/e/n", 3)).tell("zk", closed(7, 3)).at(30.0);
        history.judge(Ephemerals::gone_within(BOUND)).assert_clean();
    }

    #[test]
    fn a_create_after_the_close_makes_an_immortal() {
        let history = session_with_a_znode()
            .at(2.0)
            .tell("zk", deleted("/e/n", 3))
            .tell("zk", closed(7, 3))
            .tell("zk", created("/e/m", 4, 7));
        history
            .judge(Ephemerals::gone_within(BOUND))
            .assert_violated_once("/e/m was created at 2.000000s for session 0x7");
    }

    #[test]
    fn a_create_between_expiry_and_close_goes_with_the_close() {
        let history = session_with_a_znode()
            .at(2.0)
            .tell("zk", expired(7))
            .tell("zk", created("/e/m", 3, 7))
            .tell("zk", deleted("/e/m", 4))
            .tell("zk", deleted("/e/n", 4))
            .tell("zk", closed(7, 4))
            .at(30.0);
        history.judge(Ephemerals::gone_within(BOUND)).assert_clean();
    }

    #[test]
    fn an_expired_session_is_never_closed() {
        let history = session_with_a_znode().at(8.0).tell("zk", expired(7)).at(11.5);
        history.judge(Ephemerals::gone_within(BOUND)).assert_violated_once("expired at 8.000000s and was not closed");
        let in_time = session_with_a_znode().at(8.0).tell("zk", expired(7)).at(10.9);
        in_time.judge(Ephemerals::gone_within(BOUND)).assert_clean();
    }

    #[test]
    fn under_faults_and_after_a_restart_the_close_may_take_its_time() {
        let history = session_with_a_znode().at(7.0).fault(0).at(8.0).tell("zk", expired(7)).at(90.0);
        history.judge(Ephemerals::gone_within(BOUND)).assert_clean();
        history.fault_ends(0).at(94.0).judge(Ephemerals::gone_within(BOUND)).assert_violated_once("not closed within");
        let restarted = session_with_a_znode()
            .at(8.0)
            .tell("zk", expired(7))
            .machine("zk", MachineEvent::Killed)
            .at(20.0)
            .machine("zk", MachineEvent::Started)
            .tell("zk", serving(2))
            .at(90.0);
        restarted.judge(Ephemerals::gone_within(BOUND)).assert_clean();
    }

    #[test]
    fn a_server_that_holds_on_to_what_the_others_have_let_go() {
        let opens = [delivered(1, 0), opened(7, 6), delivered(2, 0), created("/e/n", 2, 7)];
        let closes = [delivered(3, 0), deleted("/e/n", 3), closed(7, 3)];
        let begun = History::new().tell("zk1", member_recovered(1, 0, 0)).each(&["zk1", "zk2"], &opens).at(2.0);
        let let_go = begun.each(&["zk1"], &closes);
        let right = let_go.clone().each(&["zk2"], &closes);
        right.judge(Ephemerals::gone_within(BOUND)).assert_clean();
        let held = let_go.each(&["zk2"], &[delivered(3, 0), closed(7, 3)]);
        held.judge(Ephemerals::gone_within(BOUND)).assert_violated_once(
            "zk2 has applied the close of session 0x7 at 2.000000s, and still holds its ephemerals: /e/n",
        );
    }

    #[test]
    fn what_a_deposed_leader_has_expired_may_live() {
        let begun = History::new()
            .tell("zk1", member_recovered(1, 0, 0))
            .tell("zk1", established(1, 0))
            .tell("zk1", serving(0))
            .each(&["zk1", "zk2"], &[delivered(zxid(1, 1), 0), opened(7, 6)]);
        let ends = |history: History, teller: &str| history.at(9.0).tell(teller, expired(7)).at(90.0);
        ends(begun.clone(), "zk1").judge(Ephemerals::gone_within(BOUND)).assert_violated_once("was not closed within");
        let deposed = begun.tell("zk2", established(2, zxid(1, 1))).tell("zk2", serving(zxid(1, 1)));
        ends(deposed.clone(), "zk1").judge(Ephemerals::gone_within(BOUND)).assert_clean();
        ends(deposed, "zk2").judge(Ephemerals::gone_within(BOUND)).assert_violated_once("was not closed within");
    }

    #[test]
    fn the_replicas_tell_the_same_story() {
        let history = session_with_a_znode()
            .tell("zk2", serving(0))
            .at(2.0)
            .tell("zk", deleted("/e/n", 3))
            .tell("zk", closed(7, 3))
            .at(3.0)
            .tell("zk2", created("/e/n", 2, 7))
            .tell("zk2", deleted("/e/n", 3))
            .tell("zk2", closed(7, 3));
        history.judge(Ephemerals::gone_within(BOUND)).assert_clean();
    }
}
