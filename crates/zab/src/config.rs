//! Who the servers are, and how long they wait.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::mutant::Planted;
use crate::zxid::ServerId;

/// The configuration of a peer: the same for all of an ensemble, but for `id`.
#[derive(Clone, Debug)]
pub struct Config {
    /// This server.
    pub id: ServerId,
    /// The servers that vote and acknowledge. A quorum is a majority of them.
    pub voters: BTreeSet<ServerId>,
    /// The servers that only learn.
    pub observers: BTreeSet<ServerId>,
    /// ZooKeeper's `tickTime`. Leaders and learners exchange pings twice a tick.
    pub tick: Duration,
    /// In ticks: how long discovery and synchronisation may take.
    pub init_limit: u32,
    /// In ticks: how long a synchronised learner, or its leader, may be silent.
    pub sync_limit: u32,
    /// How long a server with a quorum of votes waits for a better one (`FastLeaderElection.finalizeWait`).
    pub finalize_wait: Duration,
    /// Whether it waits no longer once it has the votes of all: no better one can come. ZooKeeper waits all the same.
    pub decides_when_unanimous: bool,
    /// After how long a silence a server that looks for a leader says its vote again. Doubles each time.
    pub resend_first: Duration,
    /// Where the doubling ends.
    pub resend_last: Duration,
    /// How long a learner waits before it calls again at a leader that does not lead yet. Doubles each time.
    pub connect_retry_first: Duration,
    /// Where the doubling ends (`leaderConnectDelayDuringRetryMs`).
    pub connect_retry: Duration,
    /// How many times it calls before it looks for another (`Learner.connectToLeader`).
    pub connect_attempts: u32,
    /// How many delivered transactions are kept for learners that lag behind (`commitLogCount`). Those further behind get
    /// a snapshot.
    pub window: usize,
    /// The last number of an epoch: the leader resigns rather than reuse one (ZOOKEEPER-1277). Lower in tests.
    pub counter_limit: u32,
    pub(crate) planted: Planted,
}

impl Config {
    /// ZooKeeper's defaults: ticks of two seconds, ten for `init_limit`, five for `sync_limit`.
    pub fn new(id: ServerId, voters: impl IntoIterator<Item = ServerId>) -> Config {
        Config {
            id,
            voters: voters.into_iter().collect(),
            observers: BTreeSet::new(),
            tick: Duration::from_secs(2),
            init_limit: 10,
            sync_limit: 5,
            finalize_wait: Duration::from_millis(200),
            decides_when_unanimous: false,
            resend_first: Duration::from_millis(200),
            resend_last: Duration::from_secs(60),
            connect_retry_first: Duration::from_millis(100),
            connect_retry: Duration::from_millis(100),
            connect_attempts: 5,
            window: 500,
            counter_limit: u32::MAX,
            planted: Planted::default(),
        }
    }

    /// Elections that take no longer than they must, for those who wait for them. By default they take as long as
    /// ZooKeeper's, so that what a simulation shows of them is true of ZooKeeper, too.
    pub fn hurry(&mut self) {
        self.decides_when_unanimous = true;
        self.connect_retry_first = Duration::from_millis(5);
        // The first pauses are shorter; all of them together last as long.
        self.connect_attempts += 4;
    }

    /// The same ensemble with one planted bug.
    #[cfg(feature = "zoo")]
    pub fn plant(&mut self, mutant: Option<crate::Mutant>) {
        self.planted = Planted::new(mutant);
    }

    /// Does `server` vote?
    pub fn is_voter(&self, server: ServerId) -> bool {
        self.voters.contains(&server)
    }

    /// Does `server` belong to the ensemble?
    pub fn is_member(&self, server: ServerId) -> bool {
        self.is_voter(server) || self.observers.contains(&server)
    }

    /// All the other servers.
    pub fn others(&self) -> impl Iterator<Item = ServerId> + '_ {
        self.voters.union(&self.observers).copied().filter(|server| *server != self.id)
    }

    pub(crate) fn init_time(&self) -> Duration {
        self.tick * self.init_limit
    }

    pub(crate) fn sync_time(&self) -> Duration {
        self.tick * self.sync_limit
    }
}
