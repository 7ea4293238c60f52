//! Spawning: a task belongs to the process that spawned it and dies with it.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

#[cfg(madsim)]
use crate::sim;

/// Spawns a task on this node.
pub fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    #[cfg(madsim)]
    if sim::World::try_current().is_some() {
        return JoinHandle(Machine::Simulated(madsim::task::spawn(future)));
    }
    JoinHandle(Machine::Real(tokio::spawn(future)))
}

/// Lets other tasks run first.
pub async fn yield_now() {
    let mut yielded = false;
    std::future::poll_fn(|context| {
        if yielded {
            return Poll::Ready(());
        }
        yielded = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// A spawned task. Dropping the handle lets the task go on.
pub struct JoinHandle<T>(Machine<T>);

enum Machine<T> {
    Real(tokio::task::JoinHandle<T>),
    #[cfg(madsim)]
    Simulated(madsim::task::JoinHandle<T>),
}

impl<T> JoinHandle<T> {
    /// Ends the task at its next await point.
    pub fn abort(&self) {
        match &self.0 {
            Machine::Real(handle) => handle.abort(),
            #[cfg(madsim)]
            Machine::Simulated(handle) => handle.abort(),
        }
    }
}

/// The task did not return: it was aborted, or it panicked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JoinError;

impl fmt::Display for JoinError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the task did not return")
    }
}

impl std::error::Error for JoinError {}

impl<T> Future for JoinHandle<T> {
    type Output = Result<T, JoinError>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.get_mut().0 {
            Machine::Real(handle) => Pin::new(handle).poll(context).map_err(|_| JoinError),
            #[cfg(madsim)]
            Machine::Simulated(handle) => Pin::new(handle).poll(context).map_err(|_| JoinError),
        }
    }
}
