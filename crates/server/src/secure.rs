//! What can be set of a port for TLS, with the names that ZooKeeper gives it (`ClientX509Util`).
//!
//! Plain data, also in builds that cannot do TLS: those refuse it when a server is bound.

use std::net::SocketAddr;
use std::path::PathBuf;

use proto::Secret;

/// A port for TLS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Secure {
    /// Where it is (`secureClientPort`, `secureClientPortAddress`). Port 0 takes a free one.
    pub listen: SocketAddr,
    /// Whether it is the only one: nobody is served without TLS, and [`Config::listen`](crate::Config::listen) is not used.
    pub is_only: bool,
    /// The server's own key and the certificates that vouch for it, its own first (`ssl.keyStore.location`): a PEM file.
    pub key_store: PathBuf,
    /// What the key is encrypted with, if it is (`ssl.keyStore.password`).
    pub key_password: Option<Secret>,
    /// Whose certificates are believed (`ssl.trustStore.location`): a PEM file. Not needed if no client is asked for one.
    pub trust_store: Option<PathBuf>,
    /// Whether clients show certificates (`ssl.clientAuth`).
    pub client_certificates: ClientCertificates,
}

/// Whether clients show certificates. One that is shown must be believed, in any case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClientCertificates {
    /// They are not asked for one.
    Ignored,
    /// They may.
    Wanted,
    /// They must: ZooKeeper's default.
    #[default]
    Needed,
}
