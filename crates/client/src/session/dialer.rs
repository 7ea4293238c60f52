//! Which server to try next, and when.
//!
//! The order is random, drawn once. A round tries every server without a pause; between rounds the pauses grow, with
//! jitter, so that the clients of a service that comes back do not all come back at once.

use std::time::Duration;

use host::random::Stream;
use rand::Rng;
use rand::seq::SliceRandom;

/// The pause after the first round in vain, and the longest before the first attempt after a lost connection.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
/// The longest pause between two rounds.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Which server to try next, and when.
pub(super) struct Dialer {
    servers: Vec<String>,
    next: usize,
    attempts: usize,
    stream: Stream,
}

impl Dialer {
    pub(super) fn new(mut servers: Vec<String>, mut stream: Stream) -> Dialer {
        assert!(!servers.is_empty(), "a connect string names at least one server");
        servers.shuffle(&mut stream);
        Dialer { servers, next: 0, attempts: 0, stream }
    }

    pub(super) fn servers(&self) -> usize {
        self.servers.len()
    }

    /// The next server in turn.
    pub(super) fn take(&mut self) -> String {
        let server = self.servers[self.next].clone();
        self.next = (self.next + 1) % self.servers.len();
        self.attempts += 1;
        server
    }

    /// The connection stands: counting begins anew.
    pub(super) fn succeeded(&mut self) {
        self.attempts = 0;
    }

    /// How long to wait before the next attempt. `timeout` is the session's: pauses stay well below it.
    pub(super) fn pause(&mut self, timeout: Duration) -> Duration {
        if self.attempts == 0 {
            return self.stream.gen_range(Duration::ZERO..=FIRST_PAUSE.min(timeout / 6));
        }
        if !self.attempts.is_multiple_of(self.servers.len()) {
            return Duration::ZERO;
        }
        let rounds = u32::try_from(self.attempts / self.servers.len()).unwrap_or(u32::MAX);
        let doubled = FIRST_PAUSE.saturating_mul(1 << (rounds - 1).min(10));
        let ceiling = doubled.min(LONGEST_PAUSE).min(timeout / 6);
        self.stream.gen_range(ceiling / 2..=ceiling)
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    fn dialer(servers: &[&str], seed: u64) -> Dialer {
        Dialer::new(servers.iter().map(|&server| server.to_owned()).collect(), Stream::seed_from_u64(seed))
    }

    #[test]
    fn every_server_is_tried_once_a_round() {
        let mut dialer = dialer(&["a", "b", "c"], 1);
        let mut round: Vec<_> = (0..3).map(|_| dialer.take()).collect();
        let again: Vec<_> = (0..3).map(|_| dialer.take()).collect();
        assert_eq!(round, again);
        round.sort();
        assert_eq!(round, ["a", "b", "c"]);
    }

    #[test]
    fn the_order_differs_between_clients() {
        let first = |seed| dialer(&["a", "b", "c"], seed).take();
        assert!((0..20).any(|seed| first(seed) != first(0)));
    }

    #[test]
    fn pauses_come_between_rounds_only_and_grow_to_a_limit() {
        let timeout = Duration::from_secs(30);
        let mut dialer = dialer(&["a", "b"], 3);
        let mut longest = Duration::ZERO;
        for round in 0..8 {
            dialer.take();
            assert_eq!(dialer.pause(timeout), Duration::ZERO, "within round {round}");
            dialer.take();
            let pause = dialer.pause(timeout);
            assert!(pause >= FIRST_PAUSE / 2 && pause <= LONGEST_PAUSE, "after round {round}: {pause:?}");
            longest = longest.max(pause);
        }
        assert!(longest >= LONGEST_PAUSE / 2);
        dialer.succeeded();
        assert!(dialer.pause(timeout) <= FIRST_PAUSE);
    }
}
