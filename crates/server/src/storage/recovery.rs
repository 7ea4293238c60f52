//! What a data directory comes to: the database of its snapshot, and the transactions that its logs hold behind it.
//!
//! Pure: the files are read elsewhere.

use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use history::ServiceEvent;
use proto::{Decode, Zxid};

use super::record::{self, Read};
use super::{StorageError, epochs};
use crate::database::Database;
use crate::transaction::{Change, Transaction};
use crate::tree::Mutation;

/// What was found on disk.
#[derive(derive_more::Debug, Default)]
pub(crate) struct Recovery {
    /// The database as of the last snapshot.
    pub(crate) database: Database,
    /// What comes behind it in the logs, in order.
    #[debug("{} transactions", tail.len())]
    pub(crate) tail: Vec<(Zxid, Bytes)>,
    /// What was left out, and why; empty if all was whole.
    pub(crate) remark: String,
    /// What the directory knows of its server's place in an ensemble.
    pub(crate) standing: epochs::Standing,
}

/// What a recovered log does to the database of a server that stands alone.
#[derive(Debug, Default)]
pub(crate) struct Replayed {
    /// As the history tells it: part of it was made safe but not told any more when the process ended.
    pub(crate) events: Vec<ServiceEvent>,
    /// How many transactions there were.
    pub(crate) transactions: u64,
}

impl Recovery {
    /// Applies what the logs hold beyond the snapshot: a server that stands alone committed all of it.
    pub(crate) fn replay(&mut self) -> Replayed {
        let mut replayed = Replayed::default();
        let mut told = Vec::new();
        for (_, bytes) in std::mem::take(&mut self.tail) {
            let transaction = Transaction::from_bytes(&bytes).expect("it was read before");
            // What failed when it was first applied fails again: there is nothing to do about it.
            let _ = self.database.apply(&transaction, &mut told);
            replayed.events.extend(events(&transaction, &told));
            replayed.transactions += 1;
            told.clear();
        }
        replayed
    }

    fn last(&self) -> Zxid {
        self.tail.last().map_or(self.database.last_zxid, |(zxid, _)| *zxid)
    }

    /// Takes up what a log holds beyond what is known already. Tells where its last whole record ends.
    ///
    /// # Errors
    /// `Damaged` or `Gap`: what was safe once is not what was written.
    pub(super) fn take_log(&mut self, path: &Path, file: &Bytes, is_last: bool) -> Result<usize, StorageError> {
        let mut offset = 0;
        loop {
            let damaged = |what| StorageError::Damaged { path: path.to_owned(), offset: offset as u64, what };
            match record::read(file, offset) {
                Read::Record { body, next } => {
                    self.push(path, offset, body)?;
                    offset = next;
                }
                Read::End => return Ok(offset),
                Read::Torn if is_last => {
                    let lost = file.len() - offset;
                    self.remark.push_str(&format!("cut off {lost} torn bytes of {}. ", path.display()));
                    return Ok(offset);
                }
                Read::Torn => return Err(damaged("the end is missing, and this is not the last log")),
                Read::Damaged(what) => return Err(damaged(what)),
            }
        }
    }

    /// Takes up one more transaction, unless the snapshot has it.
    fn push(&mut self, path: &Path, offset: usize, bytes: Bytes) -> Result<(), StorageError> {
        let malformed =
            |_| StorageError::Damaged { path: path.to_owned(), offset: offset as u64, what: "the record is malformed" };
        let zxid = Transaction::from_bytes(&bytes).map_err(malformed)?.zxid;
        if zxid > self.last() {
            check_gap(path, self.last(), zxid)?;
            self.tail.push((zxid, bytes));
        }
        Ok(())
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

/// Within an epoch every transaction has its place in the log, those that failed too, and an epoch begins with its first
/// (which has the number 0 where a lone server's numbers ran over).
fn check_gap(path: &Path, last: Zxid, next: Zxid) -> Result<(), StorageError> {
    let follows =
        if next.epoch() == last.epoch() { last.0.checked_add(1) == Some(next.0) } else { next.counter() <= 1 };
    if !follows {
        return Err(StorageError::Gap { path: path.to_owned(), expected_after: last, found: next });
    }
    Ok(())
}
