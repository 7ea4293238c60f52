//! The wall clock: it follows the monotonic clock, and may be stepped, frozen and made to jump.
//!
//! What it refuses: a rate of its own. Both clocks of a machine hang on one quartz.

use std::time::Duration;

/// What true wall clocks show when a run begins: the first of January 2026, midnight UTC, since the Unix epoch.
pub(super) const BEGINNING: Duration = Duration::from_secs(1_767_225_600);

/// A wall clock, as a function of the monotonic clock beside it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wall {
    /// Nanoseconds by which it is ahead of [`BEGINNING`] plus the monotonic clock, while it runs.
    ahead: i128,
    mode: Mode,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Runs,
    /// It shows this many nanoseconds since the epoch, for ever.
    Frozen(i128),
    /// It stands `amplitude` nanoseconds off in every other period, from the first on.
    Strobes {
        amplitude: i64,
        period: u64,
        since: u64,
    },
}

impl Wall {
    /// A wall clock that shows the true date.
    pub(super) const TRUE: Wall = Wall { ahead: 0, mode: Mode::Runs };

    /// What it shows while the monotonic clock reads `monotonic` nanoseconds. Not before the epoch.
    pub(super) fn read(&self, monotonic: u64) -> Duration {
        let shown = self.shown(monotonic).clamp(0, i128::from(u64::MAX));
        Duration::from_nanos(shown as u64)
    }

    /// Puts it forward, or back if negative. A frozen clock stays frozen at its new date.
    pub(super) fn step(&mut self, nanoseconds: i64) {
        match &mut self.mode {
            Mode::Frozen(shown) => *shown += i128::from(nanoseconds),
            Mode::Runs | Mode::Strobes { .. } => self.ahead += i128::from(nanoseconds),
        }
    }

    /// Stops it at what it shows. False if it stood still already.
    pub(super) fn freeze(&mut self, monotonic: u64) -> bool {
        let runs = !matches!(self.mode, Mode::Frozen(_));
        if runs {
            self.mode = Mode::Frozen(self.shown(monotonic));
        }
        runs
    }

    /// Makes it jump by `amplitude` nanoseconds and back again, one jump a period, the first at once.
    pub(super) fn strobe(&mut self, monotonic: u64, amplitude: i64, period: Duration) {
        let period = u64::try_from(period.as_nanos()).unwrap_or(u64::MAX);
        assert!(period > 0, "a clock needs time between two jumps");
        self.thaw(monotonic);
        self.mode = Mode::Strobes { amplitude, period, since: monotonic };
    }

    /// Lets it run again: a frozen clock from what it shows, so that it stays late by the time it stood still; a
    /// strobing one from where it would be had it never jumped. False if it ran already.
    pub(super) fn thaw(&mut self, monotonic: u64) -> bool {
        if let Mode::Frozen(shown) = self.mode {
            self.ahead = shown - Wall::TRUE.shown(monotonic);
        }
        std::mem::replace(&mut self.mode, Mode::Runs) != Mode::Runs
    }

    /// Puts a running clock to the true date; gives the step in nanoseconds that this took.
    pub(super) fn set_right(&mut self, monotonic: u64, elapsed: u64) -> i64 {
        assert_eq!(self.mode, Mode::Runs, "only a clock that runs can be set right");
        let step = i128::from(elapsed) - i128::from(monotonic) - self.ahead;
        self.ahead += step;
        step.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64
    }

    fn shown(&self, monotonic: u64) -> i128 {
        let running = BEGINNING.as_nanos() as i128 + i128::from(monotonic) + self.ahead;
        match self.mode {
            Mode::Runs => running,
            Mode::Frozen(shown) => shown,
            Mode::Strobes { amplitude, period, since } => {
                let is_off = (monotonic.saturating_sub(since) / period).is_multiple_of(2);
                if is_off { running + i128::from(amplitude) } else { running }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;

    fn since_beginning(wall: &Wall, monotonic: u64) -> Duration {
        wall.read(monotonic) - BEGINNING
    }

    #[test]
    fn frozen_it_can_be_stepped_and_runs_on_from_there() {
        let mut wall = Wall::TRUE;
        assert!(wall.freeze(5 * SECOND));
        assert!(!wall.freeze(6 * SECOND));
        assert_eq!(since_beginning(&wall, 9 * SECOND), Duration::from_secs(5));
        wall.step(2 * SECOND as i64);
        assert_eq!(since_beginning(&wall, 9 * SECOND), Duration::from_secs(7));
        assert!(wall.thaw(10 * SECOND));
        assert!(!wall.thaw(10 * SECOND));
        assert_eq!(since_beginning(&wall, 11 * SECOND), Duration::from_secs(8));
    }

    #[test]
    fn strobing_it_jumps_to_and_fro() {
        let mut wall = Wall::TRUE;
        wall.strobe(10 * SECOND, -3 * SECOND as i64, Duration::from_secs(2));
        let shown: Vec<u64> = (10..16).map(|at| since_beginning(&wall, at * SECOND).as_secs()).collect();
        assert_eq!(shown, [7, 8, 12, 13, 11, 12]);
        assert!(wall.thaw(15 * SECOND));
        assert_eq!(since_beginning(&wall, 15 * SECOND), Duration::from_secs(15));
    }

    #[test]
    fn set_right_it_shows_the_truth_and_tells_the_step() {
        let mut wall = Wall::TRUE;
        wall.step(-(SECOND as i64));
        assert_eq!(wall.set_right(12 * SECOND, 10 * SECOND), -(SECOND as i64));
        assert_eq!(since_beginning(&wall, 12 * SECOND), Duration::from_secs(10));
    }

    #[test]
    fn there_is_no_date_before_the_epoch() {
        let mut wall = Wall::TRUE;
        wall.step(i64::MIN);
        assert_eq!(wall.read(0), Duration::ZERO);
    }
}
