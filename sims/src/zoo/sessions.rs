//! Bugs of sessions and watches: the C rows.

use std::sync::Arc;

use election::Docs;
use interregnum::Planted;
use server::Mutant;

use crate::election::{Election, ROOT};
use crate::service::{SESSION, Service};

/// C1, ZOOKEEPER-1208: what a session asks for after its close was decided is done.
pub static C1: Service = SESSION.with_bug(
    "zoo/C1",
    "planted: a session is not marked as closing when its close is prepared",
    Mutant::CloseUnmarked,
    Planted { id: "C1", caught_by: &["ephemerals", "sessions"] },
);

/// C14: expiry rounds down to the tick.
pub static C14: Election = Election {
    server: Some(Mutant::ExpiryRoundsDown),
    planted: Some(Planted { id: "C14", caught_by: &["sessions"] }),
    ..Election::new("zoo/C14", "planted: the service expires sessions up to a tick early", || Arc::new(Docs::new(ROOT)))
};

/// C15: a new leader counts the sessions' time from nothing.
pub static C15: Service = SESSION.with_bug(
    "zoo/C15",
    "planted: a new leader gives the sessions that it finds no time",
    Mutant::ForgetsTimers,
    Planted { id: "C15", caught_by: &["sessions", "session-kept"] },
);

/// C17: what a closed session takes with it fires no watch.
pub static C17: Election = Election {
    server: Some(Mutant::CloseFiresNoWatch),
    planted: Some(Planted { id: "C17", caught_by: &["watch-lost", "watch-order", "failover"] }),
    ..Election::new("zoo/C17", "planted: the deletes of a closed session fire no watch", || Arc::new(Docs::new(ROOT)))
};

/// C19: a follower answers its clients' pings and keeps them to itself.
pub static C19: Service = SESSION.with_bug(
    "zoo/C19",
    "planted: a follower never relays the signs of life of its clients",
    Mutant::NeverRelaysTouches,
    Planted { id: "C19", caught_by: &["session-kept"] },
);
