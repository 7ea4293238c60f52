//! The task that makes transactions safe.
//!
//! What comes while an fsync runs shares the next one (`SyncRequestProcessor`'s group commit). Nothing is reported safe
//! before its fsync has returned; after one failed nothing is safe any more and the journal ends.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use host::JoinHandle;
use proto::{Encode, Zxid};
use tokio::sync::mpsc;

use super::{Storage, StorageError, record, snapshot};
use crate::database::Database;
use crate::transaction::Transaction;

/// The hands that hold the task. Dropping them ends it.
pub(crate) struct Journal {
    jobs: mpsc::UnboundedSender<Job>,
    safe: mpsc::UnboundedReceiver<Result<Zxid, StorageError>>,
    task: JoinHandle<()>,
}

enum Job {
    Append(Vec<Arc<Transaction>>),
    Snapshot { zxid: Zxid, file: Bytes },
}

impl Journal {
    /// Starts the task.
    pub(crate) fn start(storage: Storage) -> Journal {
        let (jobs, todo) = mpsc::unbounded_channel();
        let (report, safe) = mpsc::unbounded_channel();
        let task = host::spawn(async move {
            if let Err(error) = work(storage, todo, &report).await {
                let _ = report.send(Err(error));
            }
        });
        Journal { jobs, safe, task }
    }

    /// Hands over transactions, in order.
    pub(crate) fn append(&self, transactions: Vec<Arc<Transaction>>) {
        // A task that ended has reported why.
        let _ = self.jobs.send(Job::Append(transactions));
    }

    /// Hands over the database as it is now, for a snapshot.
    pub(crate) fn snapshot(&self, database: &Database) {
        let _ = self.jobs.send(Job::Snapshot { zxid: database.last_zxid, file: snapshot::encode(database) });
    }

    /// Waits until more transactions are safe; tells the last of them.
    pub(crate) async fn next_safe(&mut self) -> Result<Zxid, StorageError> {
        match self.safe.recv().await {
            Some(report) => report,
            None => std::future::pending().await,
        }
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn work(
    mut storage: Storage,
    mut todo: mpsc::UnboundedReceiver<Job>,
    report: &mpsc::UnboundedSender<Result<Zxid, StorageError>>,
) -> Result<(), StorageError> {
    let mut buffer = BytesMut::new();
    while let Some(job) = todo.recv().await {
        let mut next = Some(job);
        let mut range = None;
        let mut snapshot = None;
        while let Some(job) = next {
            match job {
                Job::Append(transactions) => {
                    for transaction in &transactions {
                        let (first, _) = range.unwrap_or((transaction.zxid, transaction.zxid));
                        range = Some((first, transaction.zxid));
                        record::write(&mut buffer, |body| transaction.encode(body));
                    }
                }
                Job::Snapshot { zxid, file } => {
                    snapshot = Some((zxid, file));
                    break;
                }
            }
            next = todo.try_recv().ok();
        }
        if let Some((first, last)) = range {
            storage.append(first, &buffer).await?;
            buffer.clear();
            if report.send(Ok(last)).is_err() {
                return Ok(());
            }
        }
        if let Some((zxid, file)) = snapshot {
            storage.write_snapshot(zxid, &file).await?;
        }
    }
    Ok(())
}
