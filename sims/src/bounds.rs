//! How soon things must happen, derived from the parameters: session timeout, tick, clocks, latencies.

use std::time::Duration;

use check::Bounds;
use interregnum::Parameters;

/// How much slower than true time a node's clock may run once faults have ended: not at all, but what was begun under a
/// slow clock (5 % at worst) was planned by it.
const CLOCKS: f64 = 1.06;

/// The longest that a client waits from one attempt to connect to the next.
const RECONNECT_PAUSE: Duration = Duration::from_secs(2);

/// What the steps of an election take on a healthy network, its heavy tail and fsyncs included: connect, create, list,
/// inspect, watch, each a round trip and a group commit.
const STEPS: Duration = Duration::from_secs(2);

/// How long a process that exited stays down, plus its recovery.
const RESTART: Duration = Duration::from_millis(1_500);

/// What an election on the service must keep.
pub fn of_election(parameters: &Parameters) -> Bounds {
    let (session, tick) = (parameters.duration("session_timeout"), parameters.duration("tick"));
    // What the service grants may be more than what was asked for: two ticks at least.
    let session = session.clamp(tick * 2, tick * 20);
    // A client whose attempt to connect hangs gives it up after a session timeout (there may be one server alone), waits,
    // and connects.
    let reconnect = session + RECONNECT_PAUSE;
    // Meanwhile the session of a leader that is gone runs out: touched last when the faults ended, or counted anew by a
    // server that has just come back, it lasts its timeout, and a tick more for the bucket.
    let expiry = session + tick;
    let failover = (RESTART + reconnect + expiry).mul_f64(CLOCKS) + STEPS;
    Bounds {
        failover,
        rotates: false,
        tick,
        slack: Duration::from_millis(500),
        close: Duration::from_secs(3),
        notification: session + Duration::from_secs(5),
        restart: None,
    }
}
