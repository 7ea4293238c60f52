//! A timer by a node's monotonic clock.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use super::alarm::{Alarm, Place};
use super::node_clock::NodeClock;
use crate::Instant;
use crate::sim::core::Core;

/// A timer on a simulated node. It belongs to the node on which it was made, wherever it is polled or dropped.
pub struct Sleep {
    core: Arc<Core>,
    clock: Arc<NodeClock>,
    deadline: Instant,
    /// Made when the timer first has to wait, and kept until it is dropped.
    alarm: Option<(Arc<Alarm>, Place)>,
    /// Whether anybody was told to wait since the deadline was set.
    has_waited: bool,
}

impl Sleep {
    pub(super) fn new(core: Arc<Core>, clock: Arc<NodeClock>, deadline: Instant) -> Sleep {
        Sleep { core, clock, deadline, alarm: None, has_waited: false }
    }

    /// What a device takes that has a clock of its own.
    pub(in crate::sim) fn for_device(core: Arc<Core>, clock: Arc<NodeClock>, takes: Duration) -> Sleep {
        let deadline = clock.monotonic(core.now()) + takes;
        Sleep::new(core, clock, deadline)
    }

    pub(crate) fn reset(&mut self, deadline: Instant) {
        self.deadline = deadline;
        self.has_waited = false;
    }

    pub(crate) fn deadline(&self) -> Instant {
        self.deadline
    }

    /// How many timers of the scheduler it has cost.
    #[cfg(test)]
    pub(super) fn armings(&self) -> u32 {
        self.alarm.as_ref().map_or(0, |(alarm, _)| alarm.armings())
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let this = self.get_mut();
        let is_due = this.clock.monotonic(this.core.now()) >= this.deadline;
        if is_due {
            if this.has_waited {
                if let Some((alarm, _)) = &this.alarm {
                    alarm.give_up();
                }
                return Poll::Ready(());
            }
            // True time moves only between polls. A loop around a timer that is already due would stop the world if
            // the timer did not let others run first.
            this.has_waited = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        this.has_waited = true;
        let (alarm, _) = this.alarm.get_or_insert_with(|| {
            let alarm = Alarm::new();
            let place = this.clock.register(alarm.clone());
            (alarm, place)
        });
        alarm.wait(&this.core, this.deadline, this.clock.when(this.deadline), context.waker());
        Poll::Pending
    }
}

impl Drop for Sleep {
    /// Runs wherever the task ends, also under the scheduler's own locks: nothing is asked of the scheduler here.
    fn drop(&mut self) {
        if let Some((alarm, place)) = self.alarm.take() {
            self.clock.deregister(place);
            alarm.give_up();
        }
    }
}
