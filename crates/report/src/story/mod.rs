//! What held for how long on each node, and what happened, in words.

mod clocks;
mod entry;
mod faults;
mod life;
mod links;
mod messages;
mod reigns;
mod sessions;
mod standing;
mod teller;
mod track;
mod words;

use history::{NodeName, Record, Term, Time};

pub use clocks::Offset;
pub use entry::{About, Entry, Weight};
pub use faults::Came;
pub use life::Life;
pub use links::CutOff;
pub use messages::{Message, Messages};
pub use reigns::Interregnum;
pub use sessions::Held;
pub use standing::Standing;
pub use track::Span;

use crate::subject::{Fault, Subject};

/// The story of a run.
#[derive(Clone, Debug)]
pub struct Story {
    /// The nodes: servers, candidates, resources, and whoever else did something.
    pub lanes: Vec<Lane>,
    /// When more than one believed to lead, and who.
    pub crowds: Vec<Span<Vec<NodeName>>>,
    /// The times without a leader.
    pub interregna: Vec<Interregnum>,
    /// The faults that came, in the order in which they began.
    pub faults: Vec<Came>,
    /// The faults of the schedule that never came, mostly because the run ended before.
    pub never_came: Vec<Fault>,
    /// What happened, in the order of time.
    pub entries: Vec<Entry>,
    /// The messages.
    pub messages: Messages,
    /// When the liveness phase began, if it did.
    pub liveness: Option<Time>,
}

/// One node.
#[derive(Clone, Debug)]
pub struct Lane {
    /// Its name.
    pub name: NodeName,
    /// What it is: `server`, `candidate`, `resource`, `node`.
    pub role: &'static str,
    /// The life of its process.
    pub life: Vec<Span<Life>>,
    /// When it believed to lead, under which term.
    pub beliefs: Vec<Span<Term>>,
    /// When it led in truth.
    pub truths: Vec<Span<Term>>,
    /// Where it stood in the ensemble.
    pub standings: Vec<Span<Standing>>,
    /// The sessions it held.
    pub sessions: Vec<Span<Held>>,
    /// When its links were cut or bad.
    pub links: Vec<Span<CutOff>>,
    /// How far its wall clock is from true time.
    pub clock: Vec<Offset>,
}

impl Story {
    /// Makes the story of a run out of what its log kept. Of a log that kept the story only, messages and acts are missing.
    pub fn new(subject: &Subject, records: &[Record]) -> Story {
        teller::tell(subject, records)
    }

    /// The nodes of the first time that more than one believed, if the run came to that.
    pub fn rivals(&self) -> Option<&Span<Vec<NodeName>>> {
        self.crowds.first()
    }
}

#[cfg(test)]
mod tests;
