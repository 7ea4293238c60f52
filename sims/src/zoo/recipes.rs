//! Bugs of the libraries' recipes: Curator's, kazoo's, ZooKeeper's own.
//!
//! Each is held to what the recipe promises when it is right, or to what its users took it to promise. Its control is the
//! recipe without the bug.

use std::sync::Arc;
use std::time::Duration;

use check::{Promise, Promises};
use election::latch::SAFE_PERCENT;
use election::resource::Fencing;
use election::{ErrorPolicy, Kazoo, Latch, Mutant, Selector, Support};
use interregnum::{Parameters, Planted};

use crate::election::{Election, ROOT};

/// A recipe whose users do not check tokens, with one bug.
const fn recipe(
    name: &'static str,
    about: &'static str,
    strategy: fn() -> Arc<dyn election::Strategy>,
    sound: fn() -> Arc<dyn election::Strategy>,
    claims: fn() -> Promises,
    planted: Planted,
) -> Election {
    Election {
        fencing: Fencing::Unchecked,
        sound: Some(sound),
        claims: Some(claims),
        planted: Some(planted),
        ..Election::new(name, about, strategy)
    }
}

/// What is claimed of a recipe in which somebody leads, sooner or later.
fn somebody_leads() -> Promises {
    Promises { failover: Promise::Always, ..Promises::none() }
}

/// What is claimed of a recipe that stops when the connection is lost, among followers that do not outlast sessions.
fn one_leads() -> Promises {
    Promises { belief: Promise::unless(&["pause"]), ..Promises::none() }
}

fn sound_latch() -> Arc<dyn election::Strategy> {
    Arc::new(Latch::new(ROOT))
}

fn latch(mutant: Mutant) -> Arc<dyn election::Strategy> {
    Arc::new(Latch::new(ROOT).with_mutant(mutant))
}

/// So few that none of them may be left.
fn two_candidates(mut standard: Parameters) -> Parameters {
    standard.set("candidates", "2").expect("scenarios are written with care");
    standard
}

/// A session timeout so long that no follower outlasts it.
const LONG: &str = "20s";

/// A1, CURATOR-696: what the former session left is taken for one's own.
pub static A1: Election = Election {
    session_timeout: LONG,
    ..recipe(
        "zoo/A1",
        "planted: a latch leads under the znode that its former session left",
        || latch(Mutant::AdoptsWithoutOwner),
        sound_latch,
        one_leads,
        Planted { id: "A1", caught_by: &["single-leader/belief"] },
    )
};

/// A2, CURATOR-652 and 653: answers of an older generation count.
pub static A2: Election = Election {
    session_timeout: LONG,
    ..recipe(
        "zoo/A2",
        "planted: a latch acts on answers and watches that belong to an older znode of its own",
        || latch(Mutant::ActsOnThePast),
        sound_latch,
        one_leads,
        Planted { id: "A2", caught_by: &["single-leader/belief"] },
    )
};

/// A5, CURATOR-724: the parent was removed, and nobody minds.
pub static A5: Election = Election {
    janitor: true,
    ..recipe(
        "zoo/A5",
        "planted: a latch whose parent was removed waits for ever",
        || latch(Mutant::IgnoresMissingParent),
        sound_latch,
        somebody_leads,
        Planted { id: "A5", caught_by: &["failover"] },
    )
};

/// A8, CURATOR-460: the session policy with Curator's default of 100 %.
pub static A8: Election = Election {
    session_timeout: LONG,
    ..recipe(
        "zoo/A8",
        "planted: the session policy waits for the whole of the session timeout before the connection is lost",
        || Arc::new(Latch::new(ROOT).with_policy(ErrorPolicy::Session { percent: 100 })),
        || Arc::new(Latch::new(ROOT).with_policy(ErrorPolicy::Session { percent: SAFE_PERCENT })),
        || Promises { belief: Promise::unless(&["pause", "clock", "session"]), ..Promises::none() },
        Planted { id: "A8", caught_by: &["single-leader/belief"] },
    )
};

/// A9, CURATOR-18: closed while the znode is being created.
pub static A9: Election = Election {
    restless: Some(Duration::from_secs(10)),
    ..recipe(
        "zoo/A9",
        "planted: a latch that is closed while its znode is being created leaves it behind",
        || latch(Mutant::LeaksOnClose),
        sound_latch,
        somebody_leads,
        Planted { id: "A9", caught_by: &["failover"] },
    )
};

/// A10, CURATOR-110: started before there was a connection.
pub static A10: Election = Election {
    parameters: two_candidates,
    ..recipe(
        "zoo/A10",
        "planted: a latch that is started before there is a connection never joins",
        || latch(Mutant::TriesOnce),
        sound_latch,
        somebody_leads,
        Planted { id: "A10", caught_by: &["failover"] },
    )
};

/// A12, CURATOR-51: interrupts are swallowed.
pub static A12: Election = Election {
    session_timeout: LONG,
    ..recipe(
        "zoo/A12",
        "planted: a leader that swallows interrupts leads on, while its selector queues anew",
        || Arc::new(Selector::new(ROOT).with_mutant(Mutant::StopsSlowly)),
        || Arc::new(Selector::new(ROOT)),
        one_leads,
        Planted { id: "A12", caught_by: &["single-leader/belief"] },
    )
};

/// A15: as LeaderElectionSupport really is.
pub static A15: Election = recipe(
    "zoo/A15",
    "planted: a candidate that fails leaves its offer behind, at last at the head of the line",
    || Arc::new(Support::new(ROOT)),
    || Arc::new(Support::new(ROOT).restarting()),
    somebody_leads,
    Planted { id: "A15", caught_by: &["failover"] },
);

/// A19, kazoo #732.
pub static A19: Election = recipe(
    "zoo/A19",
    "planted: what an attempt without success left is cleaned up once, and errors are swallowed",
    || Arc::new(Kazoo::new(ROOT).listening().with_timeout(PATIENCE).with_mutant(Mutant::CleansUpOnce)),
    || Arc::new(Kazoo::new(ROOT).listening().with_timeout(PATIENCE)),
    somebody_leads,
    Planted { id: "A19", caught_by: &["failover"] },
);

/// So long a user of kazoo waits for a lock.
const PATIENCE: Duration = Duration::from_secs(10);

/// A20, kazoo #282 and #116.
pub static A20: Election = recipe(
    "zoo/A20",
    "planted: a candidate that waits is not woken when its connection, and with it its watch, is lost",
    || Arc::new(Kazoo::new(ROOT).listening().with_mutant(Mutant::SleepsOn)),
    || Arc::new(Kazoo::new(ROOT).listening()),
    somebody_leads,
    Planted { id: "A20", caught_by: &["failover"] },
);

/// A21: as kazoo really is.
pub static A21: Election = Election {
    session_timeout: LONG,
    ..recipe(
        "zoo/A21",
        "planted: the leader's function goes on when the session is lost",
        || Arc::new(Kazoo::new(ROOT)),
        || Arc::new(Kazoo::new(ROOT).listening()),
        one_leads,
        Planted { id: "A21", caught_by: &["single-leader/belief"] },
    )
};

/// A31, CURATOR-297 and Druid #16411: two coordinators.
pub static A31: Election = Election {
    session_timeout: LONG,
    ..recipe(
        "zoo/A31",
        "planted: a leader that is connected again leads on without another look",
        || latch(Mutant::KeepsTheFlag),
        sound_latch,
        one_leads,
        Planted { id: "A31", caught_by: &["single-leader/belief"] },
    )
};
