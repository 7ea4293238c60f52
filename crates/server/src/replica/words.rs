//! Four-letter words: a connection that starts with one gets a text instead of a session (`ServerCnxn.java`).
//!
//! Refused: `gtmk`, `stmk` and `hash`, which are about traces and digests that there are none of here, and `dirs`: the
//! sizes of files are the disk's business, which the replica does not see. The latency reported is that of commits; what is
//! not made safe takes none. Where ZooKeeper tells the hour at which something expires, here it is told in how long.

use std::fmt::Write;
use std::net::SocketAddr;

use proto::{SessionId, Zxid, path};

use super::connection::{Connection, Phase};
use super::reign::Sizes;
use super::tally::Tally;
use super::{Clocks, ConnectionId, Replica, Standing};
use crate::access;
use crate::config::Ensemble;
use crate::tree::Tree;

/// The version that clients are told: kazoo reads it to know what the server can do.
const VERSION: &str = concat!("3.8.0-interregnum-", env!("CARGO_PKG_VERSION"));

/// Every word there is an answer to.
pub(crate) const WORDS: [&str; 14] =
    ["conf", "cons", "crst", "dump", "envi", "isro", "mntr", "ruok", "srst", "srvr", "stat", "wchc", "wchp", "wchs"];

impl Replica {
    /// The answer to a word of [`WORDS`], if the settings allow it, or the words of refusal. Connections are told of at
    /// the port at which they came (`AbstractFourLetterCommand.factory`); all are counted at either.
    pub(crate) fn answer_word(&mut self, word: &str, is_secure: bool, clocks: Clocks) -> String {
        self.tally.received += 1;
        if !self.config.answers(word) {
            return format!("{word} is not executed because it is not in the whitelist.\n");
        }
        if self.standing == Standing::Out && !matches!(word, "ruok" | "isro" | "envi") {
            return "This ZooKeeper instance is not currently serving requests\n".to_owned();
        }
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = match word {
            "ruok" => write!(text, "imok"),
            "isro" => match self.standing {
                Standing::Out => write!(text, "null"),
                Standing::ReadOnly => write!(text, "ro"),
                _ => write!(text, "rw"),
            },
            "srvr" => self.write_server(&mut text),
            "stat" => self.write_status(&mut text, is_secure),
            "cons" => self.write_clients(&mut text, is_secure, write_details).and_then(|()| writeln!(text)),
            "crst" => {
                let asked = self.connections.values_mut().filter(|connection| connection.is_secure == is_secure);
                asked.for_each(|connection| connection.tally = Tally::default());
                writeln!(text, "Connection stats reset.")
            }
            "srst" => {
                self.tally = Tally::default();
                writeln!(text, "Server stats reset.")
            }
            "conf" => self.write_config(&mut text),
            "dump" => self.write_dump(&mut text, clocks),
            "envi" => writeln!(text, "Environment:\nzookeeper.version={VERSION}\nhost.name={}", host::node_name()),
            "mntr" => self.write_metrics(&mut text, clocks),
            "wchs" => self.write_watch_counts(&mut text),
            "wchc" => self.write_watches_by_session(&mut text).and_then(|()| writeln!(text)),
            "wchp" => self.write_watches_by_path(&mut text).and_then(|()| writeln!(text)),
            _ => writeln!(text, "{word} is not known."),
        };
        text
    }

    fn write_version(&self, text: &mut String) -> std::fmt::Result {
        writeln!(text, "Zookeeper version: {VERSION}, built by cargo")?;
        if self.standing == Standing::ReadOnly {
            writeln!(text, "READ-ONLY mode; serving only read-only clients")?;
        }
        Ok(())
    }

    fn write_status(&self, text: &mut String, is_secure: bool) -> std::fmt::Result {
        self.write_version(text)?;
        writeln!(text, "Clients:")?;
        self.write_clients(text, is_secure, |_, _| Ok(()))?;
        writeln!(text)?;
        self.write_server_body(text)
    }

    fn write_server(&self, text: &mut String) -> std::fmt::Result {
        self.write_version(text)?;
        self.write_server_body(text)
    }

    fn write_server_body(&self, text: &mut String) -> std::fmt::Result {
        let latency = &self.tally.latency;
        let (least, average, most) = (latency.least.unwrap_or_default(), latency.average(), latency.most);
        writeln!(text, "Latency min/avg/max: {}/{average:?}/{}", least.as_millis(), most.as_millis())?;
        writeln!(text, "Received: {}", self.tally.received)?;
        writeln!(text, "Sent: {}", self.tally.sent)?;
        writeln!(text, "Connections: {}", self.connections.len())?;
        writeln!(text, "Outstanding: {}", self.outstanding())?;
        writeln!(text, "Zxid: {}", self.told_zxid())?;
        writeln!(text, "Mode: {}", self.standing.mode())?;
        writeln!(text, "Node count: {}", self.told_znodes())?;
        match (&self.reign, self.standing) {
            (Some(reign), Standing::Leading { .. }) => {
                let Sizes { last, least, most } = reign.proposed;
                writeln!(text, "Proposal sizes last/min/max: {last}/{least}/{most}")
            }
            _ => Ok(()),
        }
    }

    /// A leader counts from the beginning of its epoch on, also before the first transaction in it; a follower from what
    /// it has applied (`Leader.startZkServer`).
    fn told_zxid(&self) -> Zxid {
        match self.standing {
            Standing::Leading { epoch } => self.database.last_zxid.max(Zxid(i64::from(epoch) << 32)),
            _ => self.database.last_zxid,
        }
    }

    /// `DataTree` has the root under two names, and counts it twice.
    fn told_znodes(&self) -> usize {
        self.database.tree.len() + 1
    }

    fn write_clients(
        &self,
        text: &mut String,
        is_secure: bool,
        details: impl Fn(&Connection, &mut String) -> std::fmt::Result,
    ) -> std::fmt::Result {
        for connection in self.connections.values().filter(|connection| connection.is_secure == is_secure) {
            let Tally { received, sent, .. } = connection.tally;
            let (peer, queued) = (shown(connection.peer), connection.queue.len());
            write!(text, " /{peer}[1](queued={queued},recved={received},sent={sent}")?;
            details(connection, text)?;
            writeln!(text, ")")?;
        }
        Ok(())
    }

    fn write_config(&self, text: &mut String) -> std::fmt::Result {
        let config = &self.config;
        let data = config.data.as_ref().map(|path| path.display().to_string()).unwrap_or_default();
        match &config.secure {
            Some(secure) if secure.is_only => writeln!(text, "clientPort=-1")?,
            _ => writeln!(text, "clientPort={}", config.listen.port())?,
        }
        match &config.secure {
            Some(secure) => writeln!(text, "secureClientPort={}", secure.listen.port())?,
            None => writeln!(text, "secureClientPort=-1")?,
        }
        writeln!(text, "dataDir={data}")?;
        writeln!(text, "dataLogDir={data}")?;
        writeln!(text, "tickTime={}", config.tick.as_millis())?;
        writeln!(text, "maxClientCnxns={}", config.connections_per_address)?;
        writeln!(text, "minSessionTimeout={}", config.timeout_minimum().as_millis())?;
        writeln!(text, "maxSessionTimeout={}", config.timeout_maximum().as_millis())?;
        writeln!(text, "clientPortListenBacklog=-1")?;
        writeln!(text, "serverId={}", config.server_id)?;
        let Some(ensemble) = &config.ensemble else { return Ok(()) };
        writeln!(text, "initLimit={}", ensemble.init_limit)?;
        writeln!(text, "syncLimit={}", ensemble.sync_limit)?;
        if let Some(member) = ensemble.members.get(&config.server_id) {
            writeln!(text, "quorumPort={}", member.port)?;
            writeln!(text, "peerType={}", u8::from(member.observes))?;
        }
        writeln!(text, "membership: ")?;
        writeln!(text, "{}", membership(ensemble))
    }

    fn write_dump(&self, text: &mut String, clocks: Clocks) -> std::fmt::Result {
        writeln!(text, "SessionTracker dump:")?;
        let Some(reign) = &self.reign else {
            // The sessions' time is the leader's knowledge alone.
            writeln!(text, "Global Sessions({}):", self.database.sessions.len())?;
            for (session, timeout) in &self.database.sessions {
                writeln!(text, "{:#x}\t{timeout}ms", session.0)?;
            }
            self.write_ephemerals(text)?;
            return self.write_connections(text);
        };
        let sets = reign.sessions.by_deadline().count();
        writeln!(text, "Session Sets ({sets})/({}):", reign.sessions.len())?;
        for (deadline, sessions) in reign.sessions.by_deadline() {
            writeln!(text, "{} expire in {}ms:", sessions.len(), deadline.since(clocks.now).as_millis())?;
            for session in sessions {
                writeln!(text, "\t{:#x}", session.0)?;
            }
        }
        self.write_ephemerals(text)?;
        self.write_connections(text)
    }

    fn write_connections(&self, text: &mut String) -> std::fmt::Result {
        writeln!(text, "Connections dump:\nConnections Sets (1)/({}):", self.connections.len())?;
        for connection in self.connections.values() {
            let session = connection.session().unwrap_or_default();
            writeln!(text, "\tip: /{} sessionId: {:#x}", shown(connection.peer), session.0)?;
        }
        writeln!(text)
    }

    fn write_ephemerals(&self, text: &mut String) -> std::fmt::Result {
        writeln!(text, "ephemeral nodes dump:\nSessions with Ephemerals ({}):", self.database.tree.owners().count())?;
        for (session, paths) in self.database.tree.owners() {
            writeln!(text, "{:#x}:", session.0)?;
            for path in paths {
                writeln!(text, "\t{path}")?;
            }
        }
        Ok(())
    }

    fn write_metrics(&self, text: &mut String, clocks: Clocks) -> std::fmt::Result {
        let tree: &Tree = &self.database.tree;
        writeln!(text, "zk_version\t{VERSION}")?;
        writeln!(text, "zk_server_state\t{}", self.standing.mode())?;
        let latency = &self.tally.latency;
        writeln!(text, "zk_min_latency\t{}", latency.least.unwrap_or_default().as_millis())?;
        writeln!(text, "zk_avg_latency\t{:?}", latency.average())?;
        writeln!(text, "zk_max_latency\t{}", latency.most.as_millis())?;
        writeln!(text, "zk_uptime\t{}", clocks.now.since(self.began).as_millis())?;
        writeln!(text, "zk_packets_received\t{}", self.tally.received)?;
        writeln!(text, "zk_packets_sent\t{}", self.tally.sent)?;
        writeln!(text, "zk_num_alive_connections\t{}", self.connections.len())?;
        writeln!(text, "zk_outstanding_requests\t{}", self.outstanding())?;
        writeln!(text, "zk_znode_count\t{}", self.told_znodes())?;
        writeln!(text, "zk_watch_count\t{}", self.watches.len())?;
        writeln!(text, "zk_approximate_data_size\t{}", approximate_size(tree))?;
        writeln!(text, "zk_ephemerals_count\t{}", tree.ephemeral_count())?;
        writeln!(text, "zk_global_sessions\t{}", self.database.sessions.len())?;
        writeln!(text, "zk_local_sessions\t0")?;
        writeln!(text, "zk_connection_drop_probability\t0.0")?;
        let Some(ensemble) = &self.config.ensemble else { return Ok(()) };
        if let Some(activity) = self.standing.activity() {
            // Who is told of has been synchronised: the phases before are not served in.
            writeln!(text, "zk_peer_state\t{activity} - broadcast")?;
        }
        if let Some(epoch) = self.standing.epoch() {
            writeln!(text, "zk_current_epoch\t{epoch}")?;
        }
        let voters = ensemble.members.values().filter(|member| !member.observes).count();
        writeln!(text, "zk_quorum_size\t{voters}")?;
        let (Some(reign), Standing::Leading { .. }) = (&self.reign, self.standing) else { return Ok(()) };
        let observes = |server: &&u8| ensemble.members.get(server).is_some_and(|member| member.observes);
        let observers = self.learners.iter().filter(observes).count();
        let Sizes { last, least, most } = reign.proposed;
        writeln!(text, "zk_learners\t{}", self.learners.len())?;
        writeln!(text, "zk_synced_followers\t{}", self.learners.len() - observers)?;
        writeln!(text, "zk_synced_non_voting_followers\t0")?;
        writeln!(text, "zk_synced_observers\t{observers}")?;
        writeln!(text, "zk_pending_syncs\t{}", reign.syncs.len())?;
        writeln!(text, "zk_last_proposal_size\t{last}")?;
        writeln!(text, "zk_min_proposal_size\t{least}")?;
        writeln!(text, "zk_max_proposal_size\t{most}")
    }

    fn write_watch_counts(&self, text: &mut String) -> std::fmt::Result {
        let paths = self.watches.by_path();
        let (watchers, watches) = (self.watches.by_watcher().len(), paths.iter().map(|(_, watchers)| watchers.len()));
        let total: usize = watches.sum();
        writeln!(text, "{watchers} connections watching {} paths\nTotal watches:{total}", paths.len())
    }

    fn write_watches_by_session(&self, text: &mut String) -> std::fmt::Result {
        for (watcher, paths) in self.watches.by_watcher() {
            writeln!(text, "{:#x}", self.session_of(watcher).0)?;
            for path in paths {
                writeln!(text, "\t{path}")?;
            }
        }
        Ok(())
    }

    fn write_watches_by_path(&self, text: &mut String) -> std::fmt::Result {
        for (path, watchers) in self.watches.by_path() {
            writeln!(text, "{path}")?;
            for watcher in watchers {
                writeln!(text, "\t{:#x}", self.session_of(watcher).0)?;
            }
        }
        Ok(())
    }

    fn session_of(&self, connection: ConnectionId) -> SessionId {
        self.connections.get(&connection).and_then(Connection::session).unwrap_or_default()
    }
}

/// What `cons` tells beside the counts (`ServerCnxn.dumpConnectionInfo`).
fn write_details(connection: &Connection, text: &mut String) -> std::fmt::Result {
    let Phase::Open { session, timeout } = &connection.phase else { return Ok(()) };
    let (last, latency) = (&connection.last, &connection.tally.latency);
    let (opened, timeout) = (connection.opened.as_millis(), timeout.as_millis());
    write!(text, ",sid={:#x},lop={},est={opened},to={timeout}", session.0, last.operation())?;
    if last.is_counted() {
        write!(text, ",lcxid={:#x}", last.xid)?;
    }
    let (answered, least) = (last.answered.reading().as_millis(), latency.least.unwrap_or_default().as_millis());
    let (llat, average, most) = (latency.last.as_millis(), latency.average().trunc(), latency.most.as_millis());
    write!(text, ",lzxid={},lresp={answered},llat={llat},minlat={least},avglat={average},maxlat={most}", last.zxid)
}

/// An address as Java shows it.
fn shown(peer: SocketAddr) -> String {
    let address = access::of_address(peer.ip()).id;
    if peer.is_ipv6() { format!("[{address}]:{}", peer.port()) } else { format!("{address}:{}", peer.port()) }
}

/// The bytes in paths and data (`DataTree.approximateDataSize`).
fn approximate_size(tree: &Tree) -> usize {
    let mut size = 0;
    tree.walk(path::ROOT, &mut |path, node| size += path.len() + node.data_length());
    size
}

/// The members of an ensemble as `/zookeeper/config` and `conf` tell them (`QuorumMaj.toString`), with the one port of
/// each where ZooKeeper has two.
pub(super) fn membership(ensemble: &Ensemble) -> String {
    let mut text = String::new();
    for (id, member) in &ensemble.members {
        let kind = if member.observes { "observer" } else { "participant" };
        // Writing to a string cannot fail.
        let _ = writeln!(text, "server.{id}={0}:{1}:{1}:{kind}", member.host, member.port);
    }
    text + "version=0"
}
