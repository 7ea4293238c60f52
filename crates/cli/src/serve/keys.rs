//! The keys of `zoo.cfg`: those that are settings here, and those that are known to ZooKeeper only.
//!
//! ZooKeeper turns a key that it does not know itself into the system property `zookeeper.<key>`, so both spellings are
//! one key here (`QuorumPeerConfig.parseProperties`).

use super::output::OutputKey;
use super::tls::TlsKey;

/// A setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    TickTime,
    InitLimit,
    SyncLimit,
    DataDirectory,
    DataLogDirectory,
    ClientPort,
    ClientPortAddress,
    PeerType,
    MaximumClientConnections,
    MaximumConnections,
    MinimumSessionTimeout,
    MaximumSessionTimeout,
    SnapshotRetainCount,
    PurgeInterval,
    SnapshotCount,
    LongestFrame,
    CommitLogCount,
    OutstandingLimit,
    Words,
    ExtendedTypes,
    EnforceQuota,
    ContainerCheckInterval,
    ContainersPerMinute,
    ContainerUnusedInterval,
    HandshakeTimeout,
    Digests,
    SuperDigest,
    SkipLists,
    ReadOnlyMode,
    AutoCreate,
    StandaloneEnabled,
    StrictSync,
    SuperSubject,
    Output(OutputKey),
    Tls(TlsKey),
}

/// What a key means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// A setting.
    Setting(Key),
    /// `server.N`, with what stands for N.
    Server,
    /// Known to ZooKeeper; has no effect here, and none is needed if the value is one of these.
    WithoutEffect(&'static [&'static str]),
    /// Known to ZooKeeper. Whoever sets it relies on it, unless the value is one of these.
    Refused { unless: &'static [&'static str], why: &'static str },
}

/// How the nearest key is told when it is one of `server.1`, `server.2`, …
const SERVER: &str = "server.N";

const SETTINGS: [(&str, Key); 46] = [
    ("tickTime", Key::TickTime),
    ("initLimit", Key::InitLimit),
    ("syncLimit", Key::SyncLimit),
    ("dataDir", Key::DataDirectory),
    ("dataLogDir", Key::DataLogDirectory),
    ("clientPort", Key::ClientPort),
    ("clientPortAddress", Key::ClientPortAddress),
    ("peerType", Key::PeerType),
    ("maxClientCnxns", Key::MaximumClientConnections),
    ("maxCnxns", Key::MaximumConnections),
    ("minSessionTimeout", Key::MinimumSessionTimeout),
    ("maxSessionTimeout", Key::MaximumSessionTimeout),
    ("autopurge.snapRetainCount", Key::SnapshotRetainCount),
    ("autopurge.purgeInterval", Key::PurgeInterval),
    ("snapCount", Key::SnapshotCount),
    ("jute.maxbuffer", Key::LongestFrame),
    ("commitLogCount", Key::CommitLogCount),
    ("globalOutstandingLimit", Key::OutstandingLimit),
    ("4lw.commands.whitelist", Key::Words),
    ("extendedTypesEnabled", Key::ExtendedTypes),
    ("enforceQuota", Key::EnforceQuota),
    ("znode.container.checkIntervalMs", Key::ContainerCheckInterval),
    ("znode.container.maxPerMinute", Key::ContainersPerMinute),
    ("znode.container.maxNeverUsedIntervalMs", Key::ContainerUnusedInterval),
    ("nio.sessionlessCnxnTimeout", Key::HandshakeTimeout),
    ("DigestAuthenticationProvider.enabled", Key::Digests),
    ("DigestAuthenticationProvider.superDigest", Key::SuperDigest),
    ("skipACL", Key::SkipLists),
    ("readonlymode.enabled", Key::ReadOnlyMode),
    ("db.autocreate", Key::AutoCreate),
    ("standaloneEnabled", Key::StandaloneEnabled),
    ("interregnum.strictSync", Key::StrictSync),
    ("interregnum.outputPause", Key::Output(OutputKey::Pause)),
    ("interregnum.outputLimit", Key::Output(OutputKey::Limit)),
    ("interregnum.outputPauseInAll", Key::Output(OutputKey::PauseInAll)),
    ("interregnum.outputLimitInAll", Key::Output(OutputKey::LimitInAll)),
    ("X509AuthenticationProvider.superUser", Key::SuperSubject),
    ("secureClientPort", Key::Tls(TlsKey::Port)),
    ("secureClientPortAddress", Key::Tls(TlsKey::Address)),
    ("ssl.keyStore.location", Key::Tls(TlsKey::KeyStore)),
    ("ssl.keyStore.type", Key::Tls(TlsKey::KeyStoreType)),
    ("ssl.keyStore.password", Key::Tls(TlsKey::KeyPassword)),
    ("ssl.keyStore.passwordPath", Key::Tls(TlsKey::KeyPasswordFile)),
    ("ssl.trustStore.location", Key::Tls(TlsKey::TrustStore)),
    ("ssl.trustStore.type", Key::Tls(TlsKey::TrustStoreType)),
    ("ssl.clientAuth", Key::Tls(TlsKey::ClientAuth)),
];

const NO: &[&str] = &["false", "no"];

const PLAIN_ONLY: &str = "connections between servers are not encrypted here";
const NO_REVOCATION: &str = "whether a certificate is revoked is not looked at here";
const NO_SASL: &str = "there is no SASL here";
const ONE_SERVER_ONE_VOTE: &str = "every server that votes has one vote here";

/// What a user would wrongly believe to be guarded, or to be a quorum.
const REFUSED: [(&str, &[&str], &str); 12] = [
    ("ssl.crl", NO, NO_REVOCATION),
    ("ssl.ocsp", NO, NO_REVOCATION),
    ("ssl.authProvider", &["x509"], "the subject of a certificate is the only name that is taken from it here"),
    ("sslQuorum", NO, PLAIN_ONLY),
    ("client.secure", NO, PLAIN_ONLY),
    ("quorum.auth.enableSasl", NO, NO_SASL),
    ("quorum.auth.serverRequireSasl", NO, NO_SASL),
    ("quorum.auth.learnerRequireSasl", NO, NO_SASL),
    ("sessionRequireClientSASLAuth", NO, NO_SASL),
    ("enforce.auth.enabled", NO, "only ACLs are enforced here"),
    ("dynamicConfigFile", &[], "the `server.N` lines belong into this file: ensembles are not reconfigured here"),
    ("oracle.path", &[], "only a majority is a quorum here"),
];

const REFUSED_PREFIXES: [(&str, &str); 3] =
    [("group.", ONE_SERVER_ONE_VOTE), ("weight.", ONE_SERVER_ONE_VOTE), ("ssl.quorum.", PLAIN_ONLY)];

/// Known to ZooKeeper 3.8, with the values that say what is done here anyway.
const WITHOUT_EFFECT: [(&str, &[&str]); 46] = [
    ("allowSaslFailedClients", &[]),
    ("audit.enable", NO),
    ("authProvider.x509", &["org.apache.zookeeper.server.auth.X509AuthenticationProvider"]),
    ("client.portUnification", NO),
    ("clientPortListenBacklog", &[]),
    ("closeSessionTxn.enabled", &["true"]),
    ("cnxTimeout", &[]),
    ("connectToLearnerMasterLimit", &[]),
    ("digest.enabled", &[]),
    ("DigestAuthenticationProvider.digestAlg", &["SHA1"]),
    ("electionAlg", &["3"]),
    ("electionPortBindRetry", &[]),
    ("emulate353TTLNodes", NO),
    ("enforce.auth.schemes", &[]),
    ("flushDelay", &["0"]),
    ("forceSync", &["yes", "true"]),
    ("fsync.warningthresholdms", &[]),
    ("initialConfig", &[]),
    ("intBufferStartingSizeBytes", &[]),
    ("largeRequestMaxBytes", &[]),
    ("largeRequestThreshold", &[]),
    ("leaderServes", &["yes"]),
    ("localSessionsEnabled", NO),
    ("localSessionsUpgradingEnabled", NO),
    ("maxBatchSize", &[]),
    ("maxGetChildrenResponseCacheSize", &[]),
    ("maxResponseCacheSize", &[]),
    ("maxWriteQueuePollTime", &[]),
    ("observerMasterPort", &[]),
    ("portUnification", NO),
    ("preAllocSize", &[]),
    ("quorumListenOnAllIPs", NO),
    ("reconfigEnabled", NO),
    ("requestStaleConnectionCheck", &[]),
    ("requestStaleLatencyCheck", &[]),
    ("requestThrottleLimit", &[]),
    ("requestThrottleStallTime", &[]),
    ("serverCnxnFactory", &[]),
    ("snapSizeLimitInKb", &[]),
    ("snapshot.compression.method", &[]),
    ("snapshot.trust.empty", NO),
    ("superUser", &[]),
    ("syncEnabled", &["true"]),
    ("tcpKeepAlive", NO),
    ("txnLogSizeLimitInKb", &[]),
    ("watchManagerName", &[]),
];

/// Families of keys known to ZooKeeper 3.8.
const PREFIXES_WITHOUT_EFFECT: [(&str, &[&str]); 23] = [
    ("admin.enableServer", NO),
    ("admin.", &[]),
    ("authProvider.", &[]),
    ("commitProcessor.", &[]),
    ("connection_throttle_", &[]),
    ("fastleader.", &[]),
    ("jvm.pause.", &[]),
    ("kerberos.", &[]),
    ("leader.", &[]),
    ("learner.", &[]),
    ("metricsProvider.", &[]),
    ("multiAddress.", &[]),
    ("netty.", &[]),
    ("nio.", &[]),
    ("observer.", &[]),
    ("pathStats.", &[]),
    ("quorum.", &[]),
    ("request_throttler.", &[]),
    ("sasl.", &[]),
    ("ssl.", &[]),
    ("sslQuorumReloadCertFiles", NO),
    ("watcherCleaner", &[]),
    ("znode.container.", &[]),
];

/// The key without the prefix that ZooKeeper would put before it.
pub(super) fn plain(key: &str) -> &str {
    key.strip_prefix("zookeeper.").unwrap_or(key)
}

/// What a key means; nothing, if nobody knows it.
pub(super) fn meaning(key: &str) -> Option<Meaning> {
    let key = plain(key);
    if key.starts_with("server.") {
        return Some(Meaning::Server);
    }
    if let Some((_, setting)) = SETTINGS.iter().find(|(name, _)| *name == key) {
        return Some(Meaning::Setting(*setting));
    }
    if let Some((_, unless, why)) = REFUSED.iter().find(|(name, ..)| *name == key) {
        return Some(Meaning::Refused { unless, why });
    }
    if let Some((_, why)) = REFUSED_PREFIXES.iter().find(|(prefix, _)| key.starts_with(prefix)) {
        return Some(Meaning::Refused { unless: &[], why });
    }
    let exact = WITHOUT_EFFECT.iter().find(|(name, _)| *name == key);
    let family = || PREFIXES_WITHOUT_EFFECT.iter().find(|(prefix, _)| key.starts_with(prefix));
    exact.or_else(family).map(|(_, unless)| Meaning::WithoutEffect(unless))
}

/// The keys that mean something here: what somebody who wrote another one may have meant.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    SETTINGS.iter().map(|(name, _)| *name).chain([SERVER])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_are_one_key() {
        for key in ["snapCount", "zookeeper.snapCount"] {
            assert_eq!(meaning(key), Some(Meaning::Setting(Key::SnapshotCount)), "{key}");
        }
        assert_eq!(meaning("snapcount"), None);
    }

    #[test]
    fn the_narrower_rule_comes_first() {
        assert!(matches!(meaning("ssl.quorum.keyStore.location"), Some(Meaning::Refused { .. })));
        assert_eq!(meaning("ssl.keyStore.location"), Some(Meaning::Setting(Key::Tls(TlsKey::KeyStore))));
        assert_eq!(meaning("ssl.ciphersuites"), Some(Meaning::WithoutEffect(&[])));
        assert!(matches!(meaning("quorum.auth.enableSasl"), Some(Meaning::Refused { .. })));
        assert_eq!(meaning("quorum.cnxn.threads.size"), Some(Meaning::WithoutEffect(&[])));
        assert_eq!(meaning("nio.sessionlessCnxnTimeout"), Some(Meaning::Setting(Key::HandshakeTimeout)));
        assert_eq!(meaning("admin.enableServer"), Some(Meaning::WithoutEffect(NO)));
    }

    #[test]
    fn no_name_is_there_twice() {
        let mut all: Vec<&str> = names().chain(REFUSED.iter().map(|(name, ..)| *name)).collect();
        all.extend(WITHOUT_EFFECT.iter().map(|(name, _)| *name));
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
