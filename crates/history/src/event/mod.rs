//! The vocabulary of events, from the world below to the processes above.
//!
//! Strings and numbers stand here where the crates above have richer types: the vocabulary lies at the bottom of the
//! house so that every floor can speak it.

mod call;
mod client;
mod ensemble;
mod leadership;
mod schedule;
mod service;
mod work;
mod world;

use serde::{Deserialize, Serialize};

pub use call::CallEvent;
pub use client::{ClientEvent, WatchKind};
pub use ensemble::{EnsembleEvent, SyncKind};
pub use leadership::{LeadershipEvent, ResourceEvent, Term};
pub use schedule::{FaultEvent, Phase};
pub use service::ServiceEvent;
pub use work::WorkEvent;
pub use world::{ClockEvent, DiskEvent, MachineEvent, NetworkEvent};

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// A machine or the process on it began, ended, stalled.
    Machine(MachineEvent),
    /// A link changed or carried something.
    Network(NetworkEvent),
    /// A node's clock was bent.
    Clock(ClockEvent),
    /// A disk did something that a process did not ask for.
    Disk(DiskEvent),
    /// The schedule acts.
    Fault(FaultEvent),
    /// The run enters a phase.
    Phase(Phase),
    /// What a candidate believes.
    Leadership(LeadershipEvent),
    /// What a fenced resource accepts and refuses.
    Resource(ResourceEvent),
    /// The coordination service's own history.
    Service(ServiceEvent),
    /// How the servers of the ensemble agree.
    Ensemble(EnsembleEvent),
    /// What a client of the service sees.
    Client(ClientEvent),
    /// What a process asks of the object under test, and what it is answered.
    Call(CallEvent),
    /// A point of interest reached, for the `sometimes` counters: what is worth reaching, not what is wrong.
    Sometimes(String),
    /// Free text, for people.
    Note {
        /// What the note is about.
        topic: String,
        /// The note.
        text: String,
    },
    /// What happens to tasks. Behind the others, so that the trace hashes of runs without tasks stay what they were.
    Work(WorkEvent),
}

impl Event {
    /// Whether the event belongs into a story told to people: rare and of consequence.
    pub fn is_story(&self) -> bool {
        match self {
            Event::Machine(_) | Event::Clock(_) | Event::Disk(_) | Event::Fault(_) | Event::Phase(_) => true,
            Event::Leadership(_) | Event::Note { .. } => true,
            Event::Network(event) => !matches!(event, NetworkEvent::Delivered { .. }),
            Event::Resource(event) => matches!(event, ResourceEvent::Refused { .. } | ResourceEvent::Fenced { .. }),
            Event::Service(event) => event.is_story(),
            Event::Ensemble(event) => event.is_story(),
            Event::Client(event) => event.is_story(),
            Event::Work(event) => event.is_story(),
            Event::Call(_) | Event::Sometimes(_) => false,
        }
    }
}
