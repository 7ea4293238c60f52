//! `zoo.cfg`: the settings of a server as ZooKeeper's users know them (`QuorumPeerConfig`).
//!
//! Pure: from a text to settings with remarks, or to the one mistake that stops it. A key without effect here, and one
//! that nobody knows, is remarked on; one that somebody relies on for safety is refused, and so is every wrong value.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use interregnum::nearest;
use server::{Config, Ensemble};

use super::keys::{self, Key, Meaning};
use super::output;
use super::properties::{self, Property};
use super::server_line::{self, ClientAddress, ServerLine};
use super::tls::{TlsLines, TlsPort};
use super::value::{self, Mistake, shown, wrong};

/// What ZooKeeper does without `tickTime` (`ZooKeeperServer.DEFAULT_TICK_TIME`).
const TICK: Duration = Duration::from_secs(3);

/// Fewer snapshots are never kept (`QuorumPeerConfig.MIN_SNAP_RETAIN_COUNT`).
const SNAPSHOTS_KEPT_AT_LEAST: usize = 3;

/// What a file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Settings {
    /// What is the same whichever server it is: all but the id and the address to listen on.
    pub(super) config: Config,
    /// `clientPortAddress` and `clientPort`, with their lines.
    pub(super) client_host: Option<(usize, String)>,
    pub(super) client_port: Option<(usize, u16)>,
    /// What the `server.N` lines say of clients, with their lines.
    pub(super) clients: BTreeMap<u8, (usize, Option<ClientAddress>)>,
    /// Whether `peerType` says that it observes, with its line.
    pub(super) observes: Option<(usize, bool)>,
    /// The port for TLS, if there is to be one.
    pub(super) tls: Option<TlsPort>,
    /// What the user should know, with the line it is about.
    pub(super) remarks: Vec<(usize, String)>,
}

/// Reads a file's text.
pub(super) fn read(text: &str) -> Result<Settings, Mistake> {
    // Whatever is repeated of the file, it is told in one line.
    settings(text).map_err(|Mistake { line, why }| Mistake { line, why: shown(&why) })
}

fn settings(text: &str) -> Result<Settings, Mistake> {
    let malformed = |properties::Malformed { line, why }| Mistake { line: Some(line), why };
    let mut reading = Reading::new();
    for property in properties::read(text).map_err(malformed)? {
        reading.take(&property)?;
    }
    reading.finish()
}

/// A file half read.
struct Reading {
    settings: Settings,
    /// What the members of the ensemble share, but for the members.
    shared: Ensemble,
    has_init_limit: bool,
    has_sync_limit: bool,
    stands_alone_alone: bool,
    tls: TlsLines,
    /// The keys that came, with their lines.
    seen: BTreeMap<String, usize>,
    servers: BTreeMap<u8, (usize, ServerLine)>,
}

impl Reading {
    fn new() -> Reading {
        let config = Config { tick: TICK, ..Config::default() };
        let settings = Settings {
            config,
            client_host: None,
            client_port: None,
            clients: BTreeMap::new(),
            observes: None,
            tls: None,
            remarks: Vec::new(),
        };
        Reading {
            settings,
            shared: Ensemble::new(BTreeMap::new()),
            has_init_limit: false,
            has_sync_limit: false,
            stands_alone_alone: true,
            tls: TlsLines::default(),
            seen: BTreeMap::new(),
            servers: BTreeMap::new(),
        }
    }

    fn remark(&mut self, line: usize, text: String) {
        self.settings.remarks.push((line, shown(&text)));
    }

    fn take(&mut self, property: &Property) -> Result<(), Mistake> {
        let Property { line, key, value } = property;
        let plain = keys::plain(key);
        if let Some(before) = self.seen.insert(plain.to_owned(), *line) {
            self.remark(*line, format!("{plain} is set again: this counts, and line {before} does not"));
        }
        match keys::meaning(key) {
            Some(Meaning::Setting(setting)) => self.set(setting, property),
            Some(Meaning::Server) => {
                let server = server_line::read(property, plain.strip_prefix("server.").unwrap_or_default())?;
                self.servers.insert(server.id, (*line, server));
                Ok(())
            }
            Some(Meaning::WithoutEffect(unless)) => {
                if !is_one_of(value, unless) {
                    self.remark(*line, format!("{plain} has no effect here"));
                }
                Ok(())
            }
            Some(Meaning::Refused { unless, .. }) if is_one_of(value, unless) => Ok(()),
            Some(Meaning::Refused { why, .. }) => {
                Err(Mistake { line: Some(*line), why: format!("{plain} cannot be had: {why}") })
            }
            None => {
                let meant = nearest(plain, keys::names());
                let meant = meant.map_or_else(String::new, |meant| format!("; did you mean `{meant}`?"));
                self.remark(*line, format!("nobody knows the key `{}`, which has no effect{meant}", shown(key)));
                Ok(())
            }
        }
    }

    fn set(&mut self, key: Key, property: &Property) -> Result<(), Mistake> {
        let config = &mut self.settings.config;
        let line = property.line;
        match key {
            Key::TickTime => config.tick = value::milliseconds(property)?,
            Key::InitLimit => {
                self.shared.init_limit = value::whole(property, "ticks", 1..=1_000_000)?;
                self.has_init_limit = true;
            }
            Key::SyncLimit => {
                self.shared.sync_limit = value::whole(property, "ticks", 1..=1_000_000)?;
                self.has_sync_limit = true;
            }
            Key::DataDirectory => config.data = Some(PathBuf::from(value::text(property, "the directory")?)),
            Key::DataLogDirectory => {
                value::text(property, "the directory")?;
                let text = "dataLogDir has no effect here: the log is kept in dataDir, beside the snapshots";
                self.remark(line, text.to_owned());
            }
            Key::ClientPort => self.settings.client_port = Some((line, value::port(property)?)),
            Key::ClientPortAddress => {
                let host = server_line::host_name(value::text(property, "the address")?);
                let host = host.ok_or_else(|| wrong(property, "is no host"))?;
                self.settings.client_host = Some((line, host));
            }
            Key::PeerType => {
                let observes = match property.value.to_ascii_lowercase().as_str() {
                    "participant" => false,
                    "observer" => true,
                    _ => return Err(wrong(property, "is neither `participant` nor `observer`")),
                };
                self.settings.observes = Some((line, observes));
            }
            Key::MaximumClientConnections => {
                config.connections_per_address = value::count(property, "connections")?;
            }
            Key::MaximumConnections => config.connections_total = value::count(property, "connections")?,
            Key::MinimumSessionTimeout => {
                config.session_timeout_minimum = value::milliseconds_or_default(property)?;
            }
            Key::MaximumSessionTimeout => {
                config.session_timeout_maximum = value::milliseconds_or_default(property)?;
            }
            Key::SnapshotRetainCount => {
                let kept = value::count(property, "snapshots")?;
                config.snapshots_kept = kept.max(SNAPSHOTS_KEPT_AT_LEAST);
                if kept < SNAPSHOTS_KEPT_AT_LEAST {
                    self.remark(line, format!("{}: {SNAPSHOTS_KEPT_AT_LEAST} are kept at least", property.key));
                }
            }
            Key::PurgeInterval => {
                let hours = value::count(property, "hours")?;
                if hours == 0 {
                    let text = "old snapshots and logs are purged here whenever a new snapshot is taken";
                    self.remark(line, format!("{}: {text}", property.key));
                }
            }
            Key::SnapshotCount => {
                config.snapshot_interval = value::whole(property, "transactions", 2..=i64::MAX)?.unsigned_abs();
            }
            Key::LongestFrame => config.frame_limit = value::bytes(property)?,
            Key::CommitLogCount => self.shared.commit_log_count = value::count(property, "transactions")?,
            Key::OutstandingLimit => {
                config.outstanding_limit = value::whole(property, "requests", 1..=i32::MAX)?.unsigned_abs() as usize;
            }
            Key::Words => {
                let words = property.value.split(',').map(str::trim).filter(|word| !word.is_empty());
                config.words = words.map(str::to_owned).collect();
            }
            Key::ExtendedTypes => config.extended_types = value::boolean(property)?,
            Key::EnforceQuota => config.enforce_quota = value::boolean(property)?,
            Key::ContainerCheckInterval => config.container_check_interval = value::milliseconds(property)?,
            Key::ContainersPerMinute => {
                config.containers_per_minute = value::whole(property, "znodes", 1..=i32::MAX)?.unsigned_abs();
            }
            Key::ContainerUnusedInterval => {
                // 0 stands for never.
                let is_never = property.value == "0";
                config.container_unused_interval = if is_never { None } else { Some(value::milliseconds(property)?) };
            }
            Key::HandshakeTimeout => config.handshake_timeout = value::milliseconds(property)?,
            Key::Digests => config.access.digests = value::boolean(property)?,
            Key::SkipLists => {
                config.access.skips_lists = value::yes_or_no(property)?;
                if config.access.skips_lists {
                    self.remark(line, "skipACL: everybody may do everything".to_owned());
                }
            }
            Key::SuperDigest => {
                let is_digest = |text: &&str| {
                    text.split_once(':').is_some_and(|(user, digest)| !user.is_empty() && !digest.is_empty())
                };
                // What was given may be a password: it is not repeated.
                let why = || format!("{}: `user:digest` belongs here", property.key);
                let digest = Some(property.value.as_str()).filter(is_digest);
                let digest = digest.ok_or_else(|| Mistake { line: Some(line), why: why() })?;
                config.access.super_digest = Some(digest.to_owned());
            }
            Key::ReadOnlyMode => self.shared.read_only_mode = value::boolean(property)?,
            Key::AutoCreate => self.shared.trust_empty_directory = value::boolean(property)?,
            Key::StandaloneEnabled => self.stands_alone_alone = value::boolean(property)?,
            Key::SuperSubject => {
                config.access.super_subject = Some(value::text(property, "the subject")?.to_owned());
            }
            Key::Output(key) => output::set(&mut config.output, key, property)?,
            Key::Tls(key) => self.tls.set(key, property)?,
            Key::StrictSync => self.shared.strict_sync = value::boolean(property)?,
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Settings, Mistake> {
        let missing = |why: &str| Mistake { line: None, why: why.to_owned() };
        let config = &self.settings.config;
        if config.data.is_none() {
            return Err(missing("dataDir is missing: the directory to keep the data in"));
        }
        if config.timeout_minimum() > config.timeout_maximum() {
            let [minimum, maximum] = [config.timeout_minimum(), config.timeout_maximum()].map(|time| time.as_millis());
            let line = self.last_of(["minSessionTimeout", "maxSessionTimeout"]);
            let why = format!("the shortest session timeout, {minimum} ms, is longer than the longest, {maximum} ms");
            return Err(Mistake { line, why });
        }
        if let Some((keys, why)) = output::contradiction(&config.output) {
            return Err(Mistake { line: self.last_of(keys), why });
        }
        match std::mem::take(&mut self.tls).finish()? {
            Ok(port) => {
                // ZooKeeper, too, knows the scheme as soon as there is a port for TLS (`QuorumPeerConfig.configureSSLAuth`).
                self.settings.config.access.certificates = true;
                self.settings.tls = Some(port);
            }
            Err(Some(line)) => self.remark(line, "without secureClientPort nothing is encrypted".to_owned()),
            Err(None) => {}
        }
        self.gather_servers()?;
        Ok(self.settings)
    }

    /// The line of whichever of two keys came last: of one that did not come, the default counts.
    fn last_of(&self, keys: [&str; 2]) -> Option<usize> {
        keys.into_iter().filter_map(|key| self.seen.get(key)).max().copied()
    }

    /// Makes an ensemble of the `server.N` lines, if they are one.
    fn gather_servers(&mut self) -> Result<(), Mistake> {
        let Some((last, _)) = self.servers.values().max_by_key(|(line, _)| line) else { return Ok(()) };
        let last = *last;
        let voters = self.servers.values().filter(|(_, server)| !server.member.observes).count();
        let at_last = |why: &str| Mistake { line: Some(last), why: why.to_owned() };
        if voters == 0 {
            return Err(at_last("no server votes: observers need participants to learn from"));
        }
        let mut addresses = BTreeMap::new();
        for (line, server) in self.servers.values() {
            let address = (server.member.host.clone(), server.member.port);
            if let Some(other) = addresses.insert(address, server.id) {
                let why = format!("server.{} is to listen where server.{other} does", server.id);
                return Err(Mistake { line: Some(*line), why });
            }
        }
        let clients = self.servers.values().map(|(line, server)| (server.id, (*line, server.client.clone())));
        self.settings.clients = clients.collect();
        if voters == 1 && self.stands_alone_alone {
            if self.servers.len() > 1 {
                return Err(at_last(
                    "one server that votes stands alone, and has no observers (standaloneEnabled=false changes that)",
                ));
            }
            return Ok(());
        }
        if voters == 2 {
            self.remark(last, "with two servers that vote, none may fail: three are needed for that".to_owned());
        } else if voters.is_multiple_of(2) {
            let text = format!("{voters} servers that vote bear no more failures than {}", voters - 1);
            self.remark(last, text);
        }
        for (key, is_there, default) in [
            ("initLimit", self.has_init_limit, self.shared.init_limit),
            ("syncLimit", self.has_sync_limit, self.shared.sync_limit),
        ] {
            if !is_there {
                self.remark(last, format!("{key} is missing, which ZooKeeper refuses: {default} ticks are taken"));
            }
        }
        let members = self.servers.values().map(|(_, server)| (server.id, server.member.clone())).collect();
        // It is the first version, and there is no other: it cannot be changed while the servers run.
        let lines = self.servers.values().map(|(_, server)| server.description.as_str());
        let description = lines.chain(["version=0"]).collect::<Vec<_>>().join("\n");
        self.settings.config.ensemble =
            Some(Ensemble { members, description: Some(description), ..self.shared.clone() });
        Ok(())
    }
}

fn is_one_of(value: &str, values: &[&str]) -> bool {
    values.iter().any(|other| other.eq_ignore_ascii_case(value))
}
