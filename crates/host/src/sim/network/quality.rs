//! How good a link is, and how stubborn the kernels at its ends are.
//!
//! Latency has a heavy tail: a delay ten times the usual one is rare but does happen, so that messages of different
//! connections really overtake each other. Only arithmetic that IEEE 754 defines to the last bit is used: a draw is
//! the same number on every machine.

use std::fmt;
use std::time::Duration;

use history::Time;
use rand::RngCore;

use crate::random::Stream;

/// The quality of a directed link. [`Quality::default`] is a local network in good health.
#[derive(Clone, Debug, PartialEq)]
pub struct Quality {
    /// What every packet needs at least.
    pub latency: Duration,
    /// The mean of what comes on top, drawn for each packet from a Lomax distribution with shape 2: half the draws lie
    /// below 0.4 times the mean, one in a hundred above nine times, one in a thousand above thirty times.
    pub jitter: Duration,
    /// The jitter never exceeds this.
    pub jitter_limit: Duration,
    /// A spike: added to every packet as long as this quality holds.
    pub spike: Duration,
    /// The probability that a packet is lost, below 1: to lose all of them, cut the link. Streams send again after the
    /// retransmission backoff; a datagram is gone.
    pub loss: f64,
    /// Bytes per second; nothing means that size does not matter.
    pub bandwidth: Option<u64>,
    /// The probability that a datagram arrives twice.
    pub duplicate: f64,
    /// The probability that a datagram is held back until later ones have passed it.
    pub reorder: f64,
}

impl Default for Quality {
    fn default() -> Quality {
        Quality {
            latency: Duration::from_micros(500),
            jitter: Duration::from_millis(1),
            jitter_limit: Duration::from_millis(50),
            spike: Duration::ZERO,
            loss: 0.0,
            bandwidth: None,
            duplicate: 0.0,
            reorder: 0.0,
        }
    }
}

impl Quality {
    /// A link without jitter, loss or any other whim: every packet takes exactly `latency`.
    pub fn steady(latency: Duration) -> Quality {
        Quality { latency, jitter: Duration::ZERO, ..Quality::default() }
    }

    /// The longest time a packet can take that is neither lost nor queued behind others.
    pub fn latency_limit(&self) -> Duration {
        let jitter = if self.jitter.is_zero() { Duration::ZERO } else { self.jitter_limit };
        self.latency + self.spike + jitter
    }

    /// # Panics
    /// If a probability is none, or everything would be lost.
    pub(super) fn validate(&self) {
        assert!((0.0..1.0).contains(&self.loss), "a loss of {} is not in [0, 1): to lose everything, cut", self.loss);
        assert!((0.0..=1.0).contains(&self.duplicate), "{} is no probability", self.duplicate);
        assert!((0.0..=1.0).contains(&self.reorder), "{} is no probability", self.reorder);
        assert!(self.bandwidth != Some(0), "a bandwidth of nothing: to stop everything, cut");
    }

    /// What every packet needs at least, spike included.
    pub(super) fn floor(&self) -> Duration {
        self.latency + self.spike
    }

    /// Draws the time one packet takes.
    pub(super) fn draw_latency(&self, draws: &mut Stream) -> Duration {
        if self.jitter.is_zero() {
            return self.floor();
        }
        let survival = 1.0 - draw_fraction(draws);
        let jitter = self.jitter.as_nanos() as f64 * (1.0 / survival.sqrt() - 1.0);
        let jitter = Duration::from_nanos(jitter as u64).min(self.jitter_limit);
        self.floor() + jitter
    }

    /// Draws whether a packet is lost.
    pub(super) fn draw_loss(&self, draws: &mut Stream) -> bool {
        draw_chance(draws, self.loss)
    }
}

/// Draws whether something of this probability happens; draws nothing if it cannot.
pub(super) fn draw_chance(draws: &mut Stream, probability: f64) -> bool {
    probability > 0.0 && draw_fraction(draws) < probability
}

/// Draws a number in [0, 1).
fn draw_fraction(draws: &mut Stream) -> f64 {
    (draws.next_u64() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
}

impl fmt::Display for Quality {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:?} + {:?} jitter up to {:?}", self.latency, self.jitter, self.jitter_limit)?;
        if !self.spike.is_zero() {
            write!(formatter, ", {:?} late", self.spike)?;
        }
        if self.loss > 0.0 {
            write!(formatter, ", {} lost", self.loss)?;
        }
        if let Some(bandwidth) = self.bandwidth {
            write!(formatter, ", {bandwidth} bytes/s")?;
        }
        if self.duplicate > 0.0 {
            write!(formatter, ", {} duplicated", self.duplicate)?;
        }
        if self.reorder > 0.0 {
            write!(formatter, ", {} reordered", self.reorder)?;
        }
        Ok(())
    }
}

/// The patience of all kernels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tcp {
    /// The first retransmission of unacknowledged bytes comes after this; each later one after twice the time of the
    /// one before. Linux: at least 200 ms.
    pub retransmission_first: Duration,
    /// Retransmissions are never further apart than this, so a healed link carries again after this time at most.
    /// Linux: 120 s. The default is shorter, for that time is part of every liveness bound.
    pub retransmission_maximum: Duration,
    /// Bytes that stay unacknowledged this long fail the connection with `TimedOut`. Linux: 924.6 s with
    /// `tcp_retries2` = 15; the default stands for 5 to 6, to which services that fail over are usually tuned.
    pub retransmission_limit: Duration,
    /// A connection attempt is repeated after this, then after twice the time, and so on. Linux: 1 s.
    pub connect_first: Duration,
    /// Attempts are never further apart than this.
    pub connect_maximum: Duration,
    /// A connection attempt without any answer fails with `TimedOut` after this. Linux: 127 s with `tcp_syn_retries`
    /// = 6.
    pub connect_limit: Duration,
    /// How many bytes may be written and not read yet, per direction; then writers wait.
    pub window: usize,
}

impl Default for Tcp {
    fn default() -> Tcp {
        Tcp {
            retransmission_first: Duration::from_millis(200),
            retransmission_maximum: Duration::from_millis(3200),
            retransmission_limit: Duration::from_secs(15),
            connect_first: Duration::from_secs(1),
            connect_maximum: Duration::from_secs(64),
            connect_limit: Duration::from_secs(127),
            window: 256 << 10,
        }
    }
}

impl Tcp {
    /// # Panics
    /// If there is no patience at all, or no room for a byte.
    pub(super) fn validate(&self) {
        assert!(!self.retransmission_first.is_zero(), "retransmissions without a pause never end");
        assert!(self.retransmission_first <= self.retransmission_maximum, "the first backoff is the shortest");
        assert!(!self.connect_first.is_zero(), "connection attempts without a pause never end");
        assert!(self.connect_first <= self.connect_maximum, "the first backoff is the shortest");
        assert!(self.window > 0, "a window of nothing lets nothing through");
    }

    /// When bytes unanswered since `since` are sent again for the first time at or after `now`.
    pub(super) fn next_retransmission(&self, since: Time, now: Time) -> Time {
        let (mut at, mut backoff) = (since, self.retransmission_first);
        while at < now {
            at = at + backoff;
            backoff = (backoff * 2).min(self.retransmission_maximum);
        }
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;

    #[test]
    fn the_default_latency_is_a_local_network_with_a_rare_long_tail() {
        let (quality, mut draws) = (Quality::default(), Stream::seed_from_u64(7));
        let mut latencies: Vec<Duration> = (0..100_000).map(|_| quality.draw_latency(&mut draws)).collect();
        latencies.sort_unstable();
        assert!(latencies[0] >= quality.latency);
        assert!(latencies[50_000] < Duration::from_millis(1), "median {:?}", latencies[50_000]);
        assert!(latencies[99_000] > Duration::from_millis(8), "99 % {:?}", latencies[99_000]);
        assert!(latencies[99_900] > Duration::from_millis(25), "99.9 % {:?}", latencies[99_900]);
        assert!(latencies[99_999] <= quality.latency_limit());
    }

    #[test]
    fn retransmissions_double_from_the_beginning_of_the_outage_up_to_the_maximum() {
        let tcp = Tcp::default();
        let since = Time::from_secs(10);
        let next =
            |milliseconds| tcp.next_retransmission(since, since + Duration::from_millis(milliseconds)).since(since);
        assert_eq!(next(1), Duration::from_millis(200));
        assert_eq!(next(201), Duration::from_millis(600));
        assert_eq!(next(601), Duration::from_millis(1400));
        assert_eq!(next(6201), Duration::from_millis(9400));
        assert_eq!(next(9401), Duration::from_millis(12_600));
    }

    #[test]
    #[should_panic(expected = "cut")]
    fn losing_everything_is_a_cut() {
        Quality { loss: 1.0, ..Quality::default() }.validate();
    }
}
