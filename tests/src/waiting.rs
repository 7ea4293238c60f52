//! Real time: waiting for something, with a deadline.

use std::time::Duration;

/// How long anything may take on a machine that has other things to do, before a test gives up.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// A stopwatch.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(host::Instant);

impl Stopwatch {
    /// Starts it.
    #[must_use]
    pub fn start() -> Stopwatch {
        Stopwatch(host::now())
    }

    /// The time since.
    #[must_use]
    pub fn elapsed(self) -> Duration {
        host::now() - self.0
    }

    /// What is left of this time; nothing if it is over.
    #[must_use]
    pub fn left_of(self, whole: Duration) -> Duration {
        whole.saturating_sub(self.elapsed())
    }
}

/// Does nothing for a while.
#[expect(clippy::disallowed_methods, reason = "real processes are waited for in real time, on a thread of one's own")]
pub fn pause(duration: Duration) {
    std::thread::sleep(duration);
}

/// Waits until `probe` gives something.
///
/// # Panics
/// If it has not within `limit`.
pub fn eventually<T>(what: &str, limit: Duration, mut probe: impl FnMut() -> Option<T>) -> T {
    let watch = Stopwatch::start();
    loop {
        if let Some(found) = probe() {
            return found;
        }
        assert!(watch.elapsed() < limit, "not within {limit:?}: {what}");
        pause(Duration::from_millis(5));
    }
}
