//! `kafka`: the controller election of Apache Kafka as it was through ZooKeeper (KafkaController.elect;
//! KafkaZkClient.registerControllerAndIncrementControllerEpoch).
//!
//! `/controller` is an ephemeral znode with the broker's id, `/controller_epoch` a persistent one with a number. Who wins
//! creates the first and counts up the second in one multi, on condition that nobody has counted meanwhile. The epoch is
//! the term; the version of its znode is the guard: each act on the service is a multi that checks it (KAFKA-6082), and
//! brokers refuse requests with a lower epoch.
//!
//! What it promises ([`PROMISE`]): *effect* always, on resources by the epoch and on the service by the guard, even
//! though the writes of a controller are queued and may go out under the next session. A controller ignores a lost
//! connection, as its session may live on; it resigns when it hears that the session has ended, before it opens the
//! next one. So *belief* overlaps whenever a session ends before its client knows, and with it *order*: an election whose
//! answer was held up may be heard of after the next one. *Failover*: always.
//!
//! Two holes of the real one are kept. Whoever gets `NODEEXISTS` has won if the znode holds its own id and the epoch is
//! the one that it tried to write; the znode's session is not looked at. So in a new session a broker may accept what it
//! created in the one that is about to end, and is deposed again with that. And a broker that finds its own id before it
//! has tried takes itself for active and does nothing, until that znode goes.
//!
//! What it refuses: brokers' own registrations (`/brokers/ids`), and all that a controller does when it has been elected.

mod controller;
mod records;

use proto::path;

use crate::mutant::Planted;
use crate::protocol::{self, Manners};
use crate::standing::{Participation, Strategy};
use crate::{Holds, Promise};

/// What the election promises.
pub const PROMISE: Promise = Promise {
    belief: Holds::WITHOUT_FAULTS,
    effect: Holds::Always,
    order: Holds::WITHOUT_FAULTS,
    failover: Holds::Always,
};

/// Kafka's controller election.
#[derive(Clone, Debug)]
pub struct Kafka {
    root: String,
    planted: Planted,
}

impl Kafka {
    /// An election with `controller` and `controller_epoch` under this znode: the root of all, or Kafka's chroot.
    ///
    /// # Panics
    /// If it is not the path of a znode.
    #[must_use]
    pub fn new(root: &str) -> Kafka {
        assert!(path::validate(root).is_ok(), "`{root}` cannot be the root of an election");
        Kafka { root: root.to_owned(), planted: Planted::default() }
    }

    /// The same with a planted bug.
    #[cfg(feature = "zoo")]
    #[must_use]
    pub fn with_mutant(mut self, mutant: crate::Mutant) -> Kafka {
        self.planted = Planted::new(Some(mutant));
        self
    }
}

impl Strategy for Kafka {
    fn name(&self) -> &'static str {
        "kafka"
    }

    fn promise(&self) -> Promise {
        PROMISE
    }

    fn take_part(&self, config: client::Config) -> Participation {
        let core = controller::Controller::new(&self.root, records::broker_id(&host::node_name()), self.planted);
        protocol::take_part(core, config, Manners { guards_span_sessions: true, ..Manners::default() })
    }
}

#[cfg(test)]
mod tests;
