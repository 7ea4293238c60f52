//! Clocks of the nodes.
//!
//! Each machine has a monotonic clock, which may run fast or slow and never goes back, and a wall clock, which follows
//! it and may besides be stepped, frozen and made to jump. Timers go by the monotonic clock. The supervisor, who stands
//! outside all nodes, has clocks that show the truth.
//!
//! What is not modelled: monotonic clocks do not begin anew at a reboot (no process lives through one to compare), and
//! both clocks of a machine share one rate.

mod alarm;
mod monotonic;
mod node_clock;
mod sleep;
#[cfg(test)]
mod tests;
mod wall;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use history::{ClockEvent, Event, Time};

pub(super) use node_clock::NodeClock;
pub use sleep::Sleep;

use super::core::{Core, NodeIndex, lock};
use crate::{Instant, WallTime};

/// The clocks of all nodes. What bends them is told in the event log, if it changes anything.
pub struct Clocks {
    core: Arc<Core>,
    truth: Arc<NodeClock>,
    nodes: Mutex<Vec<Arc<NodeClock>>>,
}

impl Clocks {
    /// What true wall clocks show when a run begins, since the Unix epoch.
    pub const BEGINNING: Duration = wall::BEGINNING;

    pub(super) fn new(core: Arc<Core>) -> Clocks {
        Clocks { core, truth: NodeClock::new(), nodes: Mutex::default() }
    }

    pub(super) fn add_node(&self, node: NodeIndex) {
        let mut nodes = lock(&self.nodes);
        assert_eq!(nodes.len(), node.position(), "clocks run in step with the roster");
        nodes.push(NodeClock::new());
    }

    /// Steps the wall clock by this many nanoseconds, back if negative. Timers do not notice.
    ///
    /// # Panics
    /// If there is no such node.
    pub fn step(&self, node: &str, nanoseconds: i64) {
        let (index, clock) = self.find(node);
        if nanoseconds != 0 {
            clock.bend_wall(self.core.now(), |wall, _| wall.step(nanoseconds));
            self.tell(index, ClockEvent::Stepped { nanoseconds });
        }
    }

    /// Lets both clocks run this many parts per million fast, slow if negative. Timers that wait go by the new rate.
    ///
    /// # Panics
    /// If there is no such node, or if the clocks would stand still, go back, or run more than a thousand times too
    /// fast.
    pub fn drift(&self, node: &str, parts_per_million: i64) {
        let (index, clock) = self.find(node);
        if clock.set_drift(&self.core, parts_per_million) {
            self.tell(index, ClockEvent::Drifts { parts_per_million });
        }
    }

    /// Stops the wall clock at what it shows.
    ///
    /// # Panics
    /// If there is no such node.
    pub fn freeze(&self, node: &str) {
        let (index, clock) = self.find(node);
        if clock.bend_wall(self.core.now(), |wall, monotonic| wall.freeze(monotonic)) {
            self.tell(index, ClockEvent::Frozen);
        }
    }

    /// Makes the wall clock jump by this many nanoseconds and back again, one jump a `period` of the node's own time,
    /// the first at once. A frozen clock runs again.
    ///
    /// # Panics
    /// If there is no such node, or if the period is zero.
    pub fn strobe(&self, node: &str, nanoseconds: i64, period: Duration) {
        let (index, clock) = self.find(node);
        clock.bend_wall(self.core.now(), |wall, monotonic| wall.strobe(monotonic, nanoseconds, period));
        self.tell(index, ClockEvent::Strobes { nanoseconds, period });
    }

    /// Ends freezing and strobing. A frozen clock runs on from what it shows, so it stays late by the time it stood
    /// still; a strobing one goes on as if it had never jumped. Rate and steps stay.
    ///
    /// # Panics
    /// If there is no such node.
    pub fn thaw(&self, node: &str) {
        let (index, clock) = self.find(node);
        if clock.bend_wall(self.core.now(), |wall, monotonic| wall.thaw(monotonic)) {
            self.tell(index, ClockEvent::Thawed);
        }
    }

    /// Ends every fault of the clocks, as a time service would that works at last: the rate is true, the wall clock
    /// runs, and a last step sets it right. The monotonic clock keeps what it gained or lost.
    ///
    /// # Panics
    /// If there is no such node.
    pub fn mend(&self, node: &str) {
        self.drift(node, 0);
        self.thaw(node);
        let (index, clock) = self.find(node);
        let now = self.core.now();
        let nanoseconds = clock.bend_wall(now, |wall, monotonic| wall.set_right(monotonic, now.as_nanos()));
        if nanoseconds != 0 {
            self.tell(index, ClockEvent::Stepped { nanoseconds });
        }
    }

    /// What the monotonic clock of a node reads. For monitors; processes ask [`crate::now`].
    ///
    /// # Panics
    /// If there is no such node.
    pub fn monotonic_of(&self, node: &str) -> Instant {
        self.find(node).1.monotonic(self.core.now())
    }

    /// What the wall clock of a node shows. For monitors; processes ask [`crate::wall_clock`].
    ///
    /// # Panics
    /// If there is no such node.
    pub fn wall_of(&self, node: &str) -> WallTime {
        self.find(node).1.wall(self.core.now())
    }

    pub(crate) fn now(&self) -> Instant {
        self.current().monotonic(self.core.now())
    }

    pub(crate) fn wall_clock(&self) -> WallTime {
        self.current().wall(self.core.now())
    }

    pub(crate) fn sleep_until(&self, deadline: Instant) -> Sleep {
        Sleep::new(self.core.clone(), self.current(), deadline)
    }

    /// The two clocks by the name of a node, the true ones if there is none of this name. Never panics.
    pub(super) fn of_host(&self, name: &str) -> (Instant, WallTime) {
        let known = self.core.find(name).and_then(|node| lock(&self.nodes).get(node.position()).cloned());
        let clock = known.as_ref().unwrap_or(&self.truth);
        let now: Time = self.core.now();
        (clock.monotonic(now), clock.wall(now))
    }

    fn current(&self) -> Arc<NodeClock> {
        match self.core.current_node() {
            Some(node) => lock(&self.nodes)[node.position()].clone(),
            None => self.truth.clone(),
        }
    }

    fn find(&self, node: &str) -> (NodeIndex, Arc<NodeClock>) {
        let index = self.core.find(node).unwrap_or_else(|| panic!("there is no node `{node}`"));
        (index, lock(&self.nodes)[index.position()].clone())
    }

    fn tell(&self, node: NodeIndex, event: ClockEvent) {
        self.core.tell(Some(node), Event::Clock(event));
    }
}
