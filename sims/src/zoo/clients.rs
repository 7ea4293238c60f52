//! Bugs of session clients, and of how servers treat their sessions and watches. Also C rows.

use std::sync::Arc;

use check::{Promise, Promises};
use election::Docs;
use interregnum::{Control, Planted, bounds};

use crate::election::{Election, ROOT};
use crate::profile;
use crate::service::{Service, WATCH, WRITERS};

/// C5, zookeeper-client-rust #39: back in time.
pub static C5: Service = WATCH.with_bug_in_clients(
    "zoo/C5",
    "planted: a client that reconnects does not say what it has seen, and a server that lags behind takes it",
    client::Mutant::ForgetsLastZxid,
    Planted { id: "C5", caught_by: &["zxid-monotone"] },
);

/// C6, ZOOKEEPER-710: moved, and never arrived.
pub static C6: Service = WRITERS.with_bug(
    "zoo/C6",
    "planted: a session that moves still counts as being where it was, and is refused where it is",
    server::Mutant::KeepsFirstServer,
    Planted { id: "C6", caught_by: &["progress"] },
);

/// C10, ZOOKEEPER-4471: one watch removed, others gone.
pub static C10: Service = WATCH.with_bug(
    "zoo/C10",
    "planted: removing a persistent watch takes all watches of its client on the path along",
    server::Mutant::RemovesWatchesByPath,
    Planted { id: "C10", caught_by: &["watch-order", "watch-lost"] },
);

/// C11, ZOOKEEPER-1049: heartbeats behind writes.
pub static C11: Service = WRITERS.with_bug(
    "zoo/C11",
    "planted: signs of life wait in one queue with writes",
    server::Mutant::QueuesTouches,
    Planted { id: "C11", caught_by: &["sessions", "session-kept"] },
);

/// C12, ZOOKEEPER-4508: who is cut off never learns of the end of its session. An election that holds on until then, as
/// many do, bounds how long two may believe by the local expiry alone. One server, so that no follower has a part in it.
pub static C12: Election = Election {
    claims: Some(|| Promises {
        belief: Promise::without_faults(),
        ..crate::election::promises_of(&election::docs::PROMISE)
    }),
    overlap: Some(bounds::of_local_expiry),
    parameters: |mut standard| {
        standard.set("servers", "1").expect("scenarios are written with care");
        profile::with_expires_locally(standard, false)
    },
    control: Some(Control::Is {
        what: "clients know by their own clocks",
        settings: &[("expires_locally", "true")],
        without: &[],
    }),
    planted: Some(Planted { id: "C12", caught_by: &["single-leader/overlap"] }),
    ..Election::new(
        "zoo/C12",
        "planted: only a server can tell that a session is over, which a leader that is cut off never hears",
        || Arc::new(Docs::new(ROOT).with_mutant(election::Mutant::IgnoresDisconnected)),
    )
};

/// C18, kazoo #151: nobody wakes up who waited for a watch when the connection was lost.
pub static C18: Service = WATCH.with_bug_in_clients(
    "zoo/C18",
    "planted: watches are not restored on a new connection, and nobody who waits is told",
    client::Mutant::RestoresNoWatches,
    Planted { id: "C18", caught_by: &["watch-lost", "watch-order"] },
);
