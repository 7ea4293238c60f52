//! One call, from its invocation to its return.

use history::Time;

use super::Model;

/// When something was seen.
///
/// The order of lines is the order of what happened; the times are for people. Two lines of one instant are in the order
/// in which they were written: whoever writes a history of a simulated world knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    /// The line, from 1.
    pub line: usize,
    /// The time, if the history has any.
    pub time: Option<Time>,
}

/// One call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation<I, O> {
    /// Who called.
    pub process: String,
    /// What it asked for.
    pub input: I,
    /// When it asked.
    pub invoked: Moment,
    /// What it was answered, and when. `None` for a call that is open-ended: nobody has seen an answer, so that it may
    /// take effect at any time after its invocation, or never.
    pub answered: Option<(O, Moment)>,
}

impl<I, O> Operation<I, O> {
    /// The answer, if one was seen.
    pub fn answer(&self) -> Option<&O> {
        self.answered.as_ref().map(|(answer, _)| answer)
    }

    /// The line of the answer, if one was seen.
    pub(super) fn returned(&self) -> Option<usize> {
        self.answered.as_ref().map(|(_, moment)| moment.line)
    }
}

/// Calls of a model, by their invocation.
pub type Operations<M> = Vec<Operation<<M as Model>::Input, <M as Model>::Output>>;
