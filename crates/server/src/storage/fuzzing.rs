//! Logs and snapshots as bytes, without a file system around them.

use std::path::Path;

use bytes::{Bytes, BytesMut};
use proto::{Decode, Encode};

use super::{Recovery, StorageError, record, snapshot};
use crate::database::Database;
use crate::transaction::Transaction;

/// Where the bytes are said to lie, for errors.
const PLACE: &str = "fuzzed";

/// A record with any body: its checksums are right, whatever the body holds.
pub fn seal(body: &[u8], file: &mut BytesMut) {
    record::write(file, |buffer| buffer.extend_from_slice(body));
}

/// A log with these transactions.
#[must_use]
pub fn write_log(transactions: &[Transaction]) -> Bytes {
    let mut file = BytesMut::new();
    for transaction in transactions {
        record::write(&mut file, |body| transaction.encode(body));
    }
    file.freeze()
}

/// A snapshot of a database.
#[must_use]
pub fn write_snapshot(database: &Database) -> Bytes {
    snapshot::encode(database)
}

/// Reads a snapshot.
///
/// # Errors
/// Where, and what is wrong with it.
pub fn read_snapshot(file: &Bytes) -> Result<Database, (usize, &'static str)> {
    snapshot::decode(file)
}

/// Reads the logs behind an empty database. Tells where the last whole record of the last one ends, too.
///
/// # Errors
/// What is wrong with a log.
pub fn read_logs(logs: &[Bytes]) -> Result<(Vec<Transaction>, usize), StorageError> {
    let (recovery, end) = take_logs(logs)?;
    let read = |(_, bytes): &(_, Bytes)| Transaction::from_bytes(bytes).expect("it was read before");
    Ok((recovery.tail.iter().map(read).collect(), end))
}

/// What a server that stands alone makes of logs behind an empty database.
///
/// # Errors
/// What is wrong with a log.
pub fn recover(logs: &[Bytes]) -> Result<Database, StorageError> {
    let (mut recovery, _) = take_logs(logs)?;
    recovery.replay();
    Ok(recovery.database)
}

fn take_logs(logs: &[Bytes]) -> Result<(Recovery, usize), StorageError> {
    let (mut recovery, mut end) = (Recovery::default(), 0);
    for (index, log) in logs.iter().enumerate() {
        end = recovery.take_log(Path::new(PLACE), log, index + 1 == logs.len())?;
    }
    Ok((recovery, end))
}
