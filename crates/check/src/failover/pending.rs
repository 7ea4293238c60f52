//! What everybody is waiting for when no leader comes.

use std::collections::{BTreeMap, BTreeSet};

use history::{ClientEvent, EnsembleEvent, Event, LeadershipEvent, NodeName, Record, ServiceEvent};

use crate::processes::{Process, Processes, life_ended};
use crate::reigns::Reigns;
use crate::service::{Znodes, parent};

/// So many znodes are named in a message; more are only counted.
const ZNODES_NAMED: usize = 12;

/// The last known state of every candidate, and the znodes that stand in the way.
#[derive(Default)]
pub(super) struct Pending {
    candidates: BTreeMap<NodeName, Candidate>,
    /// Nodes that are no candidates: servers and resources.
    others: BTreeSet<NodeName>,
    /// The parents of all znodes that candidates spoke of.
    parents: BTreeSet<String>,
    znodes: Znodes,
    sessions: BTreeMap<i64, &'static str>,
}

/// What a node last said of itself.
#[derive(Default)]
struct Candidate {
    path: Option<String>,
    state: Option<String>,
    connection: Option<&'static str>,
}

impl Pending {
    pub(super) fn observe(&mut self, record: &Record) {
        if let Some(node) = life_ended(record) {
            self.candidates.remove(node);
        }
        match (&record.node, &record.event) {
            (Some(node), Event::Leadership(event)) => {
                self.leadership(node, event);
            }
            (Some(node), Event::Client(event)) => {
                let connection = match event {
                    ClientEvent::Connected { .. } => "connected",
                    ClientEvent::Disconnected { .. } => "disconnected",
                    ClientEvent::SessionExpired { .. } => "its session expired",
                    ClientEvent::Closed { .. } => "its session closed",
                    _ => return,
                };
                self.candidates.entry(node.clone()).or_default().connection = Some(connection);
            }
            (node, Event::Service(event)) => {
                self.others.extend(node.clone());
                self.service(record, event);
            }
            (Some(node), Event::Resource(_) | Event::Ensemble(EnsembleEvent::Recovered { .. })) => {
                self.others.insert(node.clone());
            }
            _ => {}
        }
    }

    fn leadership(&mut self, node: &NodeName, event: &LeadershipEvent) {
        let candidate = self.candidates.entry(node.clone()).or_default();
        if let LeadershipEvent::Candidate { path } = event {
            candidate.path = Some(path.clone());
        }
        let path = |word: &str| candidate.path.as_ref().map(|path| format!(" {word} {path}")).unwrap_or_default();
        candidate.state = Some(match event {
            LeadershipEvent::Candidate { path } => format!("is a candidate as {path}"),
            LeadershipEvent::Waiting { on } => format!("waits for {on}{}", path("as")),
            LeadershipEvent::Elected { term } => format!("leads under term {term}"),
            LeadershipEvent::Deposed { term, reason } => format!("was deposed from term {term} ({reason})"),
            LeadershipEvent::Withdrawn { reason } => format!("withdrew ({reason})"),
        });
        if let LeadershipEvent::Candidate { path } | LeadershipEvent::Waiting { on: path } = event
            && let Some(parent) = parent(path)
            && !self.parents.contains(parent)
        {
            self.parents.insert(parent.to_owned());
        }
    }

    fn service(&mut self, record: &Record, event: &ServiceEvent) {
        match event {
            ServiceEvent::SessionOpened { session, .. } => drop(self.sessions.insert(*session, "open")),
            ServiceEvent::SessionExpired { session } => drop(self.sessions.insert(*session, "expired")),
            ServiceEvent::SessionClosed { session, .. } => drop(self.sessions.remove(session)),
            _ => {}
        }
        self.znodes.apply(record);
    }

    pub(super) fn lost_above(&mut self, zxid: i64) {
        self.znodes.forget_above(zxid);
    }

    /// One line for people.
    pub(super) fn describe(&self, processes: &Processes, reigns: &Reigns) -> String {
        let known = processes.iter().map(|(node, _)| node).chain(self.candidates.keys());
        let nodes: BTreeSet<&NodeName> = known.filter(|node| !self.others.contains(*node)).collect();
        let mut lines: Vec<String> =
            nodes.into_iter().map(|node| self.describe_node(node, processes, reigns)).collect();
        lines.push(self.describe_znodes());
        lines.join("; ")
    }

    fn describe_node(&self, node: &NodeName, processes: &Processes, reigns: &Reigns) -> String {
        let process = processes.of(node);
        let candidate = self.candidates.get(node);
        match (process, candidate.and_then(|candidate| candidate.state.as_deref())) {
            (Process::Exited | Process::Killed | Process::PowerLost, _) => format!("{node} is {process}"),
            (Process::Paused, _) if reigns.believes(node) => format!("{node} is paused, and believes to lead"),
            (Process::Paused, _) => format!("{node} is paused"),
            (Process::Running, state) => {
                let state = state.unwrap_or("never took part");
                let connection = candidate.and_then(|candidate| candidate.connection);
                let connection = connection.map(|connection| format!(", {connection}")).unwrap_or_default();
                format!("{node} {state}{connection}")
            }
        }
    }

    fn describe_znodes(&self) -> String {
        // Where no candidate ever spoke of a znode, any ephemeral may be the one.
        let concerns = |path: &str| self.parents.is_empty() || parent(path).is_some_and(|up| self.parents.contains(up));
        let mut left = self.znodes.ephemerals().filter(|(path, _)| concerns(path));
        let named: Vec<String> = left
            .by_ref()
            .take(ZNODES_NAMED)
            .map(|(path, znode)| {
                let state = self.sessions.get(&znode.owner).copied().unwrap_or("closed");
                format!("{path} of session {:#x} ({state})", znode.owner)
            })
            .collect();
        match (named.is_empty(), left.count()) {
            (true, _) => "no candidates left".to_owned(),
            (false, 0) => format!("candidates left: {}", named.join(", ")),
            (false, more) => format!("candidates left: {} and {more} more", named.join(", ")),
        }
    }
}
