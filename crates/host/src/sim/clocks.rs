//! Clocks of the nodes.
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use super::core::{Core, NodeIndex};
use crate::{Instant, WallTime};

/// The clocks of all nodes.
pub struct Clocks {
    core: Arc<Core>,
}

impl Clocks {
    pub(super) fn new(core: Arc<Core>) -> Clocks {
        Clocks { core }
    }

    pub(super) fn add_node(&self, _node: NodeIndex) {}

    pub(crate) fn now(&self) -> Instant {
        Instant::from_reading(self.core.now().elapsed())
    }

    pub(crate) fn wall_clock(&self) -> WallTime {
        WallTime::from_epoch(self.core.now().elapsed())
    }

    pub(crate) fn sleep_until(&self, deadline: Instant) -> Sleep {
        Sleep { deadline, sleep: Box::pin(self.core.time().sleep(deadline - self.now())) }
    }
}

/// A timer on a simulated node.
pub struct Sleep {
    deadline: Instant,
    sleep: Pin<Box<madsim::time::Sleep>>,
}

impl Sleep {
    pub(crate) fn reset(&mut self, deadline: Instant) {
        *self = crate::sim::World::current().clocks().sleep_until(deadline);
    }

    pub(crate) fn deadline(&self) -> Instant {
        self.deadline
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        self.sleep.as_mut().poll(context)
    }
}
