//! Bugs of the documented recipe's own znodes: how they are made, found again and put in order. Also A rows.

use std::sync::Arc;

use election::{Docs, Mutant};
use interregnum::Planted;

use crate::election::{Election, ROOT};

/// What an unanswered create may leave behind is caught as such, or as an election that stands still.
const LEFT_BEHIND: &[&str] = &["candidacies", "failover"];

/// A7, CURATOR-264, CURATOR-45, CURATOR-79: an unanswered create is made again, without a look.
pub static A7: Election = Election {
    planted: Some(Planted { id: "A7", caught_by: LEFT_BEHIND }),
    sound: Some(|| Arc::new(Docs::new(ROOT))),
    ..Election::new(
        "zoo/A7",
        "planted: a create without an answer is made again without looking for what it left",
        || Arc::new(Docs::new(ROOT).with_mutant(Mutant::CreatesBlindly)),
    )
};

/// A7, the subtle half: a look without a sync, maybe on a server that lags behind.
pub static A7_SYNC: Election = Election {
    // Many, so that some are just joining when their connection is lost.
    parameters: |mut standard| {
        standard.set("candidates", "9").expect("scenarios are written with care");
        standard
    },
    planted: Some(Planted { id: "A7-sync", caught_by: LEFT_BEHIND }),
    sound: Some(|| Arc::new(Docs::new(ROOT))),
    ..Election::new("zoo/A7-sync", "planted: what an unanswered create left is looked for without a sync", || {
        Arc::new(Docs::new(ROOT).with_mutant(Mutant::LooksWithoutSync))
    })
};

/// A13, ZOOKEEPER-2931: the whole name decides.
pub static A13: Election = Election {
    sound: Some(|| Arc::new(Docs::new(ROOT))),
    planted: Some(Planted {
        id: "A13",
        caught_by: &["single-leader/belief", "single-leader/order", "single-leader/effect"],
    }),
    ..Election::new("zoo/A13", "planted: candidates are ordered by their full names, not by their numbers", || {
        Arc::new(Docs::new(ROOT).with_mutant(Mutant::OrdersByFullName))
    })
};
