//! The board: what has come in and what is done, kept in the coordination service.
//!
//! Two znodes. `submitted` holds the number of the last task that came in, written by whoever takes tasks in; `done` holds
//! the set of those that are done, written by the leader. Both only ever grow, and are written over a known version: a
//! leader of the past that writes late can add what it knows, and take nothing away.

use client::{Client, CreateMode, Error, ErrorCode};
use proto::path;
use tokio::sync::{mpsc, watch};

use super::RETRY_PAUSE;
use super::distribution::Input;
use super::tasks::Tasks;
use crate::ancestry;

/// A board in the coordination service.
#[derive(Clone, Debug)]
pub struct Board {
    root: String,
    submitted: String,
    done: String,
}

impl Board {
    /// The board under this znode, which is created if it is missing.
    ///
    /// # Panics
    /// If it is not the path of a znode, or the root of all.
    #[must_use]
    pub fn new(root: &str) -> Board {
        assert!(path::validate(root).is_ok() && root != "/", "`{root}` cannot be the root of a board");
        let (submitted, done) = (path::join(root, "submitted"), path::join(root, "done"));
        Board { root: root.to_owned(), submitted, done }
    }

    async fn prepare(&self, client: &Client) -> Result<(), Error> {
        ancestry::create(client, &self.root).await?;
        for znode in [&self.submitted, &self.done] {
            match client.create(znode, "", CreateMode::Persistent).await {
                Ok(_) => {}
                Err(error) if error.is(ErrorCode::NodeExists) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Says that the tasks up to this one have come in. For one writer, whose former lives may still be heard late: the
    /// number never goes back.
    ///
    /// # Errors
    /// Whatever the service says; the number may be on the board all the same, and may be put there again.
    pub async fn publish(&self, client: &Client, task: u64) -> Result<(), Error> {
        self.prepare(client).await?;
        let (data, stat) = client.get_data(&self.submitted).await?;
        if number(&data) >= task {
            return Ok(());
        }
        client.set_data(&self.submitted, task.to_string(), Some(stat.version)).await.map(drop)
    }

    /// Tells what comes in and what is on record, and puts what is done there, through as many sessions as it takes.
    pub(super) async fn attend(
        &self,
        config: client::Config,
        mut done: watch::Receiver<Tasks>,
        news: mpsc::UnboundedSender<Input>,
    ) -> std::convert::Infallible {
        loop {
            let client = Client::connect(config.clone());
            while !client.state().is_final() {
                // The two follow one another's failures: whatever broke one is as likely to have broken the other.
                let error = tokio::select! {
                    biased;
                    error = self.follow_submitted(&client, &news) => error,
                    error = self.keep_record(&client, &mut done, &news) => error,
                };
                tracing::debug!(%error, "the board cannot be reached");
                host::sleep(RETRY_PAUSE).await;
            }
        }
    }

    /// Tells what comes in, until something fails.
    async fn follow_submitted(&self, client: &Client, news: &mpsc::UnboundedSender<Input>) -> Error {
        if let Err(error) = self.prepare(client).await {
            return error;
        }
        let mut known = 0;
        loop {
            let (data, _, watcher) = match client.get_and_watch_data(&self.submitted).await {
                Ok(read) => read,
                Err(error) => return error,
            };
            // If nobody hears it, nobody leads any more.
            let last = number(&data);
            let _ = news.send(Input::Submitted(known + 1..=last));
            known = known.max(last);
            if watcher.await.is_err() {
                // The session is over; what comes next says so.
                host::sleep(RETRY_PAUSE).await;
            }
        }
    }

    /// Reads what is on record, and puts there what is done, until something fails: then it must be read again.
    async fn keep_record(
        &self,
        client: &Client,
        done: &mut watch::Receiver<Tasks>,
        news: &mpsc::UnboundedSender<Input>,
    ) -> Error {
        let read = async {
            self.prepare(client).await?;
            client.sync(&self.done).await?;
            client.get_data(&self.done).await
        };
        let (data, stat) = match read.await {
            Ok(read) => read,
            Err(error) => return error,
        };
        let (mut recorded, mut version) = (tasks(&data), stat.version);
        let _ = news.send(Input::Recorded(recorded.clone()));
        loop {
            let mut known = recorded.clone();
            known.extend(&done.borrow_and_update());
            if known == recorded {
                if done.changed().await.is_err() {
                    return std::future::pending().await;
                }
                continue;
            }
            match client.set_data(&self.done, known.to_string(), Some(version)).await {
                Ok(stat) => (recorded, version) = (known, stat.version),
                Err(error) => return error,
            }
        }
    }
}

/// What was never written says zero.
fn number(data: &[u8]) -> u64 {
    std::str::from_utf8(data).ok().and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// What was never written is no task; and what cannot be read is done again, at least once being what is promised.
fn tasks(data: &[u8]) -> Tasks {
    std::str::from_utf8(data).ok().and_then(|text| text.parse().ok()).unwrap_or_default()
}
