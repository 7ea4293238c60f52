//! Work distribution: a leader assigns numbered tasks to the workers of a registry, under its term, and collects what is
//! done.
//!
//! | | |
//! |---|---|
//! | [`node`] | what runs on a node: worker, member of the registry, and candidate |
//! | [`worker`] | takes tasks on, and refuses a leader of the past |
//! | [`Distribution`] | which task goes to whom: pure |
//! | [`Distributor`] | its shell, for a leader however it came to lead |
//! | [`Board`] | what came in and what is done, in the coordination service |
//!
//! What it promises: each task that came in is done at least once, as long as there is a leader in the end; and no worker
//! that has accepted an assignment of one leader accepts one of an earlier leader after it.
//!
//! What it refuses: *exactly once*. A worker that dies between the work and the answer has done it, and nobody knows: only
//! a task that can be done twice can be trusted to anybody else.

mod board;
mod distribution;
mod distributor;
mod leader;
pub mod node;
mod protocol;
mod tasks;
pub mod worker;

use std::time::Duration;

pub use board::Board;
pub use distribution::{Attempt, Distribution, Effect, Input, REST};
pub use distributor::Distributor;
pub use protocol::{Answer, Assignment, assign};
pub use tasks::{Tasks, TasksError};

/// So long a leader waits before it asks the service again what was not answered well.
const RETRY_PAUSE: Duration = Duration::from_millis(200);
