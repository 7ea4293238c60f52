//! What a member of an ensemble keeps beside its history: the epochs it has promised itself to and entered
//! (`QuorumPeer.acceptedEpoch`, `currentEpoch`), and whether it may count itself as new.
//!
//! A directory without a current epoch has either never been part of an ensemble, or has lost what it held. The operator
//! says which with an empty file `initialize` (as for ZooKeeper's `db.autocreate=false`); it goes once there is an epoch.

use bytes::{BufMut, Bytes, BytesMut};
use host::fs;

use super::record::{self, Read};
use super::{Storage, StorageError};

const ACCEPTED: &str = "acceptedEpoch";
const CURRENT: &str = "currentEpoch";
const INITIALIZE: &str = "initialize";

/// What a directory knows of its server's place in an ensemble.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Standing {
    /// The highest epoch the server has promised itself to.
    pub(crate) accepted: Option<u32>,
    /// The epoch whose initial history it has.
    pub(crate) current: Option<u32>,
    /// Whether the operator vouches that an empty directory is that of a new server.
    pub(crate) is_vouched_for: bool,
}

impl Standing {
    /// Whether the directory has ever been part of an ensemble.
    pub(super) fn is_member(&self) -> bool {
        self.accepted.is_some() || self.current.is_some()
    }
}

impl Storage {
    pub(super) async fn read_standing(&self, names: &[String]) -> Result<Standing, StorageError> {
        let has = |name: &str| names.iter().any(|other| other == name);
        Ok(Standing {
            accepted: if has(ACCEPTED) { Some(self.read_epoch(ACCEPTED).await?) } else { None },
            current: if has(CURRENT) { Some(self.read_epoch(CURRENT).await?) } else { None },
            is_vouched_for: has(INITIALIZE),
        })
    }

    async fn read_epoch(&self, name: &str) -> Result<u32, StorageError> {
        let path = self.directory.join(name);
        let file = self.read(&path).await?;
        let damaged = |what| StorageError::Damaged { path: path.clone(), offset: 0, what };
        match record::read(&file, 0) {
            Read::Record { body, .. } => decode(&body).ok_or_else(|| damaged("the record is malformed")),
            Read::Damaged(what) => Err(damaged(what)),
            Read::End | Read::Torn => Err(damaged("the end is missing")),
        }
    }

    /// Promises an epoch, durably.
    pub(super) async fn accept_epoch(&self, epoch: u32) -> Result<(), StorageError> {
        self.write_file(ACCEPTED, &encode(epoch)).await
    }

    /// Enters an epoch, durably.
    pub(super) async fn enter_epoch(&self, epoch: u32) -> Result<(), StorageError> {
        self.write_file(CURRENT, &encode(epoch)).await?;
        self.remove(INITIALIZE).await
    }
}

/// Marks an empty directory as that of a new server: what an operator does once, when setting it up.
///
/// # Errors
/// Those of the file system.
pub async fn initialize(directory: &std::path::Path) -> std::io::Result<()> {
    super::make_directory(directory).await?;
    let mut file = fs::File::create(&directory.join(INITIALIZE)).await?;
    file.sync().await?;
    fs::sync_directory(directory).await
}

fn encode(epoch: u32) -> BytesMut {
    let mut buffer = BytesMut::new();
    record::write(&mut buffer, |body| body.put_u32(epoch));
    buffer
}

fn decode(body: &Bytes) -> Option<u32> {
    Some(u32::from_be_bytes(body.as_ref().try_into().ok()?))
}
