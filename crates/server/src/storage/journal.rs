//! The task that makes things safe.
//!
//! What comes while an fsync runs shares the next one (`SyncRequestProcessor`'s group commit). Nothing is reported safe
//! before its fsync has returned; after one failed nothing is safe any more and the journal ends.
//!
//! Between two [`Job::Sync`]s log and epochs go to the disk in no order that could be relied upon, as in ZooKeeper, where
//! two threads write them.

use bytes::{Bytes, BytesMut};
use host::JoinHandle;
use proto::Zxid;
use tokio::sync::mpsc;

use super::{Storage, StorageError, record};

/// The hands that hold the task. Dropping them ends it.
pub(crate) struct Journal {
    jobs: mpsc::UnboundedSender<Job>,
    safe: mpsc::UnboundedReceiver<Result<u64, StorageError>>,
    task: JoinHandle<()>,
}

/// Something to be written.
#[derive(derive_more::Debug)]
pub(crate) enum Job {
    /// One more transaction at the end of the log.
    Append {
        zxid: Zxid,
        #[debug("{} bytes", transaction.len())]
        transaction: Bytes,
    },
    /// Everything above this transaction leaves the log.
    Truncate { to: Zxid },
    /// Another server's state, and the transactions behind it, take the place of everything.
    Install {
        zxid: Zxid,
        #[debug("{} bytes", state.len())]
        state: Bytes,
        #[debug("{} transactions", tail.len())]
        tail: Vec<Bytes>,
    },
    /// The database as of this transaction, to save replaying the log.
    Snapshot {
        zxid: Zxid,
        #[debug("{} bytes", file.len())]
        file: Bytes,
    },
    /// The highest epoch the server has promised itself to.
    AcceptEpoch(u32),
    /// The epoch whose initial history the server has.
    EnterEpoch(u32),
    /// A report is wanted once everything so far is safe.
    Sync { token: u64 },
}

impl Journal {
    /// Starts the task.
    pub(crate) fn start(storage: Storage) -> Journal {
        let (jobs, todo) = mpsc::unbounded_channel();
        let (report, safe) = mpsc::unbounded_channel();
        let task = host::spawn(async move {
            let mut writer = Writer { storage, buffer: BytesMut::new(), first: None, token: None, report };
            if let Err(error) = writer.work(todo).await {
                let _ = writer.report.send(Err(error));
            }
        });
        Journal { jobs, safe, task }
    }

    /// Hands over a job. They are done in order.
    pub(crate) fn hand_over(&self, job: Job) {
        // A task that ended has reported why.
        let _ = self.jobs.send(job);
    }

    /// Waits until more is safe; tells the last token of which that holds.
    pub(crate) async fn next_safe(&mut self) -> Result<u64, StorageError> {
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

struct Writer {
    storage: Storage,
    /// Records to be appended, from the transaction `first` on.
    buffer: BytesMut,
    first: Option<Zxid>,
    /// The last report that is wanted.
    token: Option<u64>,
    report: mpsc::UnboundedSender<Result<u64, StorageError>>,
}

impl Writer {
    async fn work(&mut self, mut todo: mpsc::UnboundedReceiver<Job>) -> Result<(), StorageError> {
        while let Some(job) = todo.recv().await {
            self.take(job).await?;
            while let Ok(job) = todo.try_recv() {
                self.take(job).await?;
            }
            self.flush().await?;
        }
        Ok(())
    }

    async fn take(&mut self, job: Job) -> Result<(), StorageError> {
        match job {
            Job::Append { zxid, transaction } => {
                self.first.get_or_insert(zxid);
                record::write(&mut self.buffer, |body| body.extend_from_slice(&transaction));
            }
            Job::Sync { token } => self.token = Some(token),
            Job::AcceptEpoch(epoch) => {
                self.flush_if_wanted().await?;
                self.storage.accept_epoch(epoch).await?;
            }
            Job::EnterEpoch(epoch) => {
                self.flush_if_wanted().await?;
                self.storage.enter_epoch(epoch).await?;
            }
            Job::Truncate { to } => {
                self.flush().await?;
                self.storage.truncate(to).await?;
            }
            Job::Install { zxid, state, tail } => {
                self.flush().await?;
                self.storage.install(zxid, &state, &tail).await?;
            }
            Job::Snapshot { zxid, file } => {
                self.flush().await?;
                self.storage.write_snapshot(zxid, &file).await?;
            }
        }
        Ok(())
    }

    /// What comes after a sync does not overtake what comes before it.
    async fn flush_if_wanted(&mut self) -> Result<(), StorageError> {
        if self.token.is_some() { self.flush().await } else { Ok(()) }
    }

    async fn flush(&mut self) -> Result<(), StorageError> {
        if let Some(first) = self.first.take() {
            self.storage.append(first, &self.buffer).await?;
            self.buffer.clear();
        }
        if let Some(token) = self.token.take() {
            // Nobody hears it any more: the task is about to end.
            let _ = self.report.send(Ok(token));
        }
        Ok(())
    }
}
