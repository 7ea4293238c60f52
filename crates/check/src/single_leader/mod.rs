//! At most one leader, in three strengths.
//!
//! - [`Belief`]: no two nodes believe at the same instant that they lead. Most libraries cannot promise this: a stalled
//!   process believes on while its session ends.
//! - [`Effect`]: no act of an older term takes effect after one of a newer term. What fencing is for.
//! - [`Order`]: leaders come in the order of their terms.
//!
//! Beside them stands [`Overlap`], for strategies that bound how long two may believe at once.
//!
//! Which of the three a strategy promises under which faults says [`Promises`](crate::Promises). What is not promised
//! is counted instead of reported: a belief that overlaps in a strategy which never denied it is no bug, but worth a
//! number.

mod belief;
mod effect;
mod ledger;
mod order;
mod overlap;

pub use belief::Belief;
pub use effect::Effect;
pub use order::Order;
pub use overlap::Overlap;
