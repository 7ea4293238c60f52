//! The real clocks.

use std::future::Future;
use std::pin::Pin;
use std::sync::OnceLock;
use std::task::{Context, Poll};
use std::time::SystemTime;

use crate::{Instant, WallTime};

/// The zero of this process's monotonic readings. The real machine has no runs, so nothing can outlive one.
fn zero() -> std::time::Instant {
    static ZERO: OnceLock<std::time::Instant> = OnceLock::new();
    *ZERO.get_or_init(std::time::Instant::now)
}

pub(crate) fn now() -> Instant {
    let zero = zero();
    Instant::from_reading(std::time::Instant::now() - zero)
}

pub(crate) fn wall_clock() -> WallTime {
    WallTime::from_epoch(SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default())
}

pub(crate) struct Sleep {
    sleep: Pin<Box<tokio::time::Sleep>>,
    deadline: Instant,
}

pub(crate) fn sleep_until(deadline: Instant) -> Sleep {
    Sleep { sleep: Box::pin(tokio::time::sleep_until(on_tokio(deadline))), deadline }
}

impl Sleep {
    pub(crate) fn reset(&mut self, deadline: Instant) {
        self.deadline = deadline;
        self.sleep.as_mut().reset(on_tokio(deadline));
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

/// A deadline too far away for the operating system becomes one in thirty years.
fn on_tokio(deadline: Instant) -> tokio::time::Instant {
    let zero = zero();
    let at = zero.checked_add(deadline.reading()).unwrap_or(zero + std::time::Duration::from_secs(946_080_000));
    tokio::time::Instant::from_std(at)
}
