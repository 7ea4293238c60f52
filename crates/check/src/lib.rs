//! Monitors over histories: pure, they see events and never the world.

mod calm;
mod clients;
mod clocks;
mod counters;
mod durability;
mod ephemerals;
mod failover;
mod monitor;
mod processes;
mod promise;
mod reigns;
mod report;
mod sequence;
mod service;
mod sessions;
mod single_leader;
pub mod sometimes;
#[cfg(test)]
mod testing;
mod violation;
mod watches;
mod zxid_monotone;

pub use counters::{Counters, Required};
pub use durability::Durability;
pub use ephemerals::Ephemerals;
pub use failover::Failover;
pub use monitor::{Monitor, Monitors};
pub use promise::{FAMILIES, Judged, Promise, Promises, UnknownFamily};
pub use report::Report;
pub use sequence::Sequence;
pub use sessions::Sessions;
pub use single_leader::{Belief, Effect, Order};
pub use sometimes::Sometimes;
pub use violation::{Kind, Violation};
pub use watches::{WatchLost, WatchOrder};
pub use zxid_monotone::ZxidMonotone;
