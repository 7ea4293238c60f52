//! `hbase`: how HBase finds its active master (ActiveMasterManager, MasterAddressTracker, RecoverableZooKeeper).
//!
//! `/hbase/master` is an ephemeral znode with the server name of the active master: host, port, start code. Whoever
//! cannot create it waits until it is gone; meanwhile `/hbase/backup-masters/<server name>` says so. If it holds one's
//! own host and port, it is taken for that of one's former process and deleted. The creation zxid is the term.
//!
//! What it promises ([`PROMISE`]): a leader comes, always. That there is one only, and in order, it promises where nothing
//! goes wrong: a lost connection is ignored, and only the end of the session aborts the master, which is then started
//! again. There is no fencing: HBase has that elsewhere, in its logs and file leases.
//!
//! Kept as they are: the look at host and port alone, though another process may have them; `stop`, which reads,
//! compares, and deletes *unconditionally* what may be another's by then; and that a master does not look when its znode
//! is gone. A create without an answer is compared by the data, in which a random number tells one call from another.
//!
//! With [`Hbase::cautious`] a master aborts as soon as its connection is lost, and believes only as long as its session is
//! surely alive. Then it promises what the documented recipe does ([`PROMISE_IF_CAUTIOUS`]), as long as no two masters
//! have the same host and port; with [`Hbase::patient`] even then, for it deletes nothing but waits for sessions to end.
//!
//! What it refuses: the flag that the cluster is shut down.

mod master;
mod server_name;

use std::time::Duration;

use proto::path;

use crate::protocol::{self, Manners};
use crate::standing::{Participation, Strategy};
use crate::{Holds, Promise};
use server_name::ServerName;

/// The port of a master (`hbase.master.port`).
const PORT: u16 = 16000;

/// What the election promises.
pub const PROMISE: Promise = Promise {
    belief: Holds::WITHOUT_FAULTS,
    effect: Holds::WITHOUT_FAULTS,
    order: Holds::WITHOUT_FAULTS,
    failover: Holds::Always,
};

/// What it promises if masters abort with their connections, where every answer speaks for the service.
pub const PROMISE_IF_CAUTIOUS: Promise = crate::docs::PROMISE;

/// What a master does otherwise than HBase's.
#[derive(Clone, Debug, Default)]
struct Habits {
    /// It aborts when its connection is lost.
    cautious: bool,
    /// It deletes no znode but its own, by closing its session.
    patient: bool,
    /// The host that it takes itself to be on.
    host: Option<String>,
    /// How long it takes from a look at the znode to its deletion.
    slowness: Duration,
}

/// HBase's active master.
#[derive(Clone, Debug)]
pub struct Hbase {
    root: String,
    habits: Habits,
}

impl Hbase {
    /// An election with `master` and `backup-masters` under this znode.
    ///
    /// # Panics
    /// If it is not the path of a znode, or the root of all.
    #[must_use]
    pub fn new(root: &str) -> Hbase {
        assert!(path::validate(root).is_ok() && root != "/", "`{root}` cannot be the root of an election");
        Hbase { root: root.to_owned(), habits: Habits::default() }
    }

    /// The same, but a master aborts as soon as its connection is lost.
    #[must_use]
    pub fn cautious(mut self) -> Hbase {
        self.habits.cautious = true;
        self
    }

    /// The same, but no master deletes what may not be its own.
    #[must_use]
    pub fn patient(mut self) -> Hbase {
        self.habits.patient = true;
        self
    }

    /// All masters take themselves to be on this host, as those do that know themselves as `localhost`.
    #[must_use]
    pub fn on_host(mut self, host: &str) -> Hbase {
        self.habits.host = Some(host.to_owned());
        self
    }

    /// A master takes so long from a look at the znode to its deletion.
    #[must_use]
    pub fn taking(mut self, slowness: Duration) -> Hbase {
        self.habits.slowness = slowness;
        self
    }
}

impl Strategy for Hbase {
    fn name(&self) -> &'static str {
        "hbase"
    }

    fn promise(&self) -> Promise {
        if self.habits.cautious { PROMISE_IF_CAUTIOUS } else { PROMISE }
    }

    fn promise_with_followers(&self) -> Promise {
        if self.habits.cautious { crate::docs::PROMISE_WITH_FOLLOWERS } else { PROMISE }
    }

    fn take_part(&self, config: client::Config) -> Participation {
        let host = self.habits.host.clone().unwrap_or_else(|| host::node_name().to_string());
        let name = ServerName { host, port: PORT, start_code: host::wall_clock().as_millis() };
        let core = master::Master::new(&self.root, name, self.habits.clone(), host::random::stream("salts"));
        protocol::take_part(core, config, Manners::default())
    }
}

#[cfg(test)]
mod tests;
