//! Time, as the core sees it: a number handed in.

use std::ops::Add;
use std::time::Duration;

/// A moment on the server's monotonic clock, counted from an origin of the shell's choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(pub Duration);

impl Moment {
    /// The origin.
    pub const ZERO: Moment = Moment(Duration::ZERO);
}

impl Add<Duration> for Moment {
    type Output = Moment;

    fn add(self, duration: Duration) -> Moment {
        Moment(self.0 + duration)
    }
}
