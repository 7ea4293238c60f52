//! The ensemble's own monitors: that its servers agree on one history, keep it, and come back.
//!
//! They see what servers tell, by node, and nothing of the messages between them. On the history of a lone server they
//! are silent.

mod leaders;

pub(crate) use leaders::Leaders;
