//! What is wrong with the data on disk.

use std::io;
use std::path::PathBuf;

use proto::Zxid;
use thiserror::Error;

/// What is wrong with the data on disk.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StorageError {
    /// The operating system refuses.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// Bytes that were safe once are not what was written. Going on without them would undo acknowledged writes.
    #[error("{} is damaged at byte {offset}: {what}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Where the damaged record starts.
        offset: u64,
        /// What is wrong with it.
        what: &'static str,
    },
    /// Transactions are missing between two that are there, or between the snapshot and the logs.
    #[error("{}: transaction {found} follows {expected_after}, those between are missing", path.display())]
    Gap {
        /// The file with the later one.
        path: PathBuf,
        /// The last transaction before the gap.
        expected_after: Zxid,
        /// The first one behind it.
        found: Zxid,
    },
}
