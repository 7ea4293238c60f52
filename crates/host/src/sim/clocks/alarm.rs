//! What lies between a waiting task and the scheduler's timers.
//!
//! madsim's own `Sleep` adds a timer at every poll and can never take one back. Here a wait is one timer: it rings an
//! alarm, and the alarm wakes whoever polled last. Polled again, the timer that is there is kept; put off, it rings
//! early and is armed anew by the poll that follows; given up, it rings at nobody.

use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use history::Time;

use crate::Instant;
use crate::sim::core::{Core, lock};

/// One wait, shared between the sleeper, its node's clock and the scheduler's timers.
pub(super) struct Alarm {
    state: Mutex<State>,
}

struct State {
    /// Whom to wake; nobody once the alarm has rung or the wait was given up.
    waker: Option<Waker>,
    /// What the node's clock must read.
    deadline: Instant,
    /// True time of the earliest timer that is known to be pending. In the past, it has rung.
    armed: Option<Time>,
    /// How many timers were asked of the scheduler.
    armings: u32,
}

impl Alarm {
    /// An alarm that nobody waits for yet.
    pub(super) fn new() -> Arc<Alarm> {
        let state = State { waker: None, deadline: Instant::from_reading(Duration::ZERO), armed: None, armings: 0 };
        Arc::new(Alarm { state: Mutex::new(state) })
    }

    /// Waits for the node's clock to read `deadline`, which it does at true time `due` (nothing: never).
    pub(super) fn wait(self: &Arc<Alarm>, core: &Core, deadline: Instant, due: Option<Time>, waker: &Waker) {
        let replaced = {
            let mut state = lock(&self.state);
            state.deadline = deadline;
            match &mut state.waker {
                Some(known) if known.will_wake(waker) => None,
                known => known.replace(waker.clone()),
            }
        };
        // Destructors of tasks hang on wakers: none is dropped while anything of ours is locked.
        drop(replaced);
        self.arm(core, due);
    }

    /// The node's clock changed: whoever waits must be woken by the new reckoning. `when` tells the true time at which
    /// the clock will read a deadline.
    pub(super) fn reckon_anew(self: &Arc<Alarm>, core: &Core, when: impl FnOnce(Instant) -> Option<Time>) {
        let waiting = {
            let state = lock(&self.state);
            state.waker.is_some().then_some(state.deadline)
        };
        if let Some(deadline) = waiting {
            self.arm(core, when(deadline));
        }
    }

    /// Nobody waits any more.
    pub(super) fn give_up(&self) {
        let waker = lock(&self.state).waker.take();
        drop(waker);
    }

    /// How many timers this alarm has cost.
    #[cfg(test)]
    pub(super) fn armings(&self) -> u32 {
        lock(&self.state).armings
    }

    /// Sees to it that a timer rings at true time `due` or before.
    fn arm(self: &Arc<Alarm>, core: &Core, due: Option<Time>) {
        let Some(due) = due else { return };
        let now = core.now();
        {
            let mut state = lock(&self.state);
            if state.armed.is_some_and(|armed| now < armed && armed <= due) {
                return;
            }
            state.armed = Some(due);
            state.armings += 1;
        }
        let waker = Waker::from(self.clone());
        // The scheduler clamps a sleep to a millisecond when it is made, not when it is reset.
        let mut timer = pin!(core.time().sleep(Duration::ZERO));
        timer.as_mut().reset(core.time().now_instant() + due.since(now));
        if let Poll::Ready(()) = timer.poll(&mut Context::from_waker(&waker)) {
            waker.wake();
        }
    }
}

impl Wake for Alarm {
    /// Called under the scheduler's timer lock: a timer cannot be added here, only a task be woken.
    fn wake(self: Arc<Alarm>) {
        let waker = lock(&self.state).waker.take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

/// All alarms of one node, so that a change of its clock finds those who wait.
#[derive(Default)]
pub(super) struct Alarms {
    places: Vec<Option<Arc<Alarm>>>,
    free: Vec<usize>,
}

/// A place among the alarms of a node.
#[derive(Clone, Copy)]
pub(super) struct Place(usize);

impl Alarms {
    pub(super) fn insert(&mut self, alarm: Arc<Alarm>) -> Place {
        if let Some(place) = self.free.pop() {
            self.places[place] = Some(alarm);
            return Place(place);
        }
        self.places.push(Some(alarm));
        Place(self.places.len() - 1)
    }

    pub(super) fn remove(&mut self, place: Place) -> Option<Arc<Alarm>> {
        self.free.push(place.0);
        self.places[place.0].take()
    }

    /// In the order of their places, which is a function of the run.
    pub(super) fn all(&self) -> Vec<Arc<Alarm>> {
        self.places.iter().flatten().cloned().collect()
    }
}
