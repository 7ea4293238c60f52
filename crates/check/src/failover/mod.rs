//! `failover`: when the faults are over a leader comes within the bound, and stays.

mod pending;

use std::time::Duration;

use history::{Event, LeadershipEvent, NodeName, Phase, Record, Time};

use crate::processes::Processes;
use crate::reigns::Reigns;
use crate::sometimes::{FAILOVER_MISSED, FAILOVER_NOT_JUDGED};
use crate::{Monitor, Report};

use pending::Pending;

/// From the beginning of the liveness phase on some node on a live, unstalled process must believe within `bound` that
/// it leads; and after the bound there must be a leader at every instant. If not, the violation says what is pending.
///
/// The bound is for the runner to derive: session timeout, one tick, clock bounds, latency.
///
/// It also measures *interregna*, in both phases: the time from when no live leader is left (deposed, dead, stalled) to
/// the next election. A leader that is stalled and comes back before another is elected makes no interregnum. Neither
/// does a leader that believes on while another is elected: that is the business of `single-leader/belief`.
pub struct Failover {
    bound: Duration,
    is_promised: bool,
    rotates: bool,
    processes: Processes,
    reigns: Reigns,
    pending: Pending,
    /// Since when there is no leader, if there ever was one.
    vacant: Option<Time>,
    leader_exists: bool,
    deadline: Option<Time>,
}

impl Failover {
    /// A leader must exist `bound` after the liveness phase began, and from then on.
    pub fn within(bound: Duration) -> Failover {
        Failover {
            bound,
            is_promised: true,
            rotates: false,
            processes: Processes::default(),
            reigns: Reigns::default(),
            pending: Pending::default(),
            vacant: None,
            leader_exists: false,
            deadline: None,
        }
    }

    /// For strategies whose leaders hand over by themselves: a leader may go at any time, and the next one must come
    /// within the same bound.
    pub fn rotating(mut self) -> Failover {
        self.rotates = true;
        self
    }

    /// Whether it is promised. If not, what is missed is counted and not reported.
    pub fn promised(mut self, is_promised: bool) -> Failover {
        self.is_promised = is_promised;
        self
    }

    fn miss(&self, at: Time, node: Option<NodeName>, message: String, report: &mut Report) {
        if self.is_promised {
            report.liveness(self.name(), at, node, message);
        } else {
            report.sometimes(FAILOVER_MISSED);
        }
    }

    fn is_led(&self) -> bool {
        self.reigns.nodes().any(|node| self.processes.runs(node))
    }

    fn check_deadline(&mut self, now: Time, report: &mut Report) {
        let Some(deadline) = self.deadline.filter(|deadline| now > *deadline && !self.leader_exists) else { return };
        // Said once: who elected nobody in time is not judged any further.
        self.deadline = None;
        let bound = self.bound.as_secs_f64();
        let pending = self.pending.describe(&self.processes, &self.reigns);
        let message =
            format!("no live leader at {deadline}, {bound:.3}s after one was due to come; pending: {pending}");
        self.miss(deadline, None, message, report);
    }

    fn follow(&mut self, record: &Record, report: &mut Report) {
        let led = self.is_led();
        if led == self.leader_exists {
            return;
        }
        self.leader_exists = led;
        if !led {
            self.vacant = Some(record.at);
            match self.deadline {
                Some(deadline) if record.at > deadline && !self.rotates => {
                    let cause = cause(record);
                    let message = format!("the leader was lost at {} although no fault is left: {cause}", record.at);
                    self.miss(record.at, record.node.clone(), message, report);
                    self.deadline = Some(record.at + self.bound);
                }
                Some(deadline) => self.deadline = Some(deadline.max(record.at + self.bound)),
                None => {}
            }
        } else if let Some(vacant) = self.vacant.take()
            && matches!(record.event, Event::Leadership(LeadershipEvent::Elected { .. }))
        {
            report.interregnum(record.at.since(vacant));
        }
    }
}

/// Why a leader was lost, in words.
fn cause(record: &Record) -> String {
    let node = record.node.as_deref().unwrap_or("the world");
    match &record.event {
        Event::Leadership(LeadershipEvent::Deposed { term, reason }) => {
            format!("{node} stepped down from term {term} ({reason})")
        }
        Event::Machine(event) => format!("the process on {node} {event:?}").to_lowercase(),
        _ => format!("by an event on {node}"),
    }
}

impl Monitor for Failover {
    fn name(&self) -> &'static str {
        "failover"
    }

    fn observe(&mut self, record: &Record, report: &mut Report) {
        self.check_deadline(record.at, report);
        match &record.event {
            Event::Network(_) | Event::Sometimes(_) => return,
            Event::Phase(Phase::Liveness) => self.deadline = Some(record.at + self.bound),
            _ => {}
        }
        self.processes.observe(record);
        self.reigns.observe(record);
        self.pending.observe(record);
        self.follow(record, report);
    }

    fn patience(&self) -> Duration {
        self.bound
    }

    fn lost_above(&mut self, zxid: i64) {
        self.pending.lost_above(zxid);
    }

    fn finish(&mut self, now: Time, report: &mut Report) {
        if self.deadline.is_some_and(|deadline| now <= deadline) && !self.leader_exists {
            report.sometimes(FAILOVER_NOT_JUDGED);
        }
        self.check_deadline(now, report);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{History, connected, created, deposed, disconnected, elected, expired, opened};
    use history::MachineEvent;

    const BOUND: Duration = Duration::from_secs(10);

    fn waiting(path: &str, on: &str) -> [Event; 2] {
        [
            Event::Leadership(LeadershipEvent::Candidate { path: path.into() }),
            Event::Leadership(LeadershipEvent::Waiting { on: on.into() }),
        ]
    }

    #[test]
    fn nobody_leads_and_the_message_says_what_is_pending() {
        let [candidate, waits] = waiting("/e/n-2", "/e/n-1");
        let history = History::new()
            .machine("a", MachineEvent::Started)
            .machine("b", MachineEvent::Started)
            .machine("c", MachineEvent::Started)
            .tell("zk", opened(1, 6))
            .tell("zk", opened(2, 6))
            .tell("zk", created("/e/n-1", 4, 1))
            .tell("zk", created("/e/n-2", 5, 2))
            .tell("a", connected(1))
            .tell("b", connected(2))
            .tell("b", candidate)
            .tell("b", waits)
            .at(5.0)
            .machine("a", MachineEvent::Killed)
            .tell("zk", expired(1))
            .tell("b", disconnected(2))
            .at(10.0)
            .liveness()
            .at(21.0);
        history.judge(Failover::within(BOUND)).assert_violated_once(
            "no live leader at 20.000000s, 10.000s after one was due to come; pending: a is killed; b waits for \
             /e/n-1 as /e/n-2, disconnected; c never took part; candidates left: /e/n-1 of session 0x1 (expired), \
             /e/n-2 of session 0x2 (open)",
        );
    }

    #[test]
    fn a_leader_just_in_time_will_do() {
        let history = History::new().at(10.0).liveness().at(20.0).tell("a", elected(1)).at(40.0);
        history.judge(Failover::within(BOUND)).assert_clean();
        let history = History::new().at(10.0).liveness().at(20.1).tell("a", elected(1)).at(40.0);
        history.judge(Failover::within(BOUND)).assert_violated_once("no live leader at 20.000000s");
    }

    #[test]
    fn a_paused_leader_is_none() {
        let history = History::new()
            .tell("a", elected(1))
            .machine("a", MachineEvent::Paused)
            .at(10.0)
            .liveness()
            .at(40.0)
            .machine("b", MachineEvent::Started);
        history.judge(Failover::within(BOUND)).assert_violated_once("a is paused");
    }

    #[test]
    fn a_leader_must_stay_unless_it_rotates() {
        let history = History::new()
            .tell("a", elected(1))
            .liveness()
            .at(11.0)
            .tell("a", deposed(1))
            .at(12.0)
            .tell("b", elected(2))
            .at(60.0);
        history.judge(Failover::within(BOUND)).assert_violated_once("a stepped down from term 0x1 (test)");
        history.judge(Failover::within(BOUND).rotating()).assert_clean();
        let history = History::new().tell("a", elected(1)).liveness().at(11.0).tell("a", deposed(1)).at(60.0);
        history.judge(Failover::within(BOUND).rotating()).assert_violated_once("no live leader at 21.000000s");
    }

    #[test]
    fn what_is_not_promised_is_counted() {
        let report = History::new().at(10.0).liveness().at(40.0).judge(Failover::within(BOUND).promised(false));
        report.assert_clean();
        assert_eq!(report.counters().of(FAILOVER_MISSED), 1);
    }

    #[test]
    fn a_run_too_short_for_the_bound_is_not_judged_but_counted() {
        let report = History::new().at(10.0).liveness().at(15.0).judge(Failover::within(BOUND));
        report.assert_clean();
        assert_eq!(report.counters().of(FAILOVER_NOT_JUDGED), 1);
    }

    #[test]
    fn interregna_last_from_the_end_of_a_leader_to_the_next_election() {
        let report = History::new()
            .at(1.0)
            .tell("a", elected(1))
            .at(2.0)
            .tell("a", deposed(1))
            .at(2.5)
            .tell("b", elected(2))
            .at(3.0)
            .machine("b", MachineEvent::Paused)
            .at(4.0)
            .machine("b", MachineEvent::Resumed)
            .at(5.0)
            .machine("b", MachineEvent::Killed)
            .at(9.0)
            .tell("a", elected(3))
            .judge(Failover::within(BOUND));
        assert_eq!(report.failover_times(), [Duration::from_millis(500), Duration::from_secs(4)]);
    }
}
