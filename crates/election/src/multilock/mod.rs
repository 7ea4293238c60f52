//! `multilock`: a lock whose holder acts through the service alone, by multis that check the lock first.
//!
//! After `LockClient` of kezhuw/zookeeper-client-rust, compatible with Curator's mutex:
//! `<path>/_c_<uuid>-lock-NNNNNNNNNN`, the smallest number has the lock, and each act of its holder is
//! `multi[check(own znode), act…]`, so that the service itself refuses what a former holder asks for.
//!
//! What it promises ([`PROMISE`]): *effect* always, for acts on the service by the check, and for a resource that looks
//! at tokens by the creation zxid. *Belief* only where nothing goes wrong: the holder does not even listen to its
//! connection, and needs not. *Order* unless a process pauses, or followers outlast sessions. *Failover* always: what was
//! created without an answer is looked for after a `sync`, and whatever else of its own it meets it deletes.
//!
//! What it refuses: names without a uuid. The check is by the existence of a path, and a path can come again when its
//! parent is made anew; one with a uuid does not.

use proto::path;

use crate::mutant::Planted;
use crate::mutex::{Core, Ways};
use crate::protocol::{self, Manners};
use crate::standing::{Participation, Strategy};
use crate::{Holds, Promise};

/// What it promises where every answer speaks for the service.
pub const PROMISE: Promise = Promise {
    belief: Holds::WITHOUT_FAULTS,
    effect: Holds::Always,
    order: Holds::Unless(&["pause"]),
    failover: Holds::Always,
};

/// What it promises where followers may outlast sessions.
pub const PROMISE_WITH_FOLLOWERS: Promise =
    Promise { order: Holds::Unless(&["pause", "partition", "link"]), ..PROMISE };

/// A lock whose every act is a multi that checks it.
#[derive(Clone, Debug)]
pub struct Multilock {
    path: String,
}

impl Multilock {
    /// A lock at this znode.
    ///
    /// # Panics
    /// If it is not the path of a znode, or the root of all.
    #[must_use]
    pub fn new(path: &str) -> Multilock {
        assert!(path::validate(path).is_ok() && path != "/", "`{path}` cannot be the path of a lock");
        Multilock { path: path.to_owned() }
    }
}

impl Strategy for Multilock {
    fn name(&self) -> &'static str {
        "multilock"
    }

    fn promise(&self) -> Promise {
        PROMISE
    }

    fn promise_with_followers(&self) -> Promise {
        PROMISE_WITH_FOLLOWERS
    }

    fn take_part(&self, config: client::Config) -> Participation {
        let ways =
            Ways { path: self.path.clone(), policy: None, guards: true, is_careful: true, planted: Planted::default() };
        protocol::take_part(Core::new(ways, host::random::stream("guids")), config, Manners::default())
    }
}
