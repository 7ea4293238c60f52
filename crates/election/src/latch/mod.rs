//! `latch`: Apache Curator's LeaderLatch.
//!
//! Each candidate creates `<path>/_c_<uuid>-latch-NNNNNNNNNN`, ephemeral and sequential, under a container. The one with
//! the smallest number reads its own znode, and leads if that belongs to its session (CURATOR-696); each other one
//! watches the next lower. What was created without an answer is found again by its uuid.
//!
//! What it promises depends on the [`ErrorPolicy`]:
//! - *belief*, by the standard policy: unless a process pauses, for a lost connection deposes at once. By the session
//!   policy: only if the connection counts as lost no later than the session may end ([`SAFE_PERCENT`]), and clocks go
//!   right; at Curator's default of 100 % it counts as lost at 5/3 of the session timeout (CURATOR-460, Tech Note 14), and
//!   nothing is promised.
//! - *effect*: always, if the resource checks the token that is handed out here, the creation zxid of the znode
//!   (CURATOR-537 asks for the znode's path to that end). Curator's users hardly ever check one.
//! - *order*: unless a process pauses between the look at its znode and the answer.
//! - *failover*: where no reply gets lost. Curator looks for its znode without `sync`: on a server that lags behind it
//!   is not found, and a second one is created, behind which the candidate waits for itself.
//!
//! As with every recipe that trusts the session, all this is for an ensemble whose followers do not outlast it
//! ([`Latch::promise_with_followers`](Strategy::promise_with_followers)).
//!
//! What it refuses: retry policies that give up. Requests are repeated until they are answered, every 100 ms.

mod core;
#[cfg(test)]
mod tests;

use proto::path;

use crate::Promise;
use crate::curator::ErrorPolicy;
use crate::mutant::Planted;
use crate::protocol::{self, Manners};
use crate::standing::{Participation, Strategy};

pub use crate::curator::SAFE_PERCENT;

/// Curator's LeaderLatch.
#[derive(Clone, Debug)]
pub struct Latch {
    path: String,
    policy: ErrorPolicy,
    planted: Planted,
}

impl Latch {
    /// A latch at this znode, with the standard policy.
    ///
    /// # Panics
    /// If it is not the path of a znode, or the root of all.
    #[must_use]
    pub fn new(path: &str) -> Latch {
        assert!(path::validate(path).is_ok() && path != "/", "`{path}` cannot be the path of a latch");
        Latch { path: path.to_owned(), policy: ErrorPolicy::Standard, planted: Planted::default() }
    }

    /// The same with this policy.
    #[must_use]
    pub fn with_policy(mut self, policy: ErrorPolicy) -> Latch {
        self.policy = policy;
        self
    }

    /// The same with a planted bug.
    #[cfg(feature = "zoo")]
    #[must_use]
    pub fn with_mutant(mut self, mutant: crate::Mutant) -> Latch {
        self.planted = Planted::new(Some(mutant));
        self
    }
}

impl Strategy for Latch {
    fn name(&self) -> &'static str {
        "latch"
    }

    fn promise(&self) -> Promise {
        self.policy.promise()
    }

    fn promise_with_followers(&self) -> Promise {
        self.policy.promise_with_followers()
    }

    fn take_part(&self, config: client::Config) -> Participation {
        let core = core::Core::new(self, host::now(), host::random::stream("guids"));
        // A latch shares its client with everything else in the process.
        protocol::take_part(core, config, Manners { shares_session: true, ..Manners::default() })
    }
}
