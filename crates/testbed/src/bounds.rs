//! How soon things must happen, derived from the parameters: session timeout, tick, clocks, latencies.

use std::time::Duration;

use check::Bounds;

use crate::parameters::Parameters;

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

/// How long two servers may take to have a connection again: a pause between attempts to dial, the patience with an
/// attempt (a tick, added where it is used), and a vote.
const DIAL: Duration = Duration::from_secs(2);

/// What an election on the service must keep.
pub fn of_election(parameters: &Parameters) -> Bounds {
    let (session, tick) = (granted_timeout(parameters), parameters.duration("tick"));
    // A client whose attempt to connect hangs gives it up after a session timeout (there may be one server alone), waits,
    // and connects.
    let reconnect = session + RECONNECT_PAUSE;
    // Meanwhile the session of a leader that is gone runs out: touched last when the faults ended, or counted anew by a
    // server that has just come back, it lasts its timeout, and a tick more for the bucket.
    let expiry = session + tick;
    let failover = (RESTART + reconnect + expiry).mul_f64(CLOCKS) + STEPS;
    let restart = (parameters.count("servers") > 1).then(|| return_of_the_ensemble(parameters));
    Bounds {
        failover: failover + restart.unwrap_or_default(),
        rotates: false,
        tick,
        slack: Duration::from_millis(500),
        close: Duration::from_secs(3),
        notification: session + Duration::from_secs(5),
        restart,
        tasks: None,
    }
}

/// How soon every client of the service is answered once nothing is in its way: the servers are back, it has connected,
/// maybe under a new session, and a call that it waited for in vain has run out.
pub fn of_service(parameters: &Parameters) -> Duration {
    let of_election = of_election(parameters);
    of_election.failover + granted_timeout(parameters)
}

/// How long a client that is cut off from a lone server may take its session for alive after the server has let it expire,
/// if it counts to 4/3 T by its own clock: the server has counted T at least, since what the client counts from.
pub fn of_local_expiry(parameters: &Parameters) -> Duration {
    let session = granted_timeout(parameters);
    session.mul_f64(4.0 / 3.0 * CLOCKS) - session.mul_f64(2.0 - CLOCKS) + Duration::from_millis(500)
}

/// How soon a candidate that is connected and awake knows of each znode that it has made, once nothing is in its way: its
/// server may be about to notice that it is cut off, and a call may run out unanswered.
pub fn of_candidacies(parameters: &Parameters) -> Duration {
    let notice = parameters.duration("tick") * (parameters.count("sync_limit") + 2);
    let calls = granted_timeout(parameters) * 2;
    (notice + calls).mul_f64(CLOCKS) + STEPS
}

/// How soon all servers of an ensemble serve once nothing is in their way.
fn return_of_the_ensemble(parameters: &Parameters) -> Duration {
    let tick = parameters.duration("tick");
    // A leader without a quorum, or a learner without its leader, notices (`Leader.lead`, `Learner`).
    let notice = tick * (parameters.count("sync_limit") + 2);
    // One of them may be in the middle of an attempt that the others have left: it gives up after `initLimit`.
    let false_start = tick * parameters.count("init_limit");
    // Then they find each other, elect, discover and synchronise.
    let elect = tick + DIAL + STEPS;
    (RESTART + notice + false_start + elect).mul_f64(CLOCKS) + STEPS
}

/// Whether a follower that is cut off from its leader may go on answering its clients while the leader lets their
/// sessions expire: longer than what a client adds to its last answer, a third of the timeout, makes up for, less the
/// half tick in which a sign of life is relayed.
pub fn followers_may_outlast_sessions(parameters: &Parameters) -> bool {
    let (session, tick) = (granted_timeout(parameters), parameters.duration("tick"));
    let silence = tick * parameters.count("sync_limit");
    parameters.count("servers") > 1 && (silence + tick / 2).mul_f64(CLOCKS) >= session.mul_f64(2.0 / 3.0)
}

/// What the service grants may be more than what was asked for (two ticks at least), or less.
fn granted_timeout(parameters: &Parameters) -> Duration {
    let tick = parameters.duration("tick");
    parameters.duration("session_timeout").clamp(tick * 2, tick * 20)
}
