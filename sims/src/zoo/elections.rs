//! Bugs of recipes and of their clients: the A rows.
//!
//! Each is held to what the strategy promises when it is right, or to what the users of the real one took it to promise.

use std::sync::Arc;
use std::time::Duration;

use check::{Promise, Promises};
use election::resource::Fencing;
use election::{Docs, Lease};
use interregnum::schedule::Family;
use interregnum::{Control, Planted};

use crate::election::{Election, ROOT, promises_of};

/// The documented recipe with one bug.
const fn docs(
    name: &'static str,
    about: &'static str,
    strategy: fn() -> Arc<dyn election::Strategy>,
    planted: Planted,
) -> Election {
    let sound: fn() -> Arc<dyn election::Strategy> = || Arc::new(Docs::new(ROOT));
    Election { planted: Some(planted), sound: Some(sound), ..Election::new(name, about, strategy) }
}

/// A14, LeaderElectionSupport: the end of the session passes unnoticed.
pub static A14: Election = docs(
    "zoo/A14",
    "planted: what the session says is ignored, so a leader never learns that it was replaced",
    || Arc::new(Docs::new(ROOT).with_mutant(election::Mutant::IgnoresSession)),
    Planted { id: "A14", caught_by: &["single-leader/belief", "failover"] },
);

/// A17: everybody watches the first candidate.
pub static A17: Election = docs(
    "zoo/A17",
    "planted: everybody watches the first candidate, and leads when it has gone",
    || Arc::new(Docs::new(ROOT).with_mutant(election::Mutant::WatchesTheFirst)),
    Planted { id: "A17", caught_by: &["single-leader/belief", "single-leader/order", "single-leader/effect"] },
);

/// A28: a leader checks that it leads, works for a while, and writes to a resource that does not ask for a token.
pub static A28: Election = Election {
    candidate: Some(election::Mutant::ActsAfterCheck),
    fencing: Fencing::Unchecked,
    work: Duration::from_secs(2),
    // What its users take a leader to be.
    claims: Some(|| promises_of(&election::docs::PROMISE_WITH_FOLLOWERS)),
    // The program stays as it is: a resource that looks at the token is all it takes.
    control: Some(Control::Is {
        what: "the resource checks tokens",
        settings: &[("fencing", "checked")],
        without: &[],
    }),
    planted: Some(Planted { id: "A28", caught_by: &["single-leader/effect"] }),
    ..Election::new("zoo/A28", "planted: check-then-act, without a fencing token", || Arc::new(Docs::new(ROOT)))
};

/// A29, kazoo's NonBlockingLease: the end of the lease is wall clock time.
pub static A29: Election = Election {
    // What the users of such leases take them to promise.
    claims: Some(|| Promises {
        belief: Promise::unless(&["pause"]),
        effect: Promise::Always,
        order: Promise::unless(&["pause", "clock"]),
        failover: Promise::Always,
    }),
    control: Some(Control::Is { what: "clocks are left alone", settings: &[], without: &[Family::Clock] }),
    planted: Some(Planted { id: "A29", caught_by: &["single-leader/belief"] }),
    ..Election::new("zoo/A29", "planted: a lease by the wall clock, taken to hold under bent clocks", || {
        Arc::new(Lease::new("/lease"))
    })
};

/// A30: leadership ends with the session, not with the connection.
pub static A30: Election = Election {
    // Long enough that no follower answers for longer than the session lasts: then belief is promised under cuts, too.
    session_timeout: "20s",
    ..docs(
        "zoo/A30",
        "planted: a lost connection is ignored, only the end of the session deposes",
        || Arc::new(Docs::new(ROOT).with_mutant(election::Mutant::IgnoresDisconnected)),
        Planted { id: "A30", caught_by: &["single-leader/belief"] },
    )
};
