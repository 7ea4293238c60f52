//! The shape of a run at a moment: what every node is doing, with names, numbers and times left out.
//!
//! Two moments have the same shape if an engineer would describe them in the same words: "no leader of the ensemble, one
//! candidate leads without a connection, another one waits". Coverage counts the steps between shapes.

use std::collections::{BTreeMap, BTreeSet};

use history::{
    CallEvent, ClientEvent, EnsembleEvent, Event, FaultEvent, LeadershipEvent, MachineEvent, NetworkEvent, NodeName,
    Record, ServiceEvent,
};

/// Whether a process runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Life {
    #[default]
    Up,
    Stalled,
    Down,
}

/// Where a server is in the protocol of the ensemble.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Phase {
    #[default]
    Looking,
    Discovering,
    Synchronising,
    Leading,
    Following,
}

/// How a client stands with the service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Session {
    #[default]
    None,
    Connected,
    Disconnected,
    Expired,
}

/// How a candidate stands in the election.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Standing {
    #[default]
    Out,
    Stands,
    Waits,
    Leads,
}

/// What one node is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Doing {
    pub(super) life: Life,
    pub(super) phase: Phase,
    pub(super) session: Session,
    pub(super) standing: Standing,
    /// Calls under way, three at most.
    pub(super) calls: u8,
    /// Whether a call went unanswered since the last connection.
    pub(super) unanswered: bool,
}

/// The servers in a few small numbers: none, one, more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Servers {
    leading: u8,
    following: u8,
    looking: u8,
    down: u8,
}

/// The election in a few small numbers: none, one, more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Election {
    believing: u8,
    /// Of those who believe to lead: without a connection.
    cut_off: u8,
    /// Of those who believe to lead: whose process stalls.
    stalled: u8,
    waits_somebody: bool,
    is_something_cut: bool,
}

/// The shape now.
#[derive(Debug, Default)]
pub(super) struct Shape {
    nodes: BTreeMap<NodeName, Doing>,
    /// Nodes that told of the ensemble: the others have no phase.
    servers: BTreeSet<NodeName>,
    cuts: BTreeSet<(NodeName, NodeName)>,
    /// The families of the faults in force, by their place.
    faults: BTreeMap<u32, String>,
}

impl Shape {
    pub(super) fn of(&self, node: &NodeName) -> Doing {
        self.nodes.get(node).copied().unwrap_or_default()
    }

    /// The families in force.
    pub(super) fn weather(&self) -> BTreeSet<&str> {
        self.faults.values().map(String::as_str).collect()
    }

    pub(super) fn ensemble(&self) -> Servers {
        let mut servers = Servers::default();
        for (_, doing) in self.nodes.iter().filter(|(node, _)| self.servers.contains(*node)) {
            more(match (doing.life, doing.phase) {
                (Life::Down, _) => &mut servers.down,
                (_, Phase::Leading) => &mut servers.leading,
                (_, Phase::Following) => &mut servers.following,
                _ => &mut servers.looking,
            });
        }
        servers
    }

    pub(super) fn election(&self) -> Election {
        let mut election = Election { is_something_cut: !self.cuts.is_empty(), ..Election::default() };
        for doing in self.nodes.values() {
            match doing.standing {
                Standing::Leads => {
                    more(&mut election.believing);
                    if doing.session != Session::Connected {
                        more(&mut election.cut_off);
                    }
                    if doing.life == Life::Stalled {
                        more(&mut election.stalled);
                    }
                }
                Standing::Waits => election.waits_somebody = true,
                Standing::Out | Standing::Stands => {}
            }
        }
        election
    }

    /// Takes one event in.
    pub(super) fn observe(&mut self, record: &Record) {
        match &record.event {
            Event::Network(NetworkEvent::Cut { from, to }) => drop(self.cuts.insert((from.clone(), to.clone()))),
            Event::Network(NetworkEvent::Healed { from, to }) => drop(self.cuts.remove(&(from.clone(), to.clone()))),
            Event::Fault(FaultEvent::Begins { index, family, .. }) => drop(self.faults.insert(*index, family.clone())),
            Event::Fault(FaultEvent::Ends { index }) => drop(self.faults.remove(index)),
            event => {
                let Some(node) = &record.node else { return };
                if matches!(event, Event::Ensemble(_)) && !self.servers.contains(node) {
                    self.servers.insert(node.clone());
                }
                match self.nodes.get_mut(node) {
                    Some(doing) => doing.observe(event),
                    None => self.nodes.entry(node.clone()).or_default().observe(event),
                }
            }
        }
    }
}

fn more(count: &mut u8) {
    *count = (*count + 1).min(2);
}

impl Doing {
    fn observe(&mut self, event: &Event) {
        match event {
            Event::Machine(event) => match event {
                MachineEvent::Started => *self = Doing::default(),
                MachineEvent::Exited | MachineEvent::Killed | MachineEvent::PowerLost => {
                    *self = Doing { life: Life::Down, ..Doing::default() };
                }
                MachineEvent::Paused => self.life = Life::Stalled,
                MachineEvent::Resumed => self.life = Life::Up,
            },
            Event::Ensemble(event) => self.enters(event),
            Event::Service(ServiceEvent::NotServing { .. }) => self.phase = Phase::Looking,
            Event::Leadership(event) => {
                self.standing = match event {
                    LeadershipEvent::Candidate { .. } => Standing::Stands,
                    LeadershipEvent::Waiting { .. } => Standing::Waits,
                    LeadershipEvent::Elected { .. } => Standing::Leads,
                    LeadershipEvent::Deposed { .. } | LeadershipEvent::Withdrawn { .. } => Standing::Out,
                };
            }
            Event::Client(event) => match event {
                ClientEvent::Connected { .. } => (self.session, self.unanswered) = (Session::Connected, false),
                ClientEvent::Disconnected { .. } => self.session = Session::Disconnected,
                ClientEvent::SessionExpired { .. } => self.session = Session::Expired,
                ClientEvent::Closed { .. } => self.session = Session::None,
                ClientEvent::Unanswered { .. } => self.unanswered = true,
                _ => {}
            },
            Event::Call(CallEvent::Invoked { .. }) => self.calls = (self.calls + 1).min(3),
            Event::Call(_) => self.calls = self.calls.saturating_sub(1),
            _ => {}
        }
    }

    fn enters(&mut self, event: &EnsembleEvent) {
        self.phase = match event {
            EnsembleEvent::Recovered { .. } | EnsembleEvent::Resigned { .. } => Phase::Looking,
            EnsembleEvent::Elected { .. }
            | EnsembleEvent::EpochProposed { .. }
            | EnsembleEvent::EpochAccepted { .. } => Phase::Discovering,
            EnsembleEvent::Synchronising { .. }
            | EnsembleEvent::EpochEntered { .. }
            | EnsembleEvent::Restored { .. }
            | EnsembleEvent::Truncated { .. } => Phase::Synchronising,
            EnsembleEvent::Established { .. } => Phase::Leading,
            EnsembleEvent::UpToDate { .. } => Phase::Following,
            EnsembleEvent::Synchronised { .. }
            | EnsembleEvent::Broadcast { .. }
            | EnsembleEvent::Delivered { .. }
            | EnsembleEvent::Digest { .. } => return,
        };
    }
}

#[cfg(test)]
mod tests {
    use history::{Term, Time};

    use super::*;

    fn told(node: &str, event: Event) -> Record {
        Record { at: Time::from_nanos(1), node: Some(node.into()), event }
    }

    #[test]
    fn a_shape_knows_no_names() {
        let elected = |node: &str| told(node, Event::Leadership(LeadershipEvent::Elected { term: Term(1) }));
        let shape = |node: &str| {
            let mut shape = Shape::default();
            shape.observe(&elected(node));
            shape
        };
        assert_eq!(shape("c1").election(), shape("c2").election());
        let mut both = shape("c1");
        both.observe(&elected("c2"));
        assert_ne!(both.election(), shape("c1").election(), "two who believe are told from one");
        both.observe(&elected("c3"));
        let three = both.election();
        both.observe(&elected("c4"));
        assert_eq!(both.election(), three, "three or four: more than one");
    }

    #[test]
    fn belief_ends_with_the_process_and_cuts_with_their_healing() {
        let mut shape = Shape::default();
        shape.observe(&told("c1", Event::Leadership(LeadershipEvent::Elected { term: Term(1) })));
        shape.observe(&told("c1", Event::Machine(MachineEvent::Killed)));
        assert_eq!(shape.of(&"c1".into()), Doing { life: Life::Down, ..Doing::default() });
        let before = shape.election();
        let (from, to) = (NodeName::new("c1"), NodeName::new("zk1"));
        let world = |event| Record { at: Time::from_nanos(2), node: None, event: Event::Network(event) };
        shape.observe(&world(NetworkEvent::Cut { from: from.clone(), to: to.clone() }));
        assert_ne!(shape.election(), before);
        shape.observe(&world(NetworkEvent::Healed { from, to }));
        assert_eq!(shape.election(), before);
    }
}
