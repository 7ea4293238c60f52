//! Whether a history of concurrent calls is *linearizable*: whether each call can have taken effect at one instant
//! between its invocation and its return, so that the answers are those of one object used by one caller at a time.
//!
//! ```text
//! a  |--write 1--|
//! b                  |--write 2--|
//! c                                  |--read: 1--|       stale: at no instant of this read the register held 1
//! ```
//!
//! A [`Model`] says what the object does when it is used by one caller; [`check`] searches for an order that explains
//! the answers (the algorithm of Wing and Gong as Lowe improved it: "Testing for linearizability", 2017). Three answers
//! are possible, because the problem is NP-complete: [`Verdict::Holds`], [`Verdict::Violated`] with the few operations
//! that cannot be explained, and [`Verdict::Unknown`] when the budget was spent. The budget counts states, not time, so
//! that the answer is a function of the history and of nothing else.
//!
//! A [`History`] is what was seen, one JSON object a line; a [`Recorder`] writes one. A call that never returned, or
//! that ended in doubt, may have taken effect, or may take effect at any later time, or never: after a lost connection
//! ZooKeeper promises no more than that.
//!
//! What is refused: sequential consistency. ZooKeeper serves reads from followers, so that without a `sync` before it a
//! read may be stale, and a history with such reads is rightly found to be no linearizable one.

mod bits;
mod check;
mod frontier;
mod history;
mod judgement;
mod model;
mod models;
mod narrow;
mod operation;
mod reading;
mod recorder;
mod search;
#[cfg(test)]
mod tests;

pub use check::{check, judge};
pub use history::{History, Line, Stage};
pub use judgement::{Judgement, Shown, Verdict, Window};
pub use model::Model;
pub use models::{CasRegister, KeyValue, ModelName, Register, Sequence, Znode};
pub use operation::{Moment, Operation, Operations};
pub use reading::{HistoryError, Vocabulary, Wrong};
pub use recorder::{Call, Recorder};
