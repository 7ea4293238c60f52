//! Monitors over histories: pure, they see events and never the world.

mod calm;
mod clients;
mod counters;
mod failover;
mod monitor;
mod processes;
mod promise;
mod reigns;
mod report;
mod service;
mod single_leader;
pub mod sometimes;
#[cfg(test)]
mod testing;
mod violation;

pub use counters::{Counters, Required};
pub use failover::Failover;
pub use monitor::{Monitor, Monitors};
pub use promise::{FAMILIES, Judged, Promise, Promises, UnknownFamily};
pub use report::Report;
pub use single_leader::{Belief, Effect, Order};
pub use sometimes::Sometimes;
pub use violation::{Kind, Violation};
