//! `hadoop`: the election of Hadoop's failover controllers (ActiveStandbyElector).
//!
//! `ActiveStandbyElectorLock` is an ephemeral znode: who creates it is to become active. Before it does, it reads the
//! persistent `ActiveBreadCrumb`, in which the last active left its name; if that is another's, the old active is fenced
//! off outside the service, and only then the own name is left, on condition that nobody else has left one meanwhile.
//! The lock's creation zxid is the term.
//!
//! A lost connection puts the elector into neutral mode, and the application stays what it is: an active one stays
//! active (ZKFailoverController), until it is told to stand by. So *belief* overlaps as soon as a session ends before its
//! client knows, and an activation whose last answer was held up may come after the next one: *order* is not promised
//! either. What the fencing is for is *effect* ([`PROMISE`]), on a resource whose floor is raised by an explicit act of
//! fencing ([`Fencing::Explicit`](crate::resource::Fencing::Explicit)) and by nothing else.
//!
//! Who finds its own name fences nobody, for it was active last itself. A former process of the same name is taken for
//! dead, and what was said by it, or under one's own former term, for done: what of it is still under way to the resource
//! takes effect late. The same goes for an active that quits gracefully, and takes its breadcrumb with it.
//!
//! With [`Hadoop::cautious`] the application stands by in neutral mode, as YARN's does after a while, and believes only
//! as long as its session is surely alive. Then belief and order are those of the documented recipe
//! ([`PROMISE_IF_CAUTIOUS`]).
//!
//! What it refuses: the elector's limit of retries, after which the process ends; and ACLs as a fence (ZKRMStateStore).

mod elector;

use std::time::Duration;

use proto::path;

use crate::mutant::Planted;
use crate::protocol::{self, Fencer, Manners};
use crate::resource::{ResourceHandle, Verdict};
use crate::standing::{Participation, Strategy};
use crate::{Holds, Promise};

/// So long an attempt to fence may take.
const FENCING_PATIENCE: Duration = Duration::from_secs(5);

/// What the election promises.
pub const PROMISE: Promise = Promise {
    belief: Holds::WITHOUT_FAULTS,
    effect: Holds::Unless(&["partition", "link", "crash", "power", "session"]),
    order: Holds::WITHOUT_FAULTS,
    failover: Holds::Always,
};

/// What it promises if the application stands by in neutral mode, where every answer speaks for the service.
pub const PROMISE_IF_CAUTIOUS: Promise =
    Promise { belief: crate::docs::PROMISE.belief, order: crate::docs::PROMISE.order, ..PROMISE };

/// The same where a follower may answer for longer.
const PROMISE_IF_CAUTIOUS_WITH_FOLLOWERS: Promise = Promise {
    belief: crate::docs::PROMISE_WITH_FOLLOWERS.belief,
    order: crate::docs::PROMISE_WITH_FOLLOWERS.order,
    ..PROMISE
};

/// Hadoop's ActiveStandbyElector.
#[derive(Clone, Debug)]
pub struct Hadoop {
    directory: String,
    resource: String,
    is_cautious: bool,
    fencing_takes: Duration,
    planted: Planted,
}

impl Hadoop {
    /// An election with lock and breadcrumb under this znode, for actives of this resource (`host:port`).
    ///
    /// # Panics
    /// If it is not the path of a znode, or the root of all.
    #[must_use]
    pub fn new(directory: &str, resource: &str) -> Hadoop {
        assert!(path::validate(directory).is_ok() && directory != "/", "`{directory}` cannot be that of an election");
        Hadoop {
            directory: directory.to_owned(),
            resource: resource.to_owned(),
            is_cautious: false,
            fencing_takes: Duration::ZERO,
            planted: Planted::default(),
        }
    }

    /// The same, but an active stands by as soon as its connection is lost.
    #[must_use]
    pub fn cautious(mut self) -> Hadoop {
        self.is_cautious = true;
        self
    }

    /// It takes so long to reach the place from which the old active is fenced off.
    #[must_use]
    pub fn fencing_after(mut self, duration: Duration) -> Hadoop {
        self.fencing_takes = duration;
        self
    }

    /// The same with a planted bug.
    #[cfg(feature = "zoo")]
    #[must_use]
    pub fn with_mutant(mut self, mutant: crate::Mutant) -> Hadoop {
        self.planted = Planted::new(Some(mutant));
        self
    }

    fn fencer(&self) -> Fencer {
        let (resource, after) = (self.resource.clone(), self.fencing_takes);
        std::sync::Arc::new(move |term| {
            let mut handle = ResourceHandle::new(&resource, FENCING_PATIENCE);
            Box::pin(async move {
                host::sleep(after).await;
                matches!(handle.fence(term).await, Ok(Verdict::Accepted))
            })
        })
    }
}

impl Strategy for Hadoop {
    fn name(&self) -> &'static str {
        "hadoop"
    }

    fn promise(&self) -> Promise {
        if self.is_cautious { PROMISE_IF_CAUTIOUS } else { PROMISE }
    }

    fn promise_with_followers(&self) -> Promise {
        if self.is_cautious { PROMISE_IF_CAUTIOUS_WITH_FOLLOWERS } else { PROMISE }
    }

    fn take_part(&self, config: client::Config) -> Participation {
        let core = elector::Elector::new(&self.directory, &host::node_name(), self.is_cautious, self.planted);
        protocol::take_part(core, config, Manners { fencer: Some(self.fencer()), ..Manners::default() })
    }
}

#[cfg(test)]
mod tests;
