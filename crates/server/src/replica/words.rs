//! Four-letter words: a connection that starts with one gets a text instead of a session (`ServerCnxn.java`).
//!
//! Refused: `crst`, `srst`, `gtmk`, `stmk`, `hash`, which act on counters and traces that there are none of here, and
//! `dirs`: the sizes of files are the disk's business, which the replica does not see. The latency reported is that of
//! commits; what is not made safe takes none.

use std::fmt::Write;

use proto::Zxid;

use super::reign::Sizes;
use super::{Clocks, Counters, Replica, Standing};
use crate::tree::Tree;

/// The version that clients are told: kazoo reads it to know what the server can do.
const VERSION: &str = concat!("3.8.0-interregnum-", env!("CARGO_PKG_VERSION"));

/// Every word there is an answer to.
pub(crate) const WORDS: [&str; 12] =
    ["conf", "cons", "dump", "envi", "isro", "mntr", "ruok", "srvr", "stat", "wchc", "wchp", "wchs"];

impl Replica {
    /// The answer to a word of [`WORDS`], if the settings allow it, or the words of refusal.
    pub(crate) fn answer_word(&self, word: &str, clocks: Clocks) -> String {
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
            "stat" => self.write_status(&mut text),
            "cons" => self.write_clients(&mut text).and_then(|()| writeln!(text)),
            "conf" => self.write_config(&mut text),
            "dump" => self.write_dump(&mut text, clocks),
            "envi" => writeln!(text, "Environment:\nzookeeper.version={VERSION}\nhost.name={}", host::node_name()),
            "mntr" => self.write_metrics(&mut text),
            "wchs" => self.write_watch_counts(&mut text),
            "wchc" => self.write_watches_by_session(&mut text),
            "wchp" => self.write_watches_by_path(&mut text),
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

    fn write_status(&self, text: &mut String) -> std::fmt::Result {
        self.write_version(text)?;
        writeln!(text, "Clients:")?;
        self.write_clients(text)?;
        writeln!(text)?;
        self.write_server_body(text)
    }

    fn write_server(&self, text: &mut String) -> std::fmt::Result {
        self.write_version(text)?;
        self.write_server_body(text)
    }

    fn write_server_body(&self, text: &mut String) -> std::fmt::Result {
        let Counters { received, latency_total, latency_maximum, .. } = self.counters;
        let average = latency_total.as_secs_f64() * 1000.0 / received.max(1) as f64;
        let average = (average * 10_000.0).round() / 10_000.0;
        writeln!(text, "Latency min/avg/max: 0/{average:?}/{}", latency_maximum.as_millis())?;
        writeln!(text, "Received: {}", self.counters.received)?;
        writeln!(text, "Sent: {}", self.counters.sent)?;
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

    fn write_clients(&self, text: &mut String) -> std::fmt::Result {
        for connection in self.connections.values() {
            write!(
                text,
                " /{}[1](queued={},recved={},sent={}",
                connection.peer,
                connection.queue.len(),
                connection.received,
                connection.sent
            )?;
            if let Some(session) = connection.session() {
                write!(text, ",sid={:#x}", session.0)?;
            }
            writeln!(text, ")")?;
        }
        Ok(())
    }

    fn write_config(&self, text: &mut String) -> std::fmt::Result {
        let config = &self.config;
        let data = config.data.as_ref().map(|path| path.display().to_string()).unwrap_or_default();
        writeln!(text, "clientPort={}", config.listen.port())?;
        writeln!(text, "dataDir={data}")?;
        writeln!(text, "dataLogDir={data}")?;
        writeln!(text, "tickTime={}", config.tick.as_millis())?;
        writeln!(text, "maxClientCnxns={}", config.connections_per_address)?;
        writeln!(text, "minSessionTimeout={}", config.timeout_minimum().as_millis())?;
        writeln!(text, "maxSessionTimeout={}", config.timeout_maximum().as_millis())?;
        writeln!(text, "serverId={}", config.server_id)?;
        let Some(ensemble) = &config.ensemble else { return Ok(()) };
        writeln!(text, "initLimit={}", ensemble.init_limit)?;
        writeln!(text, "syncLimit={}", ensemble.sync_limit)?;
        if let Some(member) = ensemble.members.get(&config.server_id) {
            writeln!(text, "quorumPort={}", member.port)?;
            writeln!(text, "peerType={}", u8::from(member.observes))?;
        }
        writeln!(text, "membership: ")?;
        for (id, member) in &ensemble.members {
            let kind = if member.observes { "observer" } else { "participant" };
            writeln!(text, "server.{id}={}:{}:{kind}", member.host, member.port)?;
        }
        Ok(())
    }

    fn write_dump(&self, text: &mut String, clocks: Clocks) -> std::fmt::Result {
        let Some(reign) = &self.reign else {
            // The sessions' time is the leader's knowledge alone.
            writeln!(text, "Global Sessions({}):", self.database.sessions.len())?;
            for (session, timeout) in &self.database.sessions {
                writeln!(text, "{:#x}\t{timeout}ms", session.0)?;
            }
            return self.write_ephemerals(text);
        };
        writeln!(text, "SessionTracker dump:\nSession Sets ({}):", reign.sessions.len())?;
        for (deadline, sessions) in reign.sessions.by_deadline() {
            writeln!(text, "{} expire in {}ms:", sessions.len(), deadline.since(clocks.now).as_millis())?;
            for session in sessions {
                writeln!(text, "\t{:#x}", session.0)?;
            }
        }
        self.write_ephemerals(text)
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

    fn write_metrics(&self, text: &mut String) -> std::fmt::Result {
        let tree: &Tree = &self.database.tree;
        writeln!(text, "zk_version\t{VERSION}")?;
        writeln!(text, "zk_server_state\t{}", self.standing.mode())?;
        writeln!(text, "zk_packets_received\t{}", self.counters.received)?;
        writeln!(text, "zk_packets_sent\t{}", self.counters.sent)?;
        writeln!(text, "zk_num_alive_connections\t{}", self.connections.len())?;
        writeln!(text, "zk_outstanding_requests\t{}", self.outstanding())?;
        writeln!(text, "zk_znode_count\t{}", self.told_znodes())?;
        writeln!(text, "zk_watch_count\t{}", self.watches.counts().2)?;
        writeln!(text, "zk_ephemerals_count\t{}", tree.ephemeral_count())?;
        writeln!(text, "zk_global_sessions\t{}", self.database.sessions.len())?;
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
        let (watchers, paths, watches) = self.watches.counts();
        writeln!(text, "{watchers} connections watching {paths} paths\nTotal watches:{watches}")
    }

    fn write_watches_by_session(&self, text: &mut String) -> std::fmt::Result {
        for (watcher, paths) in self.watches.by_watcher() {
            let session = self.connections.get(&watcher).and_then(|connection| connection.session());
            writeln!(text, "{:#x}", session.unwrap_or_default().0)?;
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
                let session = self.connections.get(&watcher).and_then(|connection| connection.session());
                writeln!(text, "\t{:#x}", session.unwrap_or_default().0)?;
            }
        }
        Ok(())
    }
}
