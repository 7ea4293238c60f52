//! What can be set, with ZooKeeper's defaults.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use proto::frame::DEFAULT_LIMIT;

use crate::access::Rules;
use crate::mutant::Planted;
use crate::output::OutputLimits;
use crate::prepare::Options;
use crate::secure::Secure;

/// The ensemble a server belongs to: the same on all of its servers, but for [`Config::server_id`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ensemble {
    /// Every member by its id (`server.N=…`), the server itself included.
    pub members: BTreeMap<u8, Member>,
    /// In ticks: how long discovery and synchronisation may take (`initLimit`).
    pub init_limit: u32,
    /// In ticks: how long a synchronised learner, or its leader, may be silent (`syncLimit`).
    pub sync_limit: u32,
    /// How many committed transactions are kept in memory for learners that lag behind (`zookeeper.commitLogCount`);
    /// those further behind get a snapshot.
    pub commit_log_count: usize,
    /// Whether a server whose data directory is empty may count itself as new (`zookeeper.db.autocreate`). If not, it
    /// is new only if the operator says so with a file `initialize` in the directory, and has lost its disk otherwise:
    /// then it does not vote before it has synchronised with an established leader (ZOOKEEPER-261).
    pub trust_empty_directory: bool,
    /// Whether `sync` waits for a quorum. ZooKeeper asks the leader alone, so that a deposed one may answer
    /// (ZOOKEEPER-1675).
    pub strict_sync: bool,
    /// Whether a server without a quorum serves reads to clients that ask for that (`readonlymode.enabled`).
    pub read_only_mode: bool,
    /// Whether elections take no longer than they must. ZooKeeper waits 200 ms for a better vote even if all have voted
    /// the same; so does a server here unless it is told to hurry, lest a simulation promises a sooner leader than
    /// ZooKeeper has.
    pub hurries: bool,
    /// What clients read in `/zookeeper/config`: a line for each server, such as
    /// `server.1=host:port:port:participant;address:port`, and one for the version. Empty if they are not told.
    pub description: Option<String>,
}

/// A member of an ensemble.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its host, by name or address.
    pub host: String,
    /// The port on which it talks to the other members (`server.N=host:port:port`, the first of the two).
    ///
    /// ZooKeeper uses a second one for elections; here one connection between two servers carries all.
    pub port: u16,
    /// Whether it only learns, and does not vote (`:observer`).
    pub observes: bool,
}

impl Ensemble {
    /// An ensemble with ZooKeeper's defaults for everything but its members.
    #[must_use]
    pub fn new(members: BTreeMap<u8, Member>) -> Ensemble {
        Ensemble {
            members,
            init_limit: 10,
            sync_limit: 5,
            commit_log_count: 500,
            trust_empty_directory: true,
            strict_sync: false,
            read_only_mode: false,
            hurries: false,
            description: None,
        }
    }
}

/// The settings of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Where it listens (`clientPort`). Port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where it listens for TLS, if it does.
    pub secure: Option<Secure>,
    /// Its id, the top byte of the ids of its sessions; at most 254, so that no session looks like a TTL znode.
    pub server_id: u8,
    /// The unit of time (`tickTime`): sessions expire in steps of it.
    pub tick: Duration,
    /// The shortest session timeout granted (`minSessionTimeout`); two ticks if not set.
    pub session_timeout_minimum: Option<Duration>,
    /// The longest session timeout granted (`maxSessionTimeout`); twenty ticks if not set.
    pub session_timeout_maximum: Option<Duration>,
    /// Where it keeps its log and snapshots; without it, in memory alone.
    pub data: Option<PathBuf>,
    /// After how many transactions a snapshot is taken and a new log begun (`snapCount`).
    pub snapshot_interval: u64,
    /// How many snapshots are kept, with the logs behind them (`autopurge.snapRetainCount`).
    pub snapshots_kept: usize,
    /// The longest frame accepted, in bytes (`jute.maxbuffer`).
    pub frame_limit: usize,
    /// How many connections an address may have (`maxClientCnxns`); 0 is no limit.
    pub connections_per_address: usize,
    /// How many connections there may be in all (`maxCnxns`); 0 is no limit, ZooKeeper's default.
    pub connections_total: usize,
    /// How long a connection may say nothing before its handshake (`zookeeper.nio.sessionlessCnxnTimeout`).
    pub handshake_timeout: Duration,
    /// How much may wait for clients that do not read.
    pub output: OutputLimits,
    /// How many requests may be under way before no more are read (`zookeeper.globalOutstandingLimit`).
    pub outstanding_limit: usize,
    /// Which four-letter words are answered (`4lw.commands.whitelist`); `*` stands for all. A server that may come to
    /// serve reads only answers `isro`, too.
    pub words: Vec<String>,
    /// Whether TTL znodes may be made (`zookeeper.extendedTypesEnabled`).
    pub extended_types: bool,
    /// Whether hard limits of quotas stop writes (`enforceQuota`).
    pub enforce_quota: bool,
    /// How often containers and TTL znodes are checked (`znode.container.checkIntervalMs`).
    pub container_check_interval: Duration,
    /// How many containers and TTL znodes may be reaped in a minute (`znode.container.maxPerMinute`).
    pub containers_per_minute: u32,
    /// After how long a container goes that never had children (`znode.container.maxNeverUsedIntervalMs`); it stays if
    /// not set.
    pub container_unused_interval: Option<Duration>,
    /// The ensemble it belongs to; without one it stands alone.
    pub ensemble: Option<Ensemble>,
    /// Who may do what.
    pub access: Rules,
    /// The planted bug at work.
    #[cfg(feature = "zoo")]
    pub mutant: Option<crate::Mutant>,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            listen: SocketAddr::from((Ipv4Addr::UNSPECIFIED, 2181)),
            secure: None,
            server_id: 1,
            tick: Duration::from_secs(2),
            session_timeout_minimum: None,
            session_timeout_maximum: None,
            data: None,
            snapshot_interval: 100_000,
            snapshots_kept: 3,
            frame_limit: DEFAULT_LIMIT,
            connections_per_address: 60,
            connections_total: 0,
            handshake_timeout: Duration::from_secs(10),
            output: OutputLimits::default(),
            outstanding_limit: 1000,
            words: vec!["srvr".to_owned()],
            extended_types: false,
            enforce_quota: false,
            container_check_interval: Duration::from_secs(60),
            containers_per_minute: 10_000,
            container_unused_interval: None,
            ensemble: None,
            access: Rules::default(),
            #[cfg(feature = "zoo")]
            mutant: None,
        }
    }
}

impl Config {
    /// The shortest session timeout granted.
    #[must_use]
    pub fn timeout_minimum(&self) -> Duration {
        self.session_timeout_minimum.unwrap_or(self.tick * 2)
    }

    /// The longest session timeout granted.
    #[must_use]
    pub fn timeout_maximum(&self) -> Duration {
        self.session_timeout_maximum.unwrap_or(self.tick * 20)
    }

    /// The session timeout granted to a client that wishes for this many milliseconds.
    pub(crate) fn negotiate(&self, milliseconds: i32) -> Duration {
        let wished = Duration::from_millis(u64::try_from(milliseconds).unwrap_or(0));
        // Not `clamp`: settings the wrong way round must not bring the server down.
        wished.min(self.timeout_maximum()).max(self.timeout_minimum())
    }

    /// Whether a four-letter word is answered.
    pub(crate) fn answers(&self, word: &str) -> bool {
        // Clients that may read only ask with it whether they should go elsewhere.
        let is_needed = || word == "isro" && self.ensemble.as_ref().is_some_and(|ensemble| ensemble.read_only_mode);
        self.words.iter().any(|allowed| allowed == "*" || allowed == word) || is_needed()
    }

    pub(crate) fn prepare_options(&self) -> Options {
        Options { extended_types: self.extended_types, enforce_quota: self.enforce_quota, access: self.access.clone() }
    }

    #[cfg(feature = "zoo")]
    pub(crate) fn planted(&self) -> Planted {
        Planted::new(self.mutant)
    }

    #[cfg(not(feature = "zoo"))]
    #[allow(clippy::unused_self, reason = "the same call in both builds")]
    pub(crate) fn planted(&self) -> Planted {
        Planted::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timeouts_lie_between_two_and_twenty_ticks() {
        let config = Config::default();
        assert_eq!(config.negotiate(1), Duration::from_secs(4));
        assert_eq!(config.negotiate(-1), Duration::from_secs(4));
        assert_eq!(config.negotiate(6000), Duration::from_secs(6));
        assert_eq!(config.negotiate(i32::MAX), Duration::from_secs(40));
    }

    #[test]
    fn a_star_answers_every_word() {
        assert!(Config::default().answers("srvr"));
        assert!(!Config::default().answers("ruok") && !Config::default().answers("isro"));
        let all = Config { words: vec!["*".to_owned()], ..Config::default() };
        assert!(all.answers("ruok"));
        let ensemble = Ensemble { read_only_mode: true, ..Ensemble::new(BTreeMap::new()) };
        assert!(Config { ensemble: Some(ensemble), ..Config::default() }.answers("isro"));
    }
}
