//! `kazoo`: Election and Lock of kazoo, the client in Python.
//!
//! `<path>/<uuid hex>__lock__NNNNNNNNNN`, ephemeral and sequential, with the candidate's identifier as data: the smallest
//! number has the lock, each other candidate watches the next lower one. A lock keeps its uuid for its life: whatever an
//! attempt before has left is found by it, *without* a look at whose session it belongs to. Watches are not restored on a
//! new connection; who waits is woken by every change of the connection instead, and looks again
//! (`kazoo/recipe/lock.py`, `election.py`).
//!
//! What it promises ([`PROMISE`]): nothing of belief where anything goes wrong. `is_acquired` stays true when the session
//! is lost, and the leader's function is not stopped (row A21 of the zoo). A user can stop it from a listener for the
//! states of the connection, as kazoo's documentation recommends: [`Kazoo::listening`]. Then the belief that is left is
//! the one in a znode of the former session, adopted in the new one and gone soon after. *Effect* holds always for a
//! resource that checks the token, the creation zxid of the znode. *Failover* holds where no reply gets lost.
//!
//! What it refuses: a lock that finds its znode gone in the very moment in which it has the lock; kazoo leads then, here
//! the attempt is made once more, for there is no token to lead under.

mod lock;
#[cfg(test)]
mod tests;

use std::time::Duration;

use proto::path;

use crate::mutant::Planted;
use crate::protocol::{self, Manners};
use crate::standing::{Participation, Strategy};
use crate::{Holds, Promise};

/// What it promises.
pub const PROMISE: Promise = Promise {
    belief: Holds::WITHOUT_FAULTS,
    effect: Holds::Always,
    order: Holds::WITHOUT_FAULTS,
    failover: Holds::Unless(&["partition", "link", "crash", "power", "pause", "disk", "session"]),
};

/// kazoo's Election.
#[derive(Clone, Debug)]
pub struct Kazoo {
    path: String,
    listens: bool,
    timeout: Option<Duration>,
    planted: Planted,
}

impl Kazoo {
    /// An election at this znode.
    ///
    /// # Panics
    /// If it is not the path of a znode, or the root of all.
    #[must_use]
    pub fn new(path: &str) -> Kazoo {
        assert!(path::validate(path).is_ok() && path != "/", "`{path}` cannot be the path of an election");
        Kazoo { path: path.to_owned(), listens: false, timeout: None, planted: Planted::default() }
    }

    /// Its user stops leading when the connection is suspended or lost, releases the lock and queues anew.
    #[must_use]
    pub fn listening(mut self) -> Kazoo {
        self.listens = true;
        self
    }

    /// Its user waits for the lock no longer than this, and then tries again with a new one.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Kazoo {
        self.timeout = Some(timeout);
        self
    }

    /// The same with a planted bug.
    #[cfg(feature = "zoo")]
    #[must_use]
    pub fn with_mutant(mut self, mutant: crate::Mutant) -> Kazoo {
        self.planted = Planted::new(Some(mutant));
        self
    }
}

impl Strategy for Kazoo {
    fn name(&self) -> &'static str {
        "kazoo"
    }

    fn promise(&self) -> Promise {
        PROMISE
    }

    fn take_part(&self, config: client::Config) -> Participation {
        let core = lock::Lock::new(self, &host::node_name(), host::random::stream("guids"));
        // kazoo's client does not restore watches.
        protocol::take_part(core, config, Manners { loses_watches: true, ..Manners::default() })
    }
}
