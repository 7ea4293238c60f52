//! The two clocks of one machine, and those who wait by them.

use std::sync::{Arc, Mutex};

use history::Time;

use super::alarm::{Alarm, Alarms, Place};
use super::monotonic::Monotonic;
use super::wall::Wall;
use crate::sim::core::{Core, lock};
use crate::{Instant, WallTime};

/// The clocks of one machine.
pub(in crate::sim) struct NodeClock {
    hands: Mutex<Hands>,
    alarms: Mutex<Alarms>,
}

#[derive(Clone, Copy)]
struct Hands {
    monotonic: Monotonic,
    wall: Wall,
}

impl NodeClock {
    /// Clocks that show the truth.
    pub(in crate::sim) fn new() -> Arc<NodeClock> {
        let hands = Hands { monotonic: Monotonic::TRUE, wall: Wall::TRUE };
        Arc::new(NodeClock { hands: Mutex::new(hands), alarms: Mutex::default() })
    }

    /// What the monotonic clock reads at true time `now`.
    pub(super) fn monotonic(&self, now: Time) -> Instant {
        let reading = lock(&self.hands).monotonic.read(now);
        Instant::from_reading(std::time::Duration::from_nanos(reading))
    }

    /// What the wall clock shows at true time `now`.
    pub(super) fn wall(&self, now: Time) -> WallTime {
        let hands = *lock(&self.hands);
        WallTime::from_epoch(hands.wall.read(hands.monotonic.read(now)))
    }

    /// True time at which the monotonic clock will read `deadline`, as things are.
    pub(super) fn when(&self, deadline: Instant) -> Option<Time> {
        lock(&self.hands).monotonic.when(deadline.reading())
    }

    /// Bends the wall clock; `bend` is handed what the monotonic clock reads, in nanoseconds.
    pub(super) fn bend_wall<T>(&self, now: Time, bend: impl FnOnce(&mut Wall, u64) -> T) -> T {
        let mut hands = lock(&self.hands);
        let monotonic = hands.monotonic.read(now);
        bend(&mut hands.wall, monotonic)
    }

    /// Sets the rate of both clocks and reckons all timers anew. False if the rate was this before.
    pub(super) fn set_drift(&self, core: &Core, parts_per_million: i64) -> bool {
        let reckoning = {
            let mut hands = lock(&self.hands);
            if hands.monotonic.drift() == parts_per_million {
                return false;
            }
            hands.monotonic.set_drift(core.now(), parts_per_million);
            hands.monotonic
        };
        let alarms = lock(&self.alarms).all();
        for alarm in alarms {
            alarm.reckon_anew(core, |deadline| reckoning.when(deadline.reading()));
        }
        true
    }

    pub(super) fn register(&self, alarm: Arc<Alarm>) -> Place {
        lock(&self.alarms).insert(alarm)
    }

    pub(super) fn deregister(&self, place: Place) {
        let alarm = lock(&self.alarms).remove(place);
        assert!(alarm.is_some(), "an alarm is taken out once");
    }
}
