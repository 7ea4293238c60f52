//! Findings about ZooKeeper itself: predictions from its source that runs confirm or refute. `docs/findings.md` has the
//! verdicts, `sims/schedules` the schedules that show them.
//!
//! Nothing is planted here: servers and clients do what the real ones do. What is broken is a promise that their users
//! take for granted, so each election is held to that and not to what its strategy says of itself.

use std::sync::Arc;

use check::{Promise, Promises};
use election::latch::SAFE_PERCENT;
use election::resource::Fencing;
use election::{Docs, ErrorPolicy, Latch};

use crate::election::{Election, ROOT, promises_of};
use crate::profile;

/// What users of a recipe take it to promise that steps down whenever its connection is lost: one leader at most, but for
/// a process that is stalled.
fn taken_for_granted() -> Promises {
    promises_of(&election::docs::PROMISE)
}

/// Finding 1: a follower that is cut off from its leader goes on answering the pings of its clients.
pub static FOLLOWER_ANSWERS_ALONE: Election = Election {
    claims: Some(taken_for_granted),
    ..Election::new(
        "finding/1",
        "a follower cut off from its leader answers pings: its client leads on, connected, after its session expired",
        || Arc::new(Docs::new(ROOT)),
    )
};

/// Finding 2: trust since the receiving of an answer that was slow. One server alone, so that no follower (finding 1) has
/// a part in it.
pub static SLOW_ANSWERS: Election = Election {
    claims: Some(taken_for_granted),
    parameters: |mut standard| {
        standard.set("servers", "1").expect("scenarios are written with care");
        profile::with_trust_since_receiving(standard, true)
    },
    ..Election::new(
        "finding/2",
        "trust counted since an answer came, as in the Java client: slow answers lengthen it beyond the session",
        || Arc::new(Docs::new(ROOT)),
    )
};

/// Curator's session policy, by which a leader leads on until its connection is *lost*. One server alone, as above;
/// whether clients know by their own clocks that their sessions are over, as Java's do since 3.9.3 (ZOOKEEPER-4508), is
/// for the run to say.
const fn session_policy(
    name: &'static str,
    about: &'static str,
    strategy: fn() -> Arc<dyn election::Strategy>,
) -> Election {
    Election {
        claims: Some(one_leads),
        parameters: |mut standard| {
            standard.set("servers", "1").expect("scenarios are written with care");
            profile::with_expires_locally(standard, false)
        },
        fencing: Fencing::Unchecked,
        ..Election::new(name, about, strategy)
    }
}

/// What users of the session policy take for granted.
fn one_leads() -> Promises {
    Promises { belief: Promise::unless(&["pause"]), ..Promises::none() }
}

/// Finding 3: the connection is reported as lost when it was suspended for the whole of the session timeout.
pub static LATE_LOST: Election = session_policy(
    "finding/3",
    "Curator's session policy: LOST is reported at 5/3 of the session timeout, long after another leads",
    || Arc::new(Latch::new(ROOT).with_policy(ErrorPolicy::Session { percent: 100 })),
);

/// Its counter-run: the connection counts as lost after the part of the timeout that is safe.
pub static LOST_IN_TIME: Election = session_policy(
    "finding/3-safe",
    "Curator's session policy with 33 %: LOST is reported before the session can have ended",
    || Arc::new(Latch::new(ROOT).with_policy(ErrorPolicy::Session { percent: SAFE_PERCENT })),
);
