//! Who spawns the tasks of guests.

use spawns_core::{Spawn, Task};

use crate::Guest;

/// Spawns on the node that is running.
pub(crate) struct OnThisNode;

impl Spawn for OnThisNode {
    fn spawn(&self, task: Task) {
        host::spawn(Guest::forked(Box::into_pin(task.future)));
    }
}

/// Spawns nothing: the process is at its end.
pub(crate) struct Nobody;

impl Spawn for Nobody {
    fn spawn(&self, _task: Task) {}
}
