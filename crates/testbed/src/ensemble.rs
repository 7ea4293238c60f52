//! What is known at run time of who is who: who leads the ensemble, who follows, who was elected.
//!
//! It sees the history, as monitors do, and nothing else; it judges nothing. For faults only: what they name by a role
//! is looked up here.

use std::collections::BTreeMap;

use history::{EnsembleEvent, Event, LeadershipEvent, MachineEvent, NodeName, Record, ServiceEvent};

use crate::role::Role;
use crate::schedule::Step;

/// Who has which role now, as far as the nodes tell.
#[derive(Debug, Default)]
pub(crate) struct Ensemble {
    members: BTreeMap<NodeName, Member>,
    /// The leader that was established under the highest epoch so far. An older one that is cut off leads on until it
    /// notices, but a quorum has promised to listen to no other.
    newest: Option<(u32, NodeName)>,
    /// The candidates that believe to lead, each with the number of its election.
    elected: BTreeMap<NodeName, u64>,
    elections: u64,
}

#[derive(Debug, Default)]
struct Member {
    standing: Standing,
    step: Option<Step>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Standing {
    #[default]
    Neither,
    Leads(u32),
    Follows(u32),
}

impl Ensemble {
    pub(crate) fn observe(&mut self, record: &Record) {
        let Some(node) = &record.node else { return };
        match &record.event {
            Event::Ensemble(event) => self.member(node, event),
            Event::Leadership(LeadershipEvent::Elected { .. }) => {
                self.elections += 1;
                self.elected.insert(node.clone(), self.elections);
            }
            Event::Leadership(LeadershipEvent::Deposed { .. } | LeadershipEvent::Withdrawn { .. }) => {
                self.elected.remove(node);
            }
            Event::Machine(MachineEvent::Exited | MachineEvent::Killed | MachineEvent::PowerLost) => {
                self.members.remove(node);
                self.elected.remove(node);
            }
            Event::Service(ServiceEvent::NotServing { .. }) => self.stands(node, Standing::Neither),
            _ => {}
        }
    }

    fn member(&mut self, node: &NodeName, event: &EnsembleEvent) {
        let Some(step) = Step::told_by(event) else { return };
        match self.members.get_mut(node) {
            Some(member) => member.step = Some(step),
            None => drop(self.members.insert(node.clone(), Member { standing: Standing::Neither, step: Some(step) })),
        }
        match event {
            EnsembleEvent::Established { epoch, .. } => {
                self.stands(node, Standing::Leads(*epoch));
                if self.newest.as_ref().is_none_or(|(newest, _)| newest < epoch) {
                    self.newest = Some((*epoch, node.clone()));
                }
            }
            EnsembleEvent::UpToDate { epoch, .. } => self.stands(node, Standing::Follows(*epoch)),
            EnsembleEvent::Recovered { .. } | EnsembleEvent::Resigned { .. } => self.stands(node, Standing::Neither),
            _ => {}
        }
    }

    fn stands(&mut self, node: &NodeName, standing: Standing) {
        if let Some(member) = self.members.get_mut(node) {
            member.standing = standing;
        }
    }

    /// Who leads the ensemble, and under which epoch.
    fn reign(&self) -> Option<(&NodeName, u32)> {
        let (epoch, node) = self.newest.as_ref()?;
        let leads = self.members.get(node).is_some_and(|member| member.standing == Standing::Leads(*epoch));
        leads.then_some((node, *epoch))
    }

    /// Who leads the ensemble.
    pub(crate) fn leader(&self) -> Option<&NodeName> {
        self.reign().map(|(leader, _)| leader)
    }

    /// Who follows its leader, by name.
    pub(crate) fn followers(&self) -> impl Iterator<Item = &NodeName> {
        let standing = self.reign().map(|(_, epoch)| Standing::Follows(epoch));
        self.members.iter().filter(move |(_, member)| Some(member.standing) == standing).map(|(node, _)| node)
    }

    /// The last step of the protocol that a server took in its present life.
    pub(crate) fn last_step(&self, node: &str) -> Option<Step> {
        self.members.get(node)?.step
    }

    /// Whether a server is up and on its way to an epoch.
    pub(crate) fn is_joining(&self, node: &str) -> bool {
        self.members.get(node).is_some_and(|member| member.standing == Standing::Neither)
    }

    /// Who has a role; nobody in particular is any server.
    pub(crate) fn holder(&self, role: Role) -> Option<&NodeName> {
        match role {
            Role::Leader => self.leader(),
            Role::Follower(number) => self.followers().nth(number.get() as usize - 1),
            Role::CandidateLeader => self.elected.iter().max_by_key(|(_, election)| **election).map(|(node, _)| node),
            Role::AnyServer | Role::AnyCandidate => None,
        }
    }
}

#[cfg(test)]
pub(crate) mod testing {
    //! Events as servers tell them.

    use super::*;

    pub(crate) fn record(node: &str, event: Event) -> Record {
        Record { at: history::Time::ZERO, node: Some(node.into()), event }
    }

    pub(crate) fn told(node: &str, event: EnsembleEvent) -> Record {
        record(node, Event::Ensemble(event))
    }

    pub(crate) fn established(node: &str, epoch: u32) -> Record {
        told(node, EnsembleEvent::Established { epoch, initial: 0 })
    }

    pub(crate) fn up_to_date(node: &str, epoch: u32) -> Record {
        told(node, EnsembleEvent::UpToDate { leader: 1, epoch })
    }

    pub(crate) fn broadcast(node: &str) -> Record {
        told(node, EnsembleEvent::Broadcast { zxid: 1, checksum: 0 })
    }
}

#[cfg(test)]
mod tests {
    use super::testing::{broadcast, established, record, told, up_to_date};
    use super::*;

    fn after(records: &[Record]) -> Ensemble {
        let mut ensemble = Ensemble::default();
        records.iter().for_each(|record| ensemble.observe(record));
        ensemble
    }

    fn resigned(node: &str) -> Record {
        told(node, EnsembleEvent::Resigned { reason: "QuorumLost".into() })
    }

    fn followers(ensemble: &Ensemble) -> Vec<&str> {
        ensemble.followers().map(NodeName::as_str).collect()
    }

    #[test]
    fn a_leader_leads_until_it_resigns_or_its_process_ends() {
        assert_eq!(after(&[]).leader(), None);
        let begun = [established("zk2", 1), up_to_date("zk3", 1), up_to_date("zk1", 1)];
        let ensemble = after(&begun);
        assert_eq!(ensemble.leader(), Some(&"zk2".into()));
        assert_eq!(followers(&ensemble), ["zk1", "zk3"]);
        assert_eq!(ensemble.holder(Role::FOLLOWER), Some(&"zk1".into()));
        assert_eq!(ensemble.holder(Role::parse("@follower-2").unwrap()), Some(&"zk3".into()));
        assert_eq!(ensemble.holder(Role::parse("@follower-3").unwrap()), None);
        let ends = [MachineEvent::Exited, MachineEvent::Killed, MachineEvent::PowerLost];
        let ends = ends.map(|event| record("zk2", Event::Machine(event)));
        for end in ends.into_iter().chain([resigned("zk2")]) {
            let ensemble = after(&[&begun[..], &[end]].concat());
            assert_eq!((ensemble.leader(), followers(&ensemble)), (None, vec![]));
        }
        let paused = record("zk2", Event::Machine(MachineEvent::Paused));
        assert!(after(&[&begun[..], &[paused]].concat()).leader().is_some(), "who stalls leads on");
    }

    #[test]
    fn the_highest_epoch_leads_and_who_came_before_does_not_lead_again() {
        let two = [established("zk1", 1), up_to_date("zk2", 1), established("zk3", 2), up_to_date("zk2", 2)];
        let ensemble = after(&two);
        assert_eq!(ensemble.leader(), Some(&"zk3".into()));
        assert_eq!(followers(&ensemble), ["zk2"]);
        assert_eq!(after(&[&two[..], &[resigned("zk3")]].concat()).leader(), None);
    }

    #[test]
    fn the_last_step_is_that_of_the_present_life() {
        let ensemble = after(&[established("zk1", 1), broadcast("zk1"), up_to_date("zk2", 1)]);
        assert_eq!(ensemble.last_step("zk1"), Some(Step::Broadcast));
        assert_eq!(ensemble.last_step("zk2"), Some(Step::UpToDate));
        let killed = record("zk1", Event::Machine(MachineEvent::Killed));
        assert_eq!(after(&[established("zk1", 1), killed]).last_step("zk1"), None);
    }

    #[test]
    fn the_candidate_elected_last_is_meant_while_it_believes() {
        let term = history::Term(1);
        let elected = |node| record(node, Event::Leadership(LeadershipEvent::Elected { term }));
        let deposed =
            |node| record(node, Event::Leadership(LeadershipEvent::Deposed { term, reason: "Expired".into() }));
        let holder = |records: &[Record]| after(records).holder(Role::CandidateLeader).cloned();
        assert_eq!(holder(&[elected("c2"), elected("c1")]), Some("c1".into()));
        assert_eq!(holder(&[elected("c2"), elected("c1"), deposed("c1")]), Some("c2".into()), "it still believes");
        assert_eq!(holder(&[elected("c2"), record("c2", Event::Machine(MachineEvent::Killed))]), None);
    }
}
