//! Why a server cannot start, or cannot go on.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use thiserror::Error;

/// Why a server cannot start, or cannot go on.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the operating system says.
        source: io::Error,
    },
    /// The other members cannot reach it where they expect it.
    #[error("cannot listen on {address} for the other members of the ensemble: {source}")]
    Peers {
        /// Host and port, as the settings name them.
        address: String,
        /// What the operating system says.
        source: io::Error,
    },
    /// A store of keys or certificates cannot be used.
    #[error("{}: {why}", file.display())]
    Store {
        /// The file.
        file: PathBuf,
        /// What is wrong with it, without what it holds.
        why: String,
    },
    /// A setting makes no sense.
    #[error("{0}")]
    Config(&'static str),
    /// The data on disk cannot be used, or no longer be written. A server that cannot make writes safe must not go on.
    #[error(transparent)]
    Storage(#[from] crate::storage::StorageError),
}
