//! Telling: a process says what it believes and sees, for the monitors to judge.

use history::{Event, NodeName};

#[cfg(madsim)]
use crate::sim;

/// Tells an event. Inside a simulation it goes to the world's log with the true time; outside it becomes a `tracing`
/// event of target `interregnum`, at level `trace`.
pub fn tell(event: Event) {
    #[cfg(madsim)]
    if let Some(world) = sim::World::try_current() {
        world.tell(event);
        return;
    }
    tracing::trace!(target: "interregnum", ?event);
}

/// Whether anybody hears what is told: always inside a simulation, outside it only where `tracing` listens. Saves the cost
/// of making events for nobody.
pub fn is_heard() -> bool {
    #[cfg(madsim)]
    if sim::World::try_current().is_some() {
        return true;
    }
    tracing::enabled!(target: "interregnum", tracing::Level::TRACE)
}

/// Tells that a point of interest was reached, for the `sometimes` counters.
pub fn tell_sometimes(what: &str) {
    #[cfg(madsim)]
    if let Some(world) = sim::World::try_current() {
        world.tell(Event::Sometimes(what.to_owned()));
        return;
    }
    let _ = what;
}

/// The name of the node this process runs on; `localhost` on the real machine.
pub fn node_name() -> NodeName {
    #[cfg(madsim)]
    if let Some(world) = sim::World::try_current() {
        return world.node_name();
    }
    NodeName::new("localhost")
}
