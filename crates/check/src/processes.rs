//! Which processes run, as the history tells it.

use std::collections::BTreeMap;
use std::fmt;

use history::{Event, MachineEvent, NodeName, Record, Time};

/// The life of the process on one node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Process {
    Running,
    Paused,
    Exited,
    Killed,
    PowerLost,
}

impl fmt::Display for Process {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Process::Running => "running",
            Process::Paused => "paused",
            Process::Exited => "exited",
            Process::Killed => "killed",
            Process::PowerLost => "without power",
        })
    }
}

/// The processes of all nodes, with the time since when they are what they are.
#[derive(Debug, Default)]
pub(crate) struct Processes(BTreeMap<NodeName, (Process, Time)>);

impl Processes {
    pub(crate) fn observe(&mut self, record: &Record) {
        let (Some(node), Event::Machine(event)) = (&record.node, &record.event) else { return };
        let process = match event {
            MachineEvent::Started | MachineEvent::Resumed => Process::Running,
            MachineEvent::Paused => Process::Paused,
            MachineEvent::Exited => Process::Exited,
            MachineEvent::Killed => Process::Killed,
            MachineEvent::PowerLost => Process::PowerLost,
        };
        self.0.insert(node.clone(), (process, record.at));
    }

    /// A node of which nothing is known runs since the beginning: histories may leave machines out.
    pub(crate) fn of(&self, node: &NodeName) -> Process {
        self.0.get(node).map_or(Process::Running, |(process, _)| *process)
    }

    /// Since when the process of this node is what it is.
    pub(crate) fn since(&self, node: &NodeName) -> Time {
        self.0.get(node).map_or(Time::ZERO, |(_, since)| *since)
    }

    pub(crate) fn runs(&self, node: &NodeName) -> bool {
        self.of(node) == Process::Running
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&NodeName, Process)> {
        self.0.iter().map(|(node, (process, _))| (node, *process))
    }
}

/// The node whose process is gone or new with this event, and with it all that the old process knew.
pub(crate) fn life_ended(record: &Record) -> Option<&NodeName> {
    match (&record.node, &record.event) {
        (
            Some(node),
            Event::Machine(
                MachineEvent::Started | MachineEvent::Exited | MachineEvent::Killed | MachineEvent::PowerLost,
            ),
        ) => Some(node),
        _ => None,
    }
}
