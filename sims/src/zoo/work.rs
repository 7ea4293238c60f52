//! Bugs of work distribution: they need a leader that is elected, and hold the highest rung of the ladder to its promise.

use election::Mutant;
use interregnum::Planted;

use crate::ladder::Elected;

/// Workers do not compare terms: what a deposed leader sent before it knew is done after what its successor sent.
pub static WORK_TERMS: Elected = Elected {
    name: "zoo/work-terms",
    about: "planted: workers take on what anybody assigns, also a leader of the past",
    mutant: Some(Mutant::ForgetsTerms),
    planted: Some(Planted { id: "work-terms", caught_by: &["assignments"] }),
};

/// A task is put on record as done when it is assigned: who dies with it takes it along.
pub static WORK_RECORD: Elected = Elected {
    name: "zoo/work-record",
    about: "planted: a leader records a task as done when it assigns it",
    mutant: Some(Mutant::RecordsBeforeDone),
    planted: Some(Planted { id: "work-record", caught_by: &["assignments"] }),
};
