//! Points of interest that follow from the history itself, beside those that processes tell with `Sometimes`.
//!
//! Each of them is a situation in which a rule could be broken. A campaign that never reached them has not tested the
//! rule: it was vacuous, however silent the monitors were.

mod ensemble;

use std::collections::BTreeMap;

use history::{
    ClientEvent, Event, FaultEvent, LeadershipEvent, MachineEvent, NetworkEvent, NodeName, Record, ResourceEvent,
    ServiceEvent,
};

use crate::clients::Clients;
use crate::processes::Processes;
use crate::reigns::Reigns;
use crate::{Monitor, Report};

pub use ensemble::{
    ENSEMBLE_LEADER_CHANGED, ENSEMBLE_LEADER_CRASHED, ENSEMBLE_LEADER_CRASHED_OUTSTANDING, EPOCHS_REPAIRED,
    FOLLOWER_CUT_OFF, QUORUM_LOST_POWER, SESSION_MOVED, SYNCHRONISED_BY_DIFF, SYNCHRONISED_BY_SNAP,
    SYNCHRONISED_BY_TRUNC, SYNCHRONISED_BY_TRUNC_AND_DIFF,
};

/// A leader was elected.
pub const LEADER_ELECTED: &str = "leader elected";
/// A leader came after another, on another node.
pub const FAILOVER: &str = "failover";
/// A leader gave up while its process lived: it noticed that things had changed.
pub const LEADER_DEPOSED_ALIVE: &str = "leader deposed while its process lived";
/// A deposed leader of former times was elected again.
pub const FORMER_LEADER_ELECTED_AGAIN: &str = "former leader elected again";
/// A leader's process was stalled.
pub const LEADER_PAUSED: &str = "leader paused";
/// A leader's process was killed, or its machine lost power.
pub const LEADER_KILLED: &str = "leader killed";
/// A link from or to a leader was cut.
pub const LEADER_CUT_OFF: &str = "leader cut off";
/// A leader's clock was bent.
pub const LEADER_CLOCK_BENT: &str = "leader's clock bent";
/// A fenced resource refused an act of an older term.
pub const STALE_ACT_REFUSED: &str = "act of a deposed leader refused";
/// The service expired a session whose client was alive.
pub const EXPIRED_WHILE_CLIENT_LIVED: &str = "session expired while its client lived";
/// The service expired the session of a node that believed to lead.
pub const EXPIRED_WHILE_LEADING: &str = "session expired while its client led";
/// A client found its session gone by its own clock.
pub const EXPIRED_LOCALLY: &str = "session expired by the client's own clock";
/// A session went on over a new connection.
pub const RECONNECTED: &str = "session went on over a new connection";
/// A watch fired.
pub const WATCH_FIRED: &str = "watch fired";
/// A watch fired on a session that had reconnected before.
pub const WATCH_FIRED_AFTER_RECONNECT: &str = "watch fired after a reconnect";
/// A call got no answer: its write may have happened.
pub const UNANSWERED: &str = "call left without an answer";
/// A server came back with transactions from its disk.
pub const RECOVERED: &str = "server recovered from its disk";
/// A disk lost what was not fsynced.
pub const DISK_LOST: &str = "disk lost what was not fsynced";
/// Two nodes believed at once that they lead, where the strategy does not promise otherwise.
pub const BELIEF_OVERLAPPED: &str = "belief overlapped, as it may";
/// A resource accepted a stale act, where the strategy does not promise otherwise.
pub const STALE_ACT_ACCEPTED: &str = "act of a deposed leader accepted, as it may be";
/// A term did not increase, where the strategy does not promise otherwise.
pub const ORDER_BROKEN: &str = "terms out of order, as they may be";
/// No leader came in time, or one went without a fault, where the strategy does not promise otherwise.
pub const FAILOVER_MISSED: &str = "no leader in time, as it may be";
/// A leader stepped down for a moment and went on under its term.
pub const REELECTED_UNDER_THE_SAME_TERM: &str = "leader elected again under its term";
/// The run ended before the failover bound, so that nothing can be said of it.
pub const FAILOVER_NOT_JUDGED: &str = "run ended before the failover bound";
/// The run ended before the bound for servers to serve again, so that nothing can be said of those that did not.
pub const RESTART_NOT_JUDGED: &str = "run ended before the restart bound";
/// The run ended before the bound for everybody to be answered.
pub const PROGRESS_NOT_JUDGED: &str = "run ended before the progress bound";
/// The history of calls was checked, and is linearizable.
pub const LINEARIZABLE: &str = "history is linearizable";
/// Whether the history of calls is linearizable was not known when the budget of states was spent.
pub const NOT_DECIDED: &str = "history not decided within its budget";
/// A parent's sequence numbers passed the highest and went on with the lowest.
pub const SEQUENCE_WRAPPED: &str = "sequence number wrapped around";
/// A server's history went back because of a rotten disk.
pub const HISTORY_ROTTED: &str = "history lost to a rotten disk";
/// A task came in.
pub const TASK_SUBMITTED: &str = "task submitted";
/// A task was done, for the first time.
pub const TASK_DONE: &str = "task done";
/// A task was done that had been done before: at least once is what is promised.
pub const TASK_DONE_AGAIN: &str = "task done again";
/// A task that came in was not done when the run ended.
pub const TASK_NOT_DONE: &str = "task not done when the run ended";
/// A task was accepted by another worker than the last that had accepted it.
pub const TASK_REASSIGNED: &str = "task reassigned to another worker";
/// A worker refused what a deposed leader assigned.
pub const STALE_ASSIGNMENT_REFUSED: &str = "assignment of a deposed leader refused";
/// Who had led before took on a task from another leader.
pub const FORMER_LEADER_WORKED: &str = "former leader worked for its successor";

/// Counts the points above, `fault: FAMILY` for every fault that began, and whatever processes tell with `Sometimes`.
#[derive(Default)]
pub struct Sometimes {
    processes: Processes,
    reigns: Reigns,
    clients: Clients,
    ensemble: ensemble::Ensemble,
    last_leader: Option<NodeName>,
    leaders: BTreeMap<NodeName, u64>,
}

impl Sometimes {
    /// Nothing counted yet.
    pub fn new() -> Sometimes {
        Sometimes::default()
    }

    fn leadership(&mut self, record: &Record, event: &LeadershipEvent, report: &mut Report) {
        let Some(node) = &record.node else { return };
        match event {
            LeadershipEvent::Elected { .. } => {
                report.sometimes(LEADER_ELECTED);
                if self.last_leader.as_ref().is_some_and(|last| last != node) {
                    report.sometimes(FAILOVER);
                    if self.leaders.contains_key(node) {
                        report.sometimes(FORMER_LEADER_ELECTED_AGAIN);
                    }
                }
                *self.leaders.entry(node.clone()).or_default() += 1;
                self.last_leader = Some(node.clone());
            }
            LeadershipEvent::Deposed { term, .. } if self.reigns.believes_under(node, *term) => {
                report.sometimes(LEADER_DEPOSED_ALIVE);
            }
            _ => {}
        }
    }

    fn service(&self, event: &ServiceEvent, report: &mut Report) {
        match event {
            ServiceEvent::SessionExpired { session } => {
                let Some(client) = self.clients.get(*session) else { return };
                report.sometimes(EXPIRED_WHILE_CLIENT_LIVED);
                if self.reigns.believes(&client.node) {
                    report.sometimes(EXPIRED_WHILE_LEADING);
                }
            }
            ServiceEvent::Recovered { zxid, .. } if *zxid > 0 => report.sometimes(RECOVERED),
            _ => {}
        }
    }

    fn client(&self, event: &ClientEvent, report: &mut Report) {
        match event {
            ClientEvent::Connected { session, .. } if self.clients.get(*session).is_some() => {
                report.sometimes(RECONNECTED);
            }
            ClientEvent::Notified { session, what, .. } if what.starts_with("Node") => {
                report.sometimes(WATCH_FIRED);
                if self.clients.get(*session).is_some_and(|client| client.connections > 1) {
                    report.sometimes(WATCH_FIRED_AFTER_RECONNECT);
                }
            }
            ClientEvent::SessionExpired { locally: true, .. } => report.sometimes(EXPIRED_LOCALLY),
            ClientEvent::Unanswered { .. } => report.sometimes(UNANSWERED),
            _ => {}
        }
    }

    fn leads(&self, node: Option<&NodeName>) -> bool {
        node.is_some_and(|node| self.reigns.believes(node))
    }
}

impl Monitor for Sometimes {
    fn name(&self) -> &'static str {
        "sometimes"
    }

    fn observe(&mut self, record: &Record, report: &mut Report) {
        match &record.event {
            Event::Network(NetworkEvent::Delivered { .. }) => return,
            Event::Network(NetworkEvent::Cut { from, to }) if self.leads(Some(from)) || self.leads(Some(to)) => {
                report.sometimes(LEADER_CUT_OFF);
            }
            Event::Machine(event) if self.leads(record.node.as_ref()) => match event {
                MachineEvent::Paused => report.sometimes(LEADER_PAUSED),
                MachineEvent::Killed | MachineEvent::PowerLost => report.sometimes(LEADER_KILLED),
                _ => {}
            },
            Event::Clock(_) if self.leads(record.node.as_ref()) => report.sometimes(LEADER_CLOCK_BENT),
            Event::Disk(history::DiskEvent::Lost { .. }) => report.sometimes(DISK_LOST),
            Event::Fault(FaultEvent::Begins { family, .. }) => report.sometimes(&format!("fault: {family}")),
            Event::Leadership(event) => self.leadership(record, event, report),
            Event::Resource(ResourceEvent::Refused { term, highest, .. }) if term < highest => {
                report.sometimes(STALE_ACT_REFUSED);
            }
            Event::Service(event) => self.service(event, report),
            Event::Client(event) => self.client(event, report),
            Event::Sometimes(point) => report.sometimes(point),
            _ => {}
        }
        self.ensemble.observe(record, report);
        self.processes.observe(record);
        self.reigns.observe(record);
        self.clients.observe(record);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{History, connected, deposed, disconnected, elected, expired, notified, refused};

    #[test]
    fn a_failover_after_a_pause_reaches_its_points() {
        let history = History::new()
            .tell("a", connected(1))
            .tell("a", elected(1))
            .fault(0)
            .machine("a", MachineEvent::Paused)
            .tell("zk", expired(1))
            .tell("b", elected(2))
            .machine("a", MachineEvent::Resumed)
            .tell("store", refused(1, 2, "a"))
            .tell("a", deposed(1))
            .world(Event::Sometimes("told".into()));
        let report = history.judge(Sometimes::new());
        let points: Vec<(&str, u64)> = report.counters().iter().collect();
        assert_eq!(
            points,
            [
                (STALE_ACT_REFUSED, 1),
                (FAILOVER, 1),
                ("fault: partition", 1),
                (LEADER_DEPOSED_ALIVE, 1),
                (LEADER_ELECTED, 2),
                (LEADER_PAUSED, 1),
                (EXPIRED_WHILE_LEADING, 1),
                (EXPIRED_WHILE_CLIENT_LIVED, 1),
                ("told", 1),
            ]
        );
    }

    #[test]
    fn the_death_of_a_follower_or_of_a_client_reaches_none() {
        let history = History::new()
            .tell("a", connected(1))
            .tell("a", elected(1))
            .machine("b", MachineEvent::Paused)
            .machine("c", MachineEvent::Killed)
            .tell("a", notified(1, "/x", "NodeDeleted"))
            .machine("a", MachineEvent::Exited)
            .tell("zk", expired(1));
        let report = history.judge(Sometimes::new());
        let points: Vec<(&str, u64)> = report.counters().iter().collect();
        assert_eq!(points, [(LEADER_ELECTED, 1), (WATCH_FIRED, 1)]);
    }

    #[test]
    fn a_watch_that_fires_after_a_reconnect() {
        let history = History::new()
            .tell("a", connected(1))
            .tell("a", disconnected(1))
            .tell("a", connected(1))
            .tell("a", notified(1, "/x", "NodeDeleted"));
        let report = history.judge(Sometimes::new());
        assert_eq!(report.counters().of(RECONNECTED), 1);
        assert_eq!(report.counters().of(WATCH_FIRED_AFTER_RECONNECT), 1);
    }
}
