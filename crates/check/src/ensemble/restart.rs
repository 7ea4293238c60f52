//! `restart`: when the faults are over every server that runs serves again.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use history::{
    DiskEvent, EnsembleEvent, Event, MachineEvent, NetworkEvent, NodeName, Phase, Record, ServiceEvent, Time,
};

use crate::processes::{Process, Processes, life_ended};
use crate::sometimes::RESTART_NOT_JUDGED;
use crate::{Monitor, Report};

/// How often overdue servers are looked for.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// In the liveness phase every server of an ensemble that belongs to its healthy core serves within the bound: after the
/// phase began, after it last stopped to serve, or after whatever held it down (a kill, a loss of power, a stall) let it
/// go. A process that ends by itself and is started again has no such excuse: a server that cannot start from what is on
/// its disk never serves (ZOOKEEPER-1653, ZOOKEEPER-2307).
///
/// What is broken stays broken for good. So the servers are judged that are up and reach each other both ways over links
/// of normal quality, if they are so linked each with each, and if a majority of the voters is among them: who is linked
/// with one of two sides only may keep either from electing. A server whose disk rots may refuse to start, and one that
/// got an empty disk has no vote until it has served.
///
/// On a lone server it is silent: its return is part of `failover`.
pub struct Restart {
    bound: Duration,
    processes: Processes,
    members: BTreeMap<NodeName, Member>,
    /// Directed links that are cut, and those that are not as good as they should be.
    cut: BTreeSet<(NodeName, NodeName)>,
    poor: BTreeSet<(NodeName, NodeName)>,
    /// Since when no fault is left.
    liveness: Option<Time>,
    next_look: Time,
}

struct Member {
    votes: bool,
    serves: bool,
    /// Since when it could be on its way to serve.
    since: Time,
    /// Its disk has rotted: it may refuse to start.
    is_rotten: bool,
    /// Its disk was replaced and it has not served since.
    is_blank: bool,
    reported: bool,
    /// What it told last.
    doing: String,
}

impl Restart {
    /// Every server of the healthy core must serve `bound` after the faults are over.
    pub fn within(bound: Duration) -> Restart {
        Restart {
            bound,
            processes: Processes::default(),
            members: BTreeMap::new(),
            cut: BTreeSet::new(),
            poor: BTreeSet::new(),
            liveness: None,
            next_look: Time::NEVER,
        }
    }

    fn machine(&mut self, record: &Record, event: &MachineEvent) {
        let Some(node) = &record.node else { return };
        if let Some(member) = self.members.get_mut(node) {
            let was_held = matches!(self.processes.of(node), Process::Killed | Process::PowerLost | Process::Paused);
            if member.serves || was_held {
                member.since = record.at;
            }
            member.serves &= life_ended(record).is_none();
            if life_ended(record).is_some() {
                member.doing = format!("{event:?}").to_lowercase();
            }
        }
        self.processes.observe(record);
    }

    fn network(&mut self, event: &NetworkEvent) {
        let link = |from: &NodeName, to: &NodeName| (from.clone(), to.clone());
        match event {
            NetworkEvent::Cut { from, to } => drop(self.cut.insert(link(from, to))),
            NetworkEvent::Healed { from, to } => drop(self.cut.remove(&link(from, to))),
            NetworkEvent::Quality { from, to, quality } if quality.is_empty() => {
                self.poor.remove(&link(from, to));
            }
            NetworkEvent::Quality { from, to, .. } => drop(self.poor.insert(link(from, to))),
            _ => {}
        }
    }

    fn ensemble(&mut self, record: &Record, event: &EnsembleEvent) {
        let Some(node) = &record.node else { return };
        let doing = match event {
            EnsembleEvent::Recovered { voter, .. } => {
                let member = self.members.entry(node.clone()).or_insert_with(|| Member {
                    votes: *voter,
                    serves: false,
                    since: record.at,
                    is_rotten: false,
                    is_blank: false,
                    reported: false,
                    doing: String::new(),
                });
                member.votes = *voter;
                "looks for a leader".to_owned()
            }
            EnsembleEvent::Elected { leader, .. } => format!("settled on server {leader}"),
            EnsembleEvent::EpochAccepted { epoch } => format!("accepted epoch {epoch}"),
            EnsembleEvent::EpochEntered { epoch } => format!("entered epoch {epoch}"),
            EnsembleEvent::Established { epoch, .. } => format!("leads in epoch {epoch}"),
            EnsembleEvent::UpToDate { leader, epoch } => format!("learns from server {leader} in epoch {epoch}"),
            EnsembleEvent::Resigned { reason } => format!("looks for a leader ({reason})"),
            _ => return,
        };
        if let Some(member) = self.members.get_mut(node) {
            member.doing = doing;
        }
    }

    fn service(&mut self, record: &Record, event: &ServiceEvent) {
        let Some(member) = record.node.as_ref().and_then(|node| self.members.get_mut(node)) else { return };
        match event {
            ServiceEvent::Serving { .. } => (member.serves, member.is_blank, member.reported) = (true, false, false),
            ServiceEvent::NotServing { .. } if member.serves => (member.serves, member.since) = (false, record.at),
            _ => {}
        }
    }

    /// The servers that are up and reach each other, if they are enough and nobody stands between.
    fn core(&self) -> Vec<&NodeName> {
        let is_up = |node: &NodeName, member: &Member| match self.processes.of(node) {
            Process::Running => true,
            // Who ends by himself is started again; he is excused only if his disk is.
            Process::Exited => !member.is_rotten,
            Process::Paused | Process::Killed | Process::PowerLost => false,
        };
        let up: Vec<&NodeName> =
            self.members.iter().filter(|(node, member)| is_up(node, member)).map(|(node, _)| node).collect();
        let carries = |from: &NodeName, to: &NodeName| {
            let link = (from.clone(), to.clone());
            !self.cut.contains(&link) && !self.poor.contains(&link)
        };
        let is_linked = |one: &NodeName, other: &NodeName| one == other || (carries(one, other) && carries(other, one));
        let voters = self.members.values().filter(|member| member.votes).count();
        // Of a group that is linked each with each and with nobody else, every member sees the same others.
        let groups = up.iter().map(|one| up.iter().copied().filter(|other| is_linked(one, other)).collect::<Vec<_>>());
        let is_closed = |group: &Vec<&NodeName>| {
            group.iter().all(|one| up.iter().all(|other| is_linked(one, other) == group.contains(other)))
        };
        let votes = |group: &Vec<&NodeName>| {
            let members = group.iter().map(|node| &self.members[*node]);
            members.filter(|member| member.votes && !member.is_blank && !member.is_rotten).count()
        };
        groups.into_iter().find(|group| votes(group) * 2 > voters && is_closed(group)).unwrap_or_default()
    }

    /// When this server is due, if it is.
    fn deadline(&self, member: &Member) -> Option<Time> {
        let liveness = self.liveness?;
        (!member.serves && !member.is_rotten).then(|| liveness.max(member.since) + self.bound)
    }

    fn look(&mut self, now: Time, report: &mut Report) {
        let is_late =
            |member: &Member| self.deadline(member).is_some_and(|deadline| now > deadline) && !member.reported;
        if !self.members.values().any(is_late) {
            return;
        }
        let core = self.core();
        let late: Vec<NodeName> = core.into_iter().filter(|node| is_late(&self.members[*node])).cloned().collect();
        let bound = self.bound.as_secs_f64();
        for node in late {
            let deadline = self.deadline(&self.members[&node]).unwrap_or(now);
            let doings = self.members.iter().map(|(node, member)| {
                let (doing, serves) = (&member.doing, if member.serves { " and serves" } else { "" });
                format!("{node} {doing}{serves}")
            });
            let doings: Vec<String> = doings.collect();
            let message = format!(
                "{node} does not serve at {deadline}, {bound:.3}s after nothing was in its way any more; {}",
                doings.join(", ")
            );
            report.liveness("restart", deadline, Some(node.clone()), message);
            if let Some(member) = self.members.get_mut(&node) {
                member.reported = true;
            }
        }
    }
}

impl Monitor for Restart {
    fn name(&self) -> &'static str {
        "restart"
    }

    fn observe(&mut self, record: &Record, report: &mut Report) {
        // The time that passed is judged before the event that ends it.
        if record.at >= self.next_look {
            self.look(record.at, report);
            self.next_look = record.at + LOOK_EVERY;
        }
        match &record.event {
            Event::Network(event) => self.network(event),
            Event::Machine(event) => self.machine(record, event),
            Event::Ensemble(event) => self.ensemble(record, event),
            Event::Service(event) => self.service(record, event),
            Event::Phase(Phase::Liveness) => (self.liveness, self.next_look) = (Some(record.at), record.at),
            Event::Disk(event @ (DiskEvent::Rotted { .. } | DiskEvent::Wiped)) => {
                if let Some(member) = record.node.as_ref().and_then(|node| self.members.get_mut(node)) {
                    member.is_rotten |= *event != DiskEvent::Wiped;
                    member.is_blank |= *event == DiskEvent::Wiped;
                }
            }
            _ => {}
        }
    }

    fn finish(&mut self, now: Time, report: &mut Report) {
        self.look(now, report);
        let is_awaited = |member: &Member| self.deadline(member).is_some_and(|deadline| now <= deadline);
        if self.members.values().any(is_awaited) {
            report.sometimes(RESTART_NOT_JUDGED);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{History, ensemble, member_recovered, not_serving, serving};

    const BOUND: Duration = Duration::from_secs(10);
    const SERVERS: [&str; 3] = ["zk1", "zk2", "zk3"];

    fn begun() -> History {
        let begins = |history: History, (id, node): (u8, &&str)| {
            history.machine(node, MachineEvent::Started).tell(node, member_recovered(id, 0, 0))
        };
        (1..).zip(&SERVERS).fold(History::new(), begins).each(&["zk1", "zk2"], &[serving(0)])
    }

    fn cut(from: &str, to: &str) -> Event {
        Event::Network(NetworkEvent::Cut { from: from.into(), to: to.into() })
    }

    fn judge(history: &History) -> Report {
        history.judge(Restart::within(BOUND))
    }

    #[test]
    fn a_server_that_looks_for_ever() {
        let looks = begun().at(5.0).liveness();
        judge(&looks.clone().at(14.9).tell("zk3", serving(0)).at(40.0)).assert_clean();
        let elected = ensemble(EnsembleEvent::Elected { leader: 1, round: 7 });
        judge(&looks.tell("zk3", elected).at(16.0)).assert_violated_once(
            "zk3 does not serve at 15.000000s, 10.000s after nothing was in its way any more; zk1 looks for a leader and \
             serves, zk2 looks for a leader and serves, zk3 settled on server 1",
        );
    }

    #[test]
    fn a_server_that_cannot_start() {
        let fails = |history: History, second: i32| {
            let history = history.at(f64::from(second)).machine("zk3", MachineEvent::Started);
            history.at(f64::from(second) + 0.5).machine("zk3", MachineEvent::Exited)
        };
        let loops = (6..20).fold(begun().at(5.0).liveness(), fails);
        judge(&loops).assert_violated_once("zk3 does not serve at 15.000000s");
        let rotted = DiskEvent::Rotted { file: "log".into(), offset: 1 };
        let refuses = (6..20).fold(begun().tell("zk3", Event::Disk(rotted)).at(5.0).liveness(), fails);
        judge(&refuses).assert_clean();
    }

    #[test]
    fn a_server_that_loses_its_leader_has_the_bound_again() {
        let lost = begun().tell("zk3", serving(0)).at(5.0).liveness().at(20.0).tell("zk2", not_serving());
        judge(&lost.clone().at(29.0).tell("zk2", serving(0)).at(60.0)).assert_clean();
        judge(&lost.at(31.0)).assert_violated_once("zk2 does not serve at 30.000000s");
    }

    #[test]
    fn who_is_held_down_or_cut_off_for_good_need_not_serve() {
        judge(&begun().machine("zk3", MachineEvent::Killed).at(5.0).liveness().at(60.0)).assert_clean();
        judge(&begun().machine("zk3", MachineEvent::Paused).at(5.0).liveness().at(60.0)).assert_clean();
        let isolated = begun().tell("zk3", cut("zk3", "zk1")).tell("zk3", cut("zk2", "zk3")).at(5.0).liveness();
        judge(&isolated.clone().at(60.0)).assert_clean();
        judge(&isolated.at(6.0).tell("zk2", not_serving()).at(17.0)).assert_violated_once("zk2 does not serve");
        // Two who do not hear each other, and one who hears both: there may be a leader whom not all can follow.
        let bridged = begun().tell("zk1", cut("zk1", "zk3")).at(5.0).liveness();
        judge(&bridged.at(6.0).tell("zk2", not_serving()).at(60.0)).assert_clean();
    }

    #[test]
    fn without_a_majority_nobody_serves() {
        let alone = begun().machine("zk1", MachineEvent::PowerLost).machine("zk2", MachineEvent::PowerLost);
        judge(&alone.at(5.0).liveness().at(60.0)).assert_clean();
        let blank = begun().tell("zk1", Event::Disk(DiskEvent::Wiped)).machine("zk1", MachineEvent::Killed);
        let blank = blank.tell("zk2", Event::Disk(DiskEvent::Wiped)).machine("zk1", MachineEvent::Started);
        judge(&blank.at(5.0).liveness().at(60.0)).assert_clean();
    }

    #[test]
    fn a_run_too_short_for_the_bound_is_not_judged_but_counted() {
        let report = judge(&begun().at(5.0).liveness().at(10.0));
        report.assert_clean();
        assert_eq!(report.counters().of(RESTART_NOT_JUDGED), 1);
    }
}
