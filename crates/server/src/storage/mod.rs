//! The data directory: a log of transactions, and snapshots that save replaying all of it.
//!
//! `log.<zxid>` holds transactions from that one on; `snapshot.<zxid>` the database as of that one (`FileTxnSnapLog`).
//! A member of an ensemble keeps its epochs beside them ([`epochs`]).
//! A torn end of the last log is cut off: what was in it was never acknowledged. Damage anywhere else is refused with
//! the file and the place: a server that went on would have forgotten what it promised. A damaged snapshot is passed
//! over if an older one and the logs behind it are whole.
//!
//! The format is this project's own; ZooKeeper's files cannot be read.

pub(crate) mod epochs;
mod error;
#[cfg(feature = "fuzzing")]
pub(crate) mod fuzzing;
mod journal;
mod record;
mod recovery;
pub(crate) mod snapshot;

use std::io;
use std::path::{Path, PathBuf};

use bytes::{Bytes, BytesMut};
use host::fs::{self, File};
use proto::{Decode, Zxid};

use record::Read;

pub use error::StorageError;
pub(crate) use journal::{Job, Journal};
pub(crate) use recovery::Recovery;

const LOG: &str = "log.";
const SNAPSHOT: &str = "snapshot.";
const INSTALLED: &str = "installed.";
const UNFINISHED: &str = "unfinished";

/// An open data directory.
pub(crate) struct Storage {
    directory: PathBuf,
    snapshots_kept: usize,
    /// The log being written; a new one is begun with the first transaction after a start or a snapshot.
    log: Option<(PathBuf, File)>,
}

impl Storage {
    /// Opens a data directory, making it if need be, and reads what is in it.
    pub(crate) async fn open(directory: &Path, snapshots_kept: usize) -> Result<(Storage, Recovery), StorageError> {
        let at = |source| StorageError::Io { path: directory.to_owned(), source };
        make_directory(directory).await.map_err(at)?;
        let mut storage = Storage { directory: directory.to_owned(), snapshots_kept: snapshots_kept.max(1), log: None };
        let mut names = fs::list(directory).await.map_err(at)?;
        if names.iter().any(|name| name == UNFINISHED) {
            storage.remove(UNFINISHED).await?;
        }
        if let Some(zxid) = numbered(&names, INSTALLED).last() {
            storage.finish_installation(*zxid).await?;
            names = fs::list(directory).await.map_err(at)?;
        }
        let standing = storage.read_standing(&names).await?;
        let mut recovery = storage.load_snapshot(&numbered(&names, SNAPSHOT), &standing).await?;
        recovery.standing = standing;
        storage.read_logs(&numbered(&names, LOG), &mut recovery).await?;
        fs::sync_directory(directory).await.map_err(at)?;
        Ok((storage, recovery))
    }

    /// The newest snapshot that is whole.
    async fn load_snapshot(&self, snapshots: &[Zxid], standing: &epochs::Standing) -> Result<Recovery, StorageError> {
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
        // The logs from the beginning on may be there still; if they are not, the gap is noticed when they are read. Not in
        // an ensemble: there a gap may look like the change of an epoch.
        match damage {
            Some(error) if snapshots.len() >= self.snapshots_kept || standing.is_member() => Err(error),
            _ => Ok(recovery),
        }
    }

    /// Reads what the logs hold beyond the snapshot.
    async fn read_logs(&self, logs: &[Zxid], recovery: &mut Recovery) -> Result<(), StorageError> {
        for (index, first) in logs.iter().enumerate() {
            let is_last = index + 1 == logs.len();
            let path = self.path(LOG, *first);
            let file = self.read(&path).await?;
            let end = recovery.take_log(&path, &file, is_last)?;
            if end == 0 {
                // Nothing whole in it: its name will be wanted for the log to come.
                self.remove(&name(LOG, *first)).await?;
            } else if is_last {
                self.rewrite(&path, &file[..end]).await?;
            }
        }
        Ok(())
    }

    /// Writes the beginning of a log anew.
    ///
    /// The last log is written anew at each recovery: it may have been read from the kernel's memory alone. After an
    /// fsync that failed the kernel counts what it could not write as written, and says so to every later fsync. Only a
    /// new file is as safe as its fsync says.
    async fn rewrite(&self, path: &Path, records: &[u8]) -> Result<(), StorageError> {
        let at = |source| StorageError::Io { path: path.to_owned(), source };
        let unfinished = self.directory.join(UNFINISHED);
        let mut file = File::create(&unfinished).await.map_err(at)?;
        file.append_synced(records).await.map_err(at)?;
        fs::rename(&unfinished, path).await.map_err(at)
    }

    /// Takes everything above a transaction out of the logs. Stopped half way, part of it is left, in order.
    async fn truncate(&mut self, to: Zxid) -> Result<(), StorageError> {
        self.log = None;
        let at = |source| StorageError::Io { path: self.directory.clone(), source };
        let names = fs::list(&self.directory).await.map_err(at)?;
        let logs = numbered(&names, LOG);
        let kept = logs.partition_point(|first| *first <= to);
        for first in logs[kept..].iter().rev() {
            self.remove(&name(LOG, *first)).await?;
            fs::sync_directory(&self.directory).await.map_err(at)?;
        }
        let Some(last) = logs[..kept].last() else { return Ok(()) };
        let path = self.path(LOG, *last);
        let file = self.read(&path).await?;
        let mut offset = 0;
        while let Read::Record { body, next } = record::read(&file, offset)
            && Zxid::from_bytes(&body).is_ok_and(|zxid| zxid <= to)
        {
            offset = next;
        }
        self.rewrite(&path, &file[..offset]).await?;
        fs::sync_directory(&self.directory).await.map_err(at)
    }

    /// Puts a state and the transactions behind it in the place of everything there is, all at once: the moment is that
    /// in which the one file with both gets its name. (What is replaced may hold acknowledged transactions which are
    /// behind the new state, not in it: so there is never less than was promised.)
    async fn install(&mut self, zxid: Zxid, state: &Bytes, tail: &[Bytes]) -> Result<(), StorageError> {
        self.log = None;
        let mut file = BytesMut::from(&state[..]);
        for transaction in tail {
            record::write(&mut file, |body| body.extend_from_slice(transaction));
        }
        self.write_file(&name(INSTALLED, zxid), &file).await?;
        self.finish_installation(zxid).await
    }

    /// Makes an installed state a snapshot and a log like any others, in the place of those there are. Stopped half way,
    /// it begins anew.
    async fn finish_installation(&mut self, zxid: Zxid) -> Result<(), StorageError> {
        let at = |source| StorageError::Io { path: self.directory.clone(), source };
        let names = fs::list(&self.directory).await.map_err(at)?;
        for replaced in names.iter().filter(|name| name.starts_with(LOG) || name.starts_with(SNAPSHOT)) {
            self.remove(replaced).await?;
        }
        let path = self.path(INSTALLED, zxid);
        let file = self.read(&path).await?;
        let damaged = |(offset, what)| StorageError::Damaged { path: path.clone(), offset: offset as u64, what };
        let (_, end) = snapshot::decode_head_of(&file).map_err(damaged)?;
        self.write_file(&name(SNAPSHOT, zxid), &file[..end]).await?;
        match record::read(&file, end) {
            Read::End => {}
            Read::Record { body, .. } => {
                let first = Zxid::from_bytes(&body).map_err(|_| damaged((end, "the record is malformed")))?;
                self.write_file(&name(LOG, first), &file[end..]).await?;
            }
            Read::Torn => return Err(damaged((end, "the end is missing"))),
            Read::Damaged(what) => return Err(damaged((end, what))),
        }
        self.remove(&name(INSTALLED, zxid)).await?;
        fs::sync_directory(&self.directory).await.map_err(at)
    }

    /// Writes a whole file: it is there under its name once it is safe, or not at all.
    async fn write_file(&self, name: &str, bytes: &[u8]) -> Result<(), StorageError> {
        let path = self.directory.join(name);
        let written = fs::write_whole(&path, &self.directory.join(UNFINISHED), bytes).await;
        written.map_err(|source| StorageError::Io { path, source })
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
        file.append_synced(records).await.map_err(at)?;
        if is_new {
            fs::sync_directory(&self.directory).await.map_err(at)?;
        }
        Ok(())
    }

    /// Makes a snapshot safe, begins a new log, and removes what the snapshots kept do not need.
    async fn write_snapshot(&mut self, zxid: Zxid, file: &[u8]) -> Result<(), StorageError> {
        self.write_file(&name(SNAPSHOT, zxid), file).await?;
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

#[cfg(test)]
mod tests;
