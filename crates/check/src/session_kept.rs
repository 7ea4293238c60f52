//! `session-kept`: the session of a client that is connected does not expire.

use std::collections::BTreeMap;
use std::time::Duration;

use history::{Event, Record, ServiceEvent, Time};

use crate::calm::Calm;
use crate::clients::Clients;
use crate::ensemble::Leaders;
use crate::processes::Processes;
use crate::{Monitor, Report};

/// While the run is calm, the service expires no session whose client has been connected and awake for as long as its
/// timeout: a client that is connected gives signs of life, and whichever server it gives them to, they count.
///
/// Under faults it may well happen: a follower that is cut off answers its clients' pings by itself, and the leader hears
/// none of it. So it is judged once the calm has lasted longer than the session's timeout and what is granted beyond: a
/// tick for the bucket, and in an ensemble the time that a member needs to notice that it is cut off. Clients are taken
/// to ping as ZooKeeper's do.
pub struct SessionKept {
    beyond: Duration,
    clients: Clients,
    processes: Processes,
    leaders: Leaders,
    calm: Calm,
    /// The sessions that are not closed, and the longest timeout they were ever granted.
    timeouts: BTreeMap<i64, Duration>,
}

impl SessionKept {
    /// Calm is what lasts for `beyond` a session's timeout.
    pub fn in_calm_of(beyond: Duration) -> SessionKept {
        SessionKept {
            beyond,
            clients: Clients::default(),
            processes: Processes::default(),
            leaders: Leaders::default(),
            calm: Calm::default(),
            timeouts: BTreeMap::new(),
        }
    }

    fn expired(&self, record: &Record, session: i64, report: &mut Report) {
        let (Some(server), Some(client)) = (&record.node, self.clients.get(session)) else { return };
        let (Some(connected), Some(timeout)) = (client.connected, self.timeouts.get(&session)) else { return };
        let awake_since = connected.max(self.processes.since(&client.node));
        if !self.processes.runs(&client.node)
            || record.at < awake_since + *timeout
            || !self.leaders.is_in_charge(server)
            || !self.calm.overdue(Time::ZERO, *timeout + self.beyond, record.at)
        {
            return;
        }
        let (node, at) = (&client.node, record.at);
        let message = format!(
            "{server} expired session {session:#x} at {at}, although its client {node} is connected since {connected} \
             and nothing disturbed the run"
        );
        report.safety(self.name(), record, message);
    }
}

impl Monitor for SessionKept {
    fn name(&self) -> &'static str {
        "session-kept"
    }

    fn observe(&mut self, record: &Record, report: &mut Report) {
        match &record.event {
            Event::Network(_) => return,
            Event::Service(ServiceEvent::SessionOpened { session, timeout }) => {
                self.timeouts.insert(*session, *timeout);
            }
            Event::Service(ServiceEvent::SessionReattached { session, timeout }) => {
                if let Some(granted) = self.timeouts.get_mut(session) {
                    *granted = (*granted).max(*timeout);
                }
            }
            Event::Service(ServiceEvent::SessionDoomed { session } | ServiceEvent::SessionClosed { session, .. }) => {
                self.timeouts.remove(session);
            }
            Event::Service(ServiceEvent::SessionExpired { session }) => self.expired(record, *session, report),
            _ => {}
        }
        self.clients.observe(record);
        self.processes.observe(record);
        self.leaders.observe(record);
        self.calm.observe(record);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{History, connected, disconnected, doomed, established, expired, opened, serving};
    use history::MachineEvent;

    fn connected_to_a_follower() -> History {
        History::new()
            .tell("zk1", established(1, 0))
            .each(&["zk1", "zk2"], &[serving(0)])
            .tell("zk1", opened(7, 6))
            .tell("a", connected(7))
    }

    fn judge(history: &History) -> Report {
        history.judge(SessionKept::in_calm_of(Duration::from_secs(4)))
    }

    #[test]
    fn a_follower_never_relays_the_signs_of_life() {
        judge(&connected_to_a_follower().at(11.0).tell("zk1", expired(7))).assert_violated_once(
            "zk1 expired session 0x7 at 11.000000s, although its client a is connected since 0.000000s and nothing \
             disturbed the run",
        );
    }

    #[test]
    fn a_session_that_is_younger_than_the_calm() {
        let late = |connects: f64| {
            let begun = History::new().tell("zk1", established(1, 0)).tell("zk1", serving(0)).at(90.0);
            let connected = begun.tell("zk1", opened(7, 6)).at(connects).tell("a", connected(7));
            judge(&connected.at(98.0).tell("zk1", expired(7)))
        };
        late(91.0).assert_violated_once("session-kept");
        late(93.0).assert_clean();
    }

    #[test]
    fn it_may_happen_to_who_is_away_asleep_or_disturbed() {
        let ends = |history: History| judge(&history.at(11.0).tell("zk1", expired(7))).assert_clean();
        ends(connected_to_a_follower().tell("a", disconnected(7)));
        ends(connected_to_a_follower().machine("a", MachineEvent::Paused));
        ends(connected_to_a_follower().fault(0).at(8.0).fault_ends(0));
        ends(connected_to_a_follower().at(8.0).tell("zk2", serving(0)));
        ends(connected_to_a_follower().tell("zk1", doomed(7)));
        ends(connected_to_a_follower().tell("zk2", established(2, 0)));
    }
}
