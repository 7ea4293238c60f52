//! Those who wait for watches: once, or again and again.
//!
//! Dropping a watcher takes it off this client's list. A one-shot watch stays on the server until it fires, unheard; a
//! persistent one is removed there with the last of its watchers.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::sync::{mpsc, oneshot};

use crate::WatchEnded;
use crate::driver::Command;
use crate::session::{WatchedEvent, WatcherId};

/// Where the driver puts what a watcher shall hear.
pub(crate) enum Sink {
    Once(oneshot::Sender<Result<WatchedEvent, WatchEnded>>),
    Stream(mpsc::UnboundedSender<Result<WatchNews, WatchEnded>>),
}

/// Takes the watcher off the list when it is dropped. It does not keep the client alive.
struct Registration {
    id: WatcherId,
    commands: mpsc::WeakUnboundedSender<Command>,
}

impl Drop for Registration {
    fn drop(&mut self) {
        if let Some(commands) = self.commands.upgrade() {
            // If the driver is gone, so is the list.
            let _ = commands.send(Command::Forget(self.id));
        }
    }
}

/// Waits for a one-shot watch: a future of what it saw, or of why it will see nothing any more.
///
/// A lost connection does not end it: the watch is restored on the next one, and what happened meanwhile is told then.
/// Two changes in quick succession may be told as one; and of a node that was created and deleted while the connection
/// was away, an `exists` watch hears nothing.
#[must_use = "dropping a watcher takes it off the list"]
pub struct Watcher {
    receiver: oneshot::Receiver<Result<WatchedEvent, WatchEnded>>,
    _registration: Registration,
}

impl Watcher {
    pub(crate) fn new(id: WatcherId, commands: mpsc::WeakUnboundedSender<Command>) -> (Sink, Watcher) {
        let (sender, receiver) = oneshot::channel();
        (Sink::Once(sender), Watcher { receiver, _registration: Registration { id, commands } })
    }
}

impl Future for Watcher {
    type Output = Result<WatchedEvent, WatchEnded>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.receiver).poll(context).map(|received| received.unwrap_or(Err(WatchEnded::Closed)))
    }
}

/// What a persistent watch tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WatchNews {
    /// Something happened.
    Event(WatchedEvent),
    /// The connection was away and is back: anything may have happened meanwhile, and will not be told
    /// (ZOOKEEPER-4698). Look for yourself.
    Missed,
}

/// Waits for a persistent watch, again and again.
#[must_use = "dropping a watcher takes it off the list"]
pub struct PersistentWatcher {
    receiver: mpsc::UnboundedReceiver<Result<WatchNews, WatchEnded>>,
    ended: Option<WatchEnded>,
    _registration: Registration,
}

impl PersistentWatcher {
    pub(crate) fn new(id: WatcherId, commands: mpsc::WeakUnboundedSender<Command>) -> (Sink, PersistentWatcher) {
        let (sender, receiver) = mpsc::unbounded_channel();
        let registration = Registration { id, commands };
        (Sink::Stream(sender), PersistentWatcher { receiver, ended: None, _registration: registration })
    }

    /// Waits for the next news. Cancelling it loses nothing.
    ///
    /// # Errors
    /// Why there will be no more; asked again, the same again.
    pub async fn next(&mut self) -> Result<WatchNews, WatchEnded> {
        if let Some(ended) = self.ended {
            return Err(ended);
        }
        let news = self.receiver.recv().await.unwrap_or(Err(WatchEnded::Closed));
        self.ended = news.as_ref().err().copied();
        news
    }
}
