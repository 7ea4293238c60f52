//! Four-letter words: a connection that starts with one gets a text instead of a session (`ServerCnxn.java`).
//!
//! Refused: `crst`, `srst`, `gtmk`, `stmk`, `hash`, which act on counters and traces that there are none of here, and
//! `dirs`: the sizes of files are the disk's business, which the replica does not see. The latency reported is that of
//! commits; what is not made safe takes none.

use std::fmt::Write;

use super::{Clocks, Counters, Replica};
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
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = match word {
            "ruok" => write!(text, "imok"),
            "isro" => write!(text, "rw"),
            "srvr" => self.write_server(&mut text),
            "stat" => self.write_version(&mut text).and_then(|()| self.write_clients(&mut text)).and_then(|()| {
                text.push('\n');
                self.write_server_body(&mut text)
            }),
            "cons" => self.write_clients(&mut text),
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
        writeln!(text, "Zookeeper version: {VERSION}, built by cargo")
    }

    fn write_server(&self, text: &mut String) -> std::fmt::Result {
        self.write_version(text)?;
        self.write_server_body(text)
    }

    fn write_server_body(&self, text: &mut String) -> std::fmt::Result {
        let Counters { received, latency_total, latency_maximum, .. } = self.counters;
        let average = latency_total.as_secs_f64() * 1000.0 / received.max(1) as f64;
        writeln!(text, "Latency min/avg/max: 0/{average:.4}/{}", latency_maximum.as_millis())?;
        writeln!(text, "Received: {}", self.counters.received)?;
        writeln!(text, "Sent: {}", self.counters.sent)?;
        writeln!(text, "Connections: {}", self.connections.len())?;
        writeln!(text, "Outstanding: {}", self.outstanding())?;
        writeln!(text, "Zxid: {}", self.database.last_zxid)?;
        writeln!(text, "Mode: standalone")?;
        writeln!(text, "Node count: {}", self.database.tree.len())
    }

    fn write_clients(&self, text: &mut String) -> std::fmt::Result {
        writeln!(text, "Clients:")?;
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
        writeln!(text, "serverId={}", config.server_id)
    }

    fn write_dump(&self, text: &mut String, clocks: Clocks) -> std::fmt::Result {
        writeln!(text, "SessionTracker dump:\nSession Sets ({}):", self.sessions.len())?;
        for (deadline, sessions) in self.sessions.by_deadline() {
            writeln!(text, "{} expire in {}ms:", sessions.len(), deadline.since(clocks.now).as_millis())?;
            for session in sessions {
                writeln!(text, "\t{:#x}", session.0)?;
            }
        }
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
        writeln!(text, "zk_server_state\tstandalone")?;
        writeln!(text, "zk_packets_received\t{}", self.counters.received)?;
        writeln!(text, "zk_packets_sent\t{}", self.counters.sent)?;
        writeln!(text, "zk_num_alive_connections\t{}", self.connections.len())?;
        writeln!(text, "zk_outstanding_requests\t{}", self.outstanding())?;
        writeln!(text, "zk_znode_count\t{}", tree.len())?;
        writeln!(text, "zk_watch_count\t{}", self.watches.counts().2)?;
        writeln!(text, "zk_ephemerals_count\t{}", tree.ephemeral_count())?;
        writeln!(text, "zk_global_sessions\t{}", self.sessions.len())
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
