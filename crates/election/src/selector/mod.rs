//! `selector`: Apache Curator's LeaderSelector, with a listener that is the `LeaderSelectorListenerAdapter`.
//!
//! Whoever has the mutex leads until `takeLeadership` returns. In a state of error the listener throws
//! `CancelLeadershipException`: the leadership, or the attempt to get it, is interrupted, its znode is deleted, and the
//! selector queues anew (`autoRequeue`).
//!
//! What it promises: as [`latch`](crate::latch) does, by the same [`ErrorPolicy`]. A leader whose `takeLeadership`
//! swallows interrupts promises nothing (row A12 of the zoo). The token is the creation zxid of the znode; Curator itself
//! does not hand it out (CURATOR-637 asks for the path), here it is read.

use proto::path;

use crate::Promise;
use crate::curator::ErrorPolicy;
use crate::mutant::Planted;
use crate::mutex::{Core, Ways};
use crate::protocol::{self, Manners};
use crate::standing::{Participation, Strategy};

/// Curator's LeaderSelector.
#[derive(Clone, Debug)]
pub struct Selector {
    path: String,
    policy: ErrorPolicy,
    planted: Planted,
}

impl Selector {
    /// A selector at this znode, with the standard policy.
    ///
    /// # Panics
    /// If it is not the path of a znode, or the root of all.
    #[must_use]
    pub fn new(path: &str) -> Selector {
        assert!(path::validate(path).is_ok() && path != "/", "`{path}` cannot be the path of a selector");
        Selector { path: path.to_owned(), policy: ErrorPolicy::Standard, planted: Planted::default() }
    }

    /// The same with this policy.
    #[must_use]
    pub fn with_policy(mut self, policy: ErrorPolicy) -> Selector {
        self.policy = policy;
        self
    }

    /// The same with a planted bug.
    #[cfg(feature = "zoo")]
    #[must_use]
    pub fn with_mutant(mut self, mutant: crate::Mutant) -> Selector {
        self.planted = Planted::new(Some(mutant));
        self
    }
}

impl Strategy for Selector {
    fn name(&self) -> &'static str {
        "selector"
    }

    fn promise(&self) -> Promise {
        self.policy.promise()
    }

    fn promise_with_followers(&self) -> Promise {
        self.policy.promise_with_followers()
    }

    fn take_part(&self, config: client::Config) -> Participation {
        let ways = Ways {
            path: self.path.clone(),
            policy: Some(self.policy),
            guards: false,
            is_careful: false,
            planted: self.planted,
        };
        let core = Core::new(ways, host::random::stream("guids"));
        protocol::take_part(core, config, Manners { shares_session: true, ..Manners::default() })
    }
}
