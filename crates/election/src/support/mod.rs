//! `support`: LeaderElectionSupport, the recipe in Java that comes with ZooKeeper (zookeeper-recipes-election).
//!
//! Each candidate offers itself with an ephemeral sequential znode `n_NNNNNNNNNN` that holds its host name; the offer with
//! the smallest number leads, each other candidate watches the next lower one. There is no guid in a name, and no look
//! at what became of a request without an answer: whatever goes wrong, the candidacy has *failed*, and stays so until its
//! user stops it and starts it again.
//!
//! What it promises ([`PROMISE`]): only where nothing goes wrong at all. A leader ignores what its session says, so it
//! believes for ever in a session that has ended (row A14 of the zoo). A candidate that finds one of the other offers gone
//! while it reads them fails and leaves its own offer behind: when that comes to the head of the line, nobody leads until
//! its session ends (A15). The token that it hands out, the creation zxid of its offer, is what a resource needs to keep
//! the terms of the past out: *effect* holds by it, always.
//!
//! With [`Support::restarting`] it is used as well as it can be: its user opens a new session whenever it has failed or
//! its session has ended. Then leaders come again after any fault; that a lost connection goes unnoticed stays.

mod offer;

use proto::path;

use crate::protocol::{self, Manners};
use crate::standing::{Participation, Strategy};
use crate::{Holds, Promise};

/// What the recipe promises as it is.
pub const PROMISE: Promise = Promise {
    belief: Holds::WITHOUT_FAULTS,
    effect: Holds::Always,
    order: Holds::WITHOUT_FAULTS,
    failover: Holds::WITHOUT_FAULTS,
};

/// What it promises to a user who starts it again.
pub const PROMISE_IF_RESTARTED: Promise = Promise { failover: Holds::Always, ..PROMISE };

/// LeaderElectionSupport.
#[derive(Clone, Debug)]
pub struct Support {
    root: String,
    restarts: bool,
}

impl Support {
    /// An election under this znode.
    ///
    /// # Panics
    /// If it is not the path of a znode, or the root of all.
    #[must_use]
    pub fn new(root: &str) -> Support {
        assert!(path::validate(root).is_ok() && root != "/", "`{root}` cannot be the root of an election");
        Support { root: root.to_owned(), restarts: false }
    }

    /// Its user starts it again whenever it has failed.
    #[must_use]
    pub fn restarting(mut self) -> Support {
        self.restarts = true;
        self
    }
}

impl Strategy for Support {
    fn name(&self) -> &'static str {
        "support"
    }

    fn promise(&self) -> Promise {
        if self.restarts { PROMISE_IF_RESTARTED } else { PROMISE }
    }

    fn take_part(&self, config: client::Config) -> Participation {
        let core = offer::Offer::new(&self.root, &host::node_name(), self.restarts);
        protocol::take_part(core, config, Manners::default())
    }
}
