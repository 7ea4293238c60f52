//! The seam: everything a process gets from its machine comes through here.
//!
//! Time and timers, network, disk, randomness, spawning, and a way to *tell* what the process believes. Inside a
//! simulation the machine is a simulated one ([`sim`]); outside it is the real one, on tokio. The choice is made at
//! run time, once per call, by whether the thread is inside a simulation: one binary both simulates and serves. In a
//! build without `--cfg madsim` only the real machine exists.
//!
//! What the seam refuses: threads, blocking calls, and any order that is not a function of the run's inputs.

#![allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "this is the one place they are allowed in")]

pub mod fs;
pub mod net;
pub mod random;
mod real;
#[cfg(madsim)]
pub mod sim;
#[cfg(not(madsim))]
#[path = "sim/absent.rs"]
mod sim;
mod task;
mod tell;
mod time;

pub use task::{JoinError, JoinHandle, spawn, yield_now};
pub use tell::{is_heard, node_name, tell, tell_sometimes};
pub use time::{Elapsed, Instant, Sleep, Timeout, WallTime, now, sleep, sleep_until, timeout, timeout_at, wall_clock};
