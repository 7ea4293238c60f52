//! The strategies as scenarios: each is held to what it promises, no more and no less.

use std::sync::Arc;

use check::{Promise, Promises};
use election::resource::Fencing;
use election::{ErrorPolicy, Kazoo, Latch, Lease, Multilock, Selector, Support};
use interregnum::schedule::Family;
use interregnum::{Control, Planted};

use crate::election::{Election, ROOT};

/// Curator's default: the connection is lost only when it was suspended for the whole of the session timeout.
const SESSION_POLICY: ErrorPolicy = ErrorPolicy::Session { percent: 100 };

/// A strategy whose users do not check tokens.
const fn unfenced(name: &'static str, about: &'static str, strategy: fn() -> Arc<dyn election::Strategy>) -> Election {
    Election { fencing: Fencing::Unchecked, ..Election::new(name, about, strategy) }
}

/// `election/support`: LeaderElectionSupport, as it comes with ZooKeeper.
pub static SUPPORT: Election = unfenced(
    "election/support",
    "LeaderElectionSupport: holds while nothing goes wrong, and does not hear when something does",
    || Arc::new(Support::new(ROOT)),
);

/// `election/support-restarting`: the same, started again whenever it has failed.
pub static SUPPORT_RESTARTING: Election = unfenced(
    "election/support-restarting",
    "LeaderElectionSupport, started again by its user whenever it has failed",
    || Arc::new(Support::new(ROOT).restarting()),
);

/// `election/latch`: Curator's LeaderLatch.
pub static LATCH: Election = unfenced(
    "election/latch",
    "Curator's LeaderLatch with the standard policy: a suspended connection deposes",
    || Arc::new(Latch::new(ROOT)),
);

/// `election/latch-session`: the same with the session policy.
pub static LATCH_SESSION: Election = unfenced(
    "election/latch-session",
    "Curator's LeaderLatch with the session policy: only a lost connection deposes, and that is late",
    || Arc::new(Latch::new(ROOT).with_policy(SESSION_POLICY)),
);

/// `election/selector`: Curator's LeaderSelector.
pub static SELECTOR: Election = unfenced(
    "election/selector",
    "Curator's LeaderSelector with the standard policy: a suspended connection interrupts the leader",
    || Arc::new(Selector::new(ROOT)),
);

/// `election/selector-session`: the same with the session policy.
pub static SELECTOR_SESSION: Election = unfenced(
    "election/selector-session",
    "Curator's LeaderSelector with the session policy: only a lost connection interrupts the leader",
    || Arc::new(Selector::new(ROOT).with_policy(SESSION_POLICY)),
);

/// `election/kazoo`: kazoo's Election, whose leader does not listen.
pub static KAZOO: Election = unfenced(
    "election/kazoo",
    "kazoo's Election as it is: nobody stops the leader's function when the session is lost",
    || Arc::new(Kazoo::new(ROOT)),
);

/// `election/kazoo-listening`: the same with a listener that stops the leader.
pub static KAZOO_LISTENING: Election = unfenced(
    "election/kazoo-listening",
    "kazoo's Election with a listener that stops the leader's function when the connection is suspended",
    || Arc::new(Kazoo::new(ROOT).listening()),
);

/// `election/multilock`: every act is a multi that checks the lock.
pub static MULTILOCK: Election = Election::new(
    "election/multilock",
    "a lock whose holder acts by multis that check it: no belief, but every effect holds",
    || Arc::new(Multilock::new(ROOT)),
);

/// `election/lease`: the control that must fail, held to what the users of such leases take them to promise.
pub static LEASE: Election = Election {
    claims: Some(|| Promises {
        belief: Promise::unless(&["pause"]),
        effect: Promise::Always,
        order: Promise::unless(&["pause", "clock"]),
        // Nobody takes over before the end that a dead holder wrote by a clock which was far ahead.
        failover: Promise::unless(&["clock"]),
    }),
    control: Some(Control::Is { what: "clocks are left alone", settings: &[], without: &[Family::Clock] }),
    planted: Some(Planted { id: "lease", caught_by: &["single-leader/belief"] }),
    ..Election::new(
        "election/lease",
        "a lease by the wall clock, the control that must fail: two lead at once when clocks are bent",
        || Arc::new(Lease::new("/lease")),
    )
};
