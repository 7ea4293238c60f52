//! When a session pings, gives up its connection, and knows itself gone: all from its timeout T.
//!
//! | after | counted from | what |
//! |---|---|---|
//! | T/3 | the last sending | a ping |
//! | 2/3 T | the *sending* of the last request that was answered | the connection is given up: Disconnected |
//! | 4/3 T | the same | no server can have kept the session: Expired (ZOOKEEPER-4508) |
//! | T/n | the start of an attempt to connect | the next of n servers is tried |
//!
//! The Java client counts from the last *receiving*. But the server counts from its own receiving of the request, and
//! an answer says nothing of the time it spent on the way: held up by the network for nearly 2/3 T, it would lengthen
//! the client's trust to 4/3 T while the server's patience ends at T. (A [`Profile`](crate::Profile) may count so all the
//! same, or leave the local expiry out: to see what comes of it.) The sending lies before the server's receiving,
//! whatever the network does; so counting from there keeps a third of T as margin for the difference of the clocks.

use std::time::Duration;

/// A session timeout and what follows from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    timeout: Duration,
}

impl Timing {
    /// From a session timeout.
    #[must_use]
    pub const fn new(timeout: Duration) -> Timing {
        Timing { timeout }
    }

    /// The session timeout T itself.
    #[must_use]
    pub const fn session_timeout(self) -> Duration {
        self.timeout
    }

    /// After so long without sending, a ping is due: T/3.
    #[must_use]
    pub fn ping_interval(self) -> Duration {
        self.timeout / 3
    }

    /// So long after the sending of the last answered request the session is surely alive: 2/3 T.
    #[must_use]
    pub fn trust(self) -> Duration {
        self.timeout * 2 / 3
    }

    /// So long after the sending of the last answered request the session is surely gone if cut off: 4/3 T.
    #[must_use]
    pub fn local_expiry(self) -> Duration {
        self.timeout * 4 / 3
    }

    /// So long may an attempt to connect take, handshake included, with this many servers to try: T/n.
    #[must_use]
    pub fn attempt(self, servers: usize) -> Duration {
        self.timeout / u32::try_from(servers.max(1)).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trust_ends_before_any_server_loses_patience_and_expiry_comes_after() {
        for seconds in [1, 6, 10, 40] {
            let timing = Timing::new(Duration::from_secs(seconds));
            assert!(timing.ping_interval() * 2 <= timing.trust(), "a ping and its answer fit into the trust");
            assert!(timing.trust() < timing.session_timeout());
            assert!(timing.session_timeout() < timing.local_expiry());
        }
    }
}
