//! The ensemble's own monitors: that its servers agree on one history, keep it, and come back.
//!
//! They see what servers tell, by node, and nothing of the messages between them. On the history of a lone server they
//! are silent.

mod digest;
mod epochs;
mod leaders;
mod restart;
mod window;
mod zab;

pub use digest::Digest;
pub use epochs::Epochs;
pub(crate) use leaders::Leaders;
pub use restart::Restart;
pub use zab::Zab;
