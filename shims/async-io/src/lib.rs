//! Stands in for the crate `async-io` where the machine may be a simulated one: its [`Timer`], over `host`.
//!
//! `[patch.crates-io]` puts it in the place of the real one, so that a crate which is wired to `async-io` runs unmodified on
//! simulated nodes: its timers follow the monotonic clock of their node, and no reactor thread is ever started. On a real
//! machine the timers are tokio's, and want a tokio runtime.
//!
//! Covered: all of `Timer`. Not covered, and therefore not compiled: `Async`, which hands out sockets of the operating
//! system, `block_on`, which blocks the thread that all nodes share, and what belongs to a reactor of its own.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use futures_core::Stream;

/// A timer that fires once, or again and again. It yields the moment for which it was set, which lies before the present
/// if nobody looked in time.
#[must_use = "timers do nothing unless polled"]
pub struct Timer {
    next: Option<Firing>,
    period: Duration,
    sleep: Option<host::Sleep>,
}

/// One moment, on the clock that the user sees and on that of `host`. They agree where `clock_gettime` is sent through
/// `host`; where it is not, the timer follows the node and yields what the user knows.
#[derive(Clone, Copy)]
struct Firing {
    shown: Instant,
    deadline: host::Instant,
}

impl Firing {
    fn at(shown: Instant) -> Firing {
        Firing { shown, deadline: host::now() + shown.saturating_duration_since(present()) }
    }

    fn checked_add(self, period: Duration) -> Option<Firing> {
        let shown = self.shown.checked_add(period)?;
        Some(Firing { shown, deadline: self.deadline + period })
    }
}

/// What the user of the timer takes for the present.
#[allow(clippy::disallowed_methods, reason = "moments come and go in terms of std's clock: the node's, by the linker")]
fn present() -> Instant {
    Instant::now()
}

impl Timer {
    /// A timer that never fires.
    pub fn never() -> Timer {
        Timer { next: None, period: Duration::MAX, sleep: None }
    }

    /// A timer that fires once, so much later.
    pub fn after(duration: Duration) -> Timer {
        present().checked_add(duration).map_or_else(Timer::never, Timer::at)
    }

    /// A timer that fires once, at this moment.
    pub fn at(instant: Instant) -> Timer {
        Timer::interval_at(instant, Duration::MAX)
    }

    /// A timer that fires again and again, first one period from now.
    pub fn interval(period: Duration) -> Timer {
        present().checked_add(period).map_or_else(Timer::never, |first| Timer::interval_at(first, period))
    }

    /// A timer that fires at this moment, and then again and again.
    pub fn interval_at(start: Instant, period: Duration) -> Timer {
        Timer { next: Some(Firing::at(start)), period, sleep: None }
    }

    /// Whether it will fire at all.
    pub fn will_fire(&self) -> bool {
        self.next.is_some()
    }

    /// Sets it to fire so much later. The period stays what it was.
    pub fn set_after(&mut self, duration: Duration) {
        self.set(present().checked_add(duration).map(Firing::at));
    }

    /// Sets it to fire at this moment. The period stays what it was.
    pub fn set_at(&mut self, instant: Instant) {
        self.set(Some(Firing::at(instant)));
    }

    /// Sets it to fire again and again, first one period from now.
    pub fn set_interval(&mut self, period: Duration) {
        self.set(present().checked_add(period).map(Firing::at));
        self.period = period;
    }

    /// Sets it to fire at this moment, and then again and again.
    pub fn set_interval_at(&mut self, start: Instant, period: Duration) {
        self.set(Some(Firing::at(start)));
        self.period = period;
    }

    /// Takes it back: it never fires, until it is set anew.
    pub fn clear(&mut self) {
        self.set(None);
    }

    fn set(&mut self, next: Option<Firing>) {
        self.next = next;
        if let (Some(sleep), Some(firing)) = (&mut self.sleep, next) {
            sleep.reset(firing.deadline);
        }
    }

    /// Polls it, and gives the moment for which it was set once that has come.
    fn poll_fired(&mut self, context: &mut Context<'_>) -> Poll<Instant> {
        let Some(firing) = self.next else { return Poll::Pending };
        let deadline = firing.deadline;
        if host::now() < deadline {
            let sleep = self.sleep.get_or_insert_with(|| host::sleep_until(deadline));
            if Pin::new(sleep).poll(context).is_pending() {
                return Poll::Pending;
            }
        }
        self.next = firing.checked_add(self.period);
        match (&mut self.sleep, self.next) {
            (Some(sleep), Some(next)) => {
                sleep.reset(next.deadline);
                // Whoever polls once has asked to be woken for the next one, too.
                let _ = host::now() < next.deadline && Pin::new(sleep).poll(context).is_ready();
            }
            (sleep, _) => *sleep = None,
        }
        Poll::Ready(firing.shown)
    }
}

impl std::fmt::Debug for Timer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let next = self.next.map(|firing| firing.shown);
        formatter.debug_struct("Timer").field("next", &next).field("period", &self.period).finish()
    }
}

impl Future for Timer {
    type Output = Instant;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Instant> {
        self.get_mut().poll_fired(context)
    }
}

impl Stream for Timer {
    type Item = Instant;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Instant>> {
        self.get_mut().poll_fired(context).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn fires_once_and_says_for_when() {
        let when = present() + Duration::from_millis(20);
        let mut timer = Timer::at(when);
        assert!(timer.will_fire());
        assert_eq!((&mut timer).await, when);
        assert!(present() >= when);
        assert!(!timer.will_fire());
    }

    #[tokio::test]
    async fn an_interval_that_nobody_looked_at_catches_up_moment_by_moment() {
        let start = present();
        let period = Duration::from_millis(10);
        let mut timer = Timer::interval_at(start + period, period);
        host::sleep(3 * period + period / 2).await;
        for nth in 1..=4 {
            assert_eq!((&mut timer).await, start + nth * period);
        }
    }

    #[tokio::test]
    async fn what_is_taken_back_fires_when_it_is_set_anew() {
        let mut timer = Timer::after(Duration::from_millis(5));
        assert!(host::timeout(Duration::ZERO, &mut timer).await.is_err());
        timer.clear();
        assert!(host::timeout(Duration::from_millis(20), &mut timer).await.is_err());
        timer.set_after(Duration::from_millis(1));
        assert!(host::timeout(Duration::from_secs(5), &mut timer).await.is_ok());
    }
}
