//! The node's two clocks and its timers.
//!
//! The *monotonic* clock never goes back; its rate may be bent. The *wall* clock has an offset of its own and may be
//! stepped, frozen, and made to jump. Timers follow the monotonic clock. True virtual time cannot be had here: no
//! process has it.

use std::fmt;
use std::future::Future;
use std::ops::{Add, AddAssign, Sub};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use crate::real;
#[cfg(madsim)]
use crate::sim;

/// A reading of the node's monotonic clock: time since an arbitrary instant in the past.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(Duration);

impl Instant {
    /// The reading that lies `reading` after the clock's zero.
    pub const fn from_reading(reading: Duration) -> Instant {
        Instant(reading)
    }

    /// Time since the clock's zero.
    pub const fn reading(self) -> Duration {
        self.0
    }

    /// Time from `earlier` to this one, or zero if `earlier` is the later.
    pub const fn since(self, earlier: Instant) -> Duration {
        self.0.saturating_sub(earlier.0)
    }
}

impl Add<Duration> for Instant {
    type Output = Instant;

    fn add(self, duration: Duration) -> Instant {
        Instant(self.0.saturating_add(duration))
    }
}

impl AddAssign<Duration> for Instant {
    fn add_assign(&mut self, duration: Duration) {
        *self = *self + duration;
    }
}

impl Sub<Instant> for Instant {
    type Output = Duration;

    fn sub(self, earlier: Instant) -> Duration {
        self.since(earlier)
    }
}

impl Sub<Duration> for Instant {
    type Output = Instant;

    fn sub(self, duration: Duration) -> Instant {
        Instant(self.0.saturating_sub(duration))
    }
}

/// A reading of the node's wall clock: time since the Unix epoch, as this node believes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WallTime(Duration);

impl WallTime {
    /// The wall time that lies `since_epoch` after the Unix epoch.
    pub const fn from_epoch(since_epoch: Duration) -> WallTime {
        WallTime(since_epoch)
    }

    /// Time since the Unix epoch.
    pub const fn since_epoch(self) -> Duration {
        self.0
    }

    /// Milliseconds since the Unix epoch, as ZooKeeper writes times.
    pub const fn as_millis(self) -> i64 {
        self.0.as_millis() as i64
    }
}

/// Reads the node's monotonic clock.
pub fn now() -> Instant {
    #[cfg(madsim)]
    if let Some(world) = sim::World::try_current() {
        return world.clocks().now();
    }
    real::time::now()
}

/// Reads the node's wall clock.
pub fn wall_clock() -> WallTime {
    #[cfg(madsim)]
    if let Some(world) = sim::World::try_current() {
        return world.clocks().wall_clock();
    }
    real::time::wall_clock()
}

/// Waits until `duration` has passed on the node's monotonic clock.
pub fn sleep(duration: Duration) -> Sleep {
    sleep_until(now() + duration)
}

/// Waits until the node's monotonic clock reads `deadline`.
pub fn sleep_until(deadline: Instant) -> Sleep {
    #[cfg(madsim)]
    if let Some(world) = sim::World::try_current() {
        return Sleep(Machine::Simulated(world.clocks().sleep_until(deadline)));
    }
    Sleep(Machine::Real(real::time::sleep_until(deadline)))
}

/// A timer, made by [`sleep`] or [`sleep_until`]. It can be set anew with [`Sleep::reset`], which is cheap when the
/// deadline moves away: a timer that is put off at every message costs next to nothing.
#[must_use = "a timer does nothing unless awaited"]
pub struct Sleep(Machine);

enum Machine {
    Real(real::time::Sleep),
    #[cfg(madsim)]
    Simulated(sim::Sleep),
}

impl Sleep {
    /// Sets the timer to another deadline, whether it has fired or not.
    pub fn reset(&mut self, deadline: Instant) {
        match &mut self.0 {
            Machine::Real(sleep) => sleep.reset(deadline),
            #[cfg(madsim)]
            Machine::Simulated(sleep) => sleep.reset(deadline),
        }
    }

    /// The reading at which the timer fires.
    pub fn deadline(&self) -> Instant {
        match &self.0 {
            Machine::Real(sleep) => sleep.deadline(),
            #[cfg(madsim)]
            Machine::Simulated(sleep) => sleep.deadline(),
        }
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        match &mut self.get_mut().0 {
            Machine::Real(sleep) => Pin::new(sleep).poll(context),
            #[cfg(madsim)]
            Machine::Simulated(sleep) => Pin::new(sleep).poll(context),
        }
    }
}

/// The time was up before the future was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Elapsed;

impl fmt::Display for Elapsed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the time was up")
    }
}

impl std::error::Error for Elapsed {}

/// Lets `future` run for at most `duration` of the node's monotonic clock.
///
/// # Errors
/// [`Elapsed`] if the time was up first; the future is dropped then.
pub fn timeout<F: Future>(duration: Duration, future: F) -> Timeout<F> {
    timeout_at(now() + duration, future)
}

/// Lets `future` run until the node's monotonic clock reads `deadline`.
///
/// # Errors
/// [`Elapsed`] if the time was up first; the future is dropped then.
pub fn timeout_at<F: Future>(deadline: Instant, future: F) -> Timeout<F> {
    Timeout { future: Box::pin(future), sleep: sleep_until(deadline) }
}

/// The future of [`timeout`].
#[must_use = "futures do nothing unless awaited"]
pub struct Timeout<F> {
    future: Pin<Box<F>>,
    sleep: Sleep,
}

impl<F: Future> Future for Timeout<F> {
    type Output = Result<F::Output, Elapsed>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        if let Poll::Ready(output) = this.future.as_mut().poll(context) {
            return Poll::Ready(Ok(output));
        }
        Pin::new(&mut this.sleep).poll(context).map(|()| Err(Elapsed))
    }
}
