//! The data directory: a log of transactions, and snapshots that save replaying all of it.
//!
//! `log.<zxid>` holds transactions from that one on; `snapshot.<zxid>` the database as of that one (`FileTxnSnapLog`).
//! A torn end of the last log is cut off: what was in it was never acknowledged. Damage anywhere else is refused with
//! the file and the place: a server that went on would have forgotten what it promised. A damaged snapshot is passed
//! over if an older one and the logs behind it are whole.
//!
//! The format is this project's own; ZooKeeper's files cannot be read.

mod error;
mod journal;
mod record;
mod snapshot;

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use history::ServiceEvent;
use host::fs::{self, File};
use proto::{Decode, Zxid};

use crate::database::Database;
use crate::transaction::{Change, Transaction};
use crate::tree::Mutation;
use record::Read;

pub use error::StorageError;
pub(crate) use journal::Journal;

const LOG: &str = "log.";
const SNAPSHOT: &str = "snapshot.";
const UNFINISHED: &str = "unfinished";

/// An open data directory.
pub(crate) struct Storage {
    directory: PathBuf,
    snapshots_kept: usize,
    /// The log being written; a new one is begun with the first transaction after a start or a snapshot.
    log: Option<(PathBuf, File)>,
}

/// What was found on disk.
#[derive(Debug, Default)]
pub(crate) struct Recovery {
    /// The database as of the last whole transaction.
    pub(crate) database: Database,
    /// What was left out, and why; empty if all was whole.
    pub(crate) remark: String,
    /// What the logs hold beyond the snapshot, as the history tells it: part of it was made safe but not told any more
    /// when the process ended.
    pub(crate) replayed: Vec<ServiceEvent>,
    /// How many transactions the logs hold beyond the snapshot.
    pub(crate) transactions_replayed: u64,
}

impl Storage {
    /// Opens a data directory, making it if need be, and reads what is in it.
    pub(crate) async fn open(directory: &Path, snapshots_kept: usize) -> Result<(Storage, Recovery), StorageError> {
        let at = |source| StorageError::Io { path: directory.to_owned(), source };
        make_directory(directory).await.map_err(at)?;
        let names = fs::list(directory).await.map_err(at)?;
        let storage = Storage { directory: directory.to_owned(), snapshots_kept: snapshots_kept.max(1), log: None };
        if names.iter().any(|name| name == UNFINISHED) {
            storage.remove(UNFINISHED).await?;
        }
        let mut recovery = storage.load_snapshot(&numbered(&names, SNAPSHOT)).await?;
        storage.replay(&numbered(&names, LOG), &mut recovery).await?;
        fs::sync_directory(directory).await.map_err(at)?;
        Ok((storage, recovery))
    }

    /// The newest snapshot that is whole.
    async fn load_snapshot(&self, snapshots: &[Zxid]) -> Result<Recovery, StorageError> {
        let mut recovery = Recovery::default();
        let mut damage = None;
        for zxid in snapshots.iter().rev() {
            let path = self.path(SNAPSHOT, *zxid);
            let file = self.read(&path).await?;
            match snapshot::decode(&file) {
                Ok(database) => {
                    recovery.database = database;
                    return Ok(recovery);
                }
                Err((offset, what)) => {
                    let error = StorageError::Damaged { path, offset: offset as u64, what };
                    recovery.remark.push_str(&format!("passed over: {error}. "));
                    damage.get_or_insert(error);
                }
            }
        }
        // The logs from the beginning on may be there still; if they are not, the gap is noticed when they are read.
        match damage {
            Some(error) if snapshots.len() >= self.snapshots_kept => Err(error),
            _ => Ok(recovery),
        }
    }

    /// Applies what the logs hold beyond the snapshot.
    async fn replay(&self, logs: &[Zxid], recovery: &mut Recovery) -> Result<(), StorageError> {
        let database = &mut recovery.database;
        let mut told = Vec::new();
        for (index, first) in logs.iter().enumerate() {
            let is_last = index + 1 == logs.len();
            let path = self.path(LOG, *first);
            let file = self.read(&path).await?;
            let mut offset = 0;
            loop {
                let damaged = |what| StorageError::Damaged { path: path.clone(), offset: offset as u64, what };
                match record::read(&file, offset) {
                    Read::Record { body, next } => {
                        let transaction =
                            Transaction::from_bytes(&body).map_err(|_| damaged("the record is malformed"))?;
                        if transaction.zxid > database.last_zxid {
                            check_gap(&path, database.last_zxid, transaction.zxid)?;
                            // What failed when it was first applied fails again: there is nothing to do about it.
                            let _ = database.apply(&transaction, &mut told);
                            recovery.replayed.extend(events(&transaction, &told));
                            recovery.transactions_replayed += 1;
                            told.clear();
                        }
                        offset = next;
                    }
                    Read::End => break,
                    Read::Torn if is_last => {
                        let lost = file.len() - offset;
                        recovery.remark.push_str(&format!("cut off {lost} torn bytes of {}. ", path.display()));
                        break;
                    }
                    Read::Torn => return Err(damaged("the end is missing, and this is not the last log")),
                    Read::Damaged(what) => return Err(damaged(what)),
                }
            }
            if offset == 0 {
                // Nothing whole in it: its name will be wanted for the log to come.
                self.remove(&name(LOG, *first)).await?;
            } else if is_last {
                self.rewrite(&path, &file[..offset]).await?;
            }
        }
        Ok(())
    }

    /// Writes what is whole in the last log anew.
    ///
    /// It may have been read from the kernel's memory alone: after an fsync that failed the kernel counts what it could
    /// not write as written, and says so to every later fsync. Only a new file is as safe as its fsync says.
    async fn rewrite(&self, path: &Path, records: &[u8]) -> Result<(), StorageError> {
        let at = |source| StorageError::Io { path: path.to_owned(), source };
        let unfinished = self.directory.join(UNFINISHED);
        let mut file = File::create(&unfinished).await.map_err(at)?;
        file.append(records).await.map_err(at)?;
        file.sync().await.map_err(at)?;
        fs::rename(&unfinished, path).await.map_err(at)
    }

    /// Appends records and waits until they are safe. `first` is the first transaction among them.
    async fn append(&mut self, first: Zxid, records: &BytesMut) -> Result<(), StorageError> {
        let mut is_new = false;
        let (path, file) = match &mut self.log {
            Some(log) => log,
            empty => {
                let path = self.directory.join(name(LOG, first));
                let file =
                    File::create(&path).await.map_err(|source| StorageError::Io { path: path.clone(), source })?;
                is_new = true;
                empty.insert((path, file))
            }
        };
        let at = |source| StorageError::Io { path: path.clone(), source };
        file.append(records).await.map_err(at)?;
        file.sync().await.map_err(at)?;
        if is_new {
            fs::sync_directory(&self.directory).await.map_err(at)?;
        }
        Ok(())
    }

    /// Makes a snapshot safe, begins a new log, and removes what the snapshots kept do not need.
    async fn write_snapshot(&mut self, zxid: Zxid, file: &[u8]) -> Result<(), StorageError> {
        let unfinished = self.directory.join(UNFINISHED);
        let finished = self.path(SNAPSHOT, zxid);
        let at = |source| StorageError::Io { path: finished.clone(), source };
        let mut snapshot = File::create(&unfinished).await.map_err(at)?;
        snapshot.append(file).await.map_err(at)?;
        snapshot.sync().await.map_err(at)?;
        drop(snapshot);
        fs::rename(&unfinished, &finished).await.map_err(at)?;
        fs::sync_directory(&self.directory).await.map_err(at)?;
        self.log = None;
        self.purge().await
    }

    /// Keeps the newest snapshots, and every log with a transaction beyond the oldest of them (`PurgeTxnLog`).
    async fn purge(&self) -> Result<(), StorageError> {
        let at = |source| StorageError::Io { path: self.directory.clone(), source };
        let names = fs::list(&self.directory).await.map_err(at)?;
        let snapshots = numbered(&names, SNAPSHOT);
        let surplus = snapshots.len().saturating_sub(self.snapshots_kept);
        for zxid in &snapshots[..surplus] {
            self.remove(&name(SNAPSHOT, *zxid)).await?;
        }
        // Until there are as many snapshots as are to be kept, the logs from the very beginning stay.
        if snapshots.len() >= self.snapshots_kept {
            let oldest = snapshots[surplus];
            let logs = numbered(&names, LOG);
            let needed_from = logs.partition_point(|first| first.0 <= oldest.0 + 1).saturating_sub(1);
            for first in &logs[..needed_from] {
                self.remove(&name(LOG, *first)).await?;
            }
        }
        fs::sync_directory(&self.directory).await.map_err(at)
    }

    async fn read(&self, path: &Path) -> Result<Bytes, StorageError> {
        let bytes = fs::read(path).await.map_err(|source| StorageError::Io { path: path.to_owned(), source })?;
        Ok(bytes.into())
    }

    async fn remove(&self, name: &str) -> Result<(), StorageError> {
        let path = self.directory.join(name);
        match fs::remove(&path).await {
            Err(source) if source.kind() != io::ErrorKind::NotFound => Err(StorageError::Io { path, source }),
            _ => Ok(()),
        }
    }

    fn path(&self, prefix: &str, zxid: Zxid) -> PathBuf {
        self.directory.join(name(prefix, zxid))
    }
}

/// What a transaction did, in the order in which it is told when it is committed.
fn events(transaction: &Transaction, mutations: &[Mutation]) -> Vec<ServiceEvent> {
    let (session, zxid) = (transaction.session.0, transaction.zxid.0);
    let mut events: Vec<ServiceEvent> = mutations.iter().map(|mutation| mutation.event(transaction.zxid)).collect();
    match &transaction.change {
        Change::CreateSession { timeout_milliseconds } => {
            let timeout = Duration::from_millis(u64::try_from(*timeout_milliseconds).unwrap_or(0));
            events.push(ServiceEvent::SessionOpened { session, timeout });
        }
        Change::CloseSession { .. } => events.push(ServiceEvent::SessionClosed { session, zxid }),
        _ => {}
    }
    events
}

/// Makes a directory that power loss does not take away: its name lies in the directory above.
async fn make_directory(directory: &Path) -> io::Result<()> {
    let is_new = matches!(fs::list(directory).await, Err(error) if error.kind() == io::ErrorKind::NotFound);
    fs::create_directory(directory).await.map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory => {
            io::Error::new(io::ErrorKind::NotADirectory, "it is no directory")
        }
        _ => error,
    })?;
    // Also if it is there: who made it may have been stopped before this point.
    let levels = if is_new { usize::MAX } else { 1 };
    for above in directory.ancestors().skip(1).take(levels) {
        let above = if above.as_os_str().is_empty() { Path::new(".") } else { above };
        fs::sync_directory(above).await?;
    }
    Ok(())
}

/// Within an epoch every transaction has its place in the log, those that failed too.
fn check_gap(path: &Path, last: Zxid, next: Zxid) -> Result<(), StorageError> {
    if next.epoch() == last.epoch() && next.0 != last.0 + 1 {
        return Err(StorageError::Gap { path: path.to_owned(), expected_after: last, found: next });
    }
    Ok(())
}

fn name(prefix: &str, zxid: Zxid) -> String {
    format!("{prefix}{:016x}", zxid.0)
}

/// The numbers of the files with this prefix, in order.
fn numbered(names: &[String], prefix: &str) -> Vec<Zxid> {
    let number = |name: &String| i64::from_str_radix(name.strip_prefix(prefix)?, 16).ok().map(Zxid);
    let mut numbers: Vec<Zxid> = names.iter().filter_map(number).collect();
    numbers.sort_unstable();
    numbers
}

/// The database after a way through a snapshot.
#[cfg(test)]
pub(crate) fn snapshot_round_trip(database: &Database) -> Database {
    snapshot::decode(&snapshot::encode(database)).expect("what was written can be read")
}

#[cfg(test)]
mod tests;
