//! A call: asked for when it is made, answered when it is awaited.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::sync::oneshot;

use crate::Error;
use crate::session::Answer;

type Receiver = oneshot::Receiver<Result<Answer, Error>>;
type Read<T> = Box<dyn FnOnce(Result<Answer, Error>) -> Result<T, Error> + Send>;

/// A call to the service: the request takes its place in the line at once, when the method is called; awaiting the
/// call waits for the answer. So the order of the requests is the order of the method calls.
///
/// Dropping a call takes nothing back: the request goes out all the same.
#[must_use = "the answer is not looked at unless the call is awaited"]
pub struct Call<T>(State<T>);

enum State<T> {
    /// Known without asking.
    Known(Result<T, Error>),
    Waiting(Receiver, Read<T>),
    Done,
}

/// Nothing in it is pinned.
impl<T> Unpin for Call<T> {}

impl<T> Call<T> {
    pub(crate) fn known(result: Result<T, Error>) -> Call<T> {
        Call(State::Known(result))
    }

    pub(crate) fn waiting(
        receiver: Receiver,
        read: impl FnOnce(Result<Answer, Error>) -> Result<T, Error> + Send + 'static,
    ) -> Call<T> {
        Call(State::Waiting(receiver, Box::new(read)))
    }
}

impl<T> Future for Call<T> {
    type Output = Result<T, Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match std::mem::replace(&mut self.0, State::Done) {
            State::Known(result) => Poll::Ready(result),
            State::Waiting(mut receiver, read) => match Pin::new(&mut receiver).poll(context) {
                // Without a driver there is no telling what it did last.
                Poll::Ready(received) => Poll::Ready(read(received.unwrap_or(Err(Error::Closed { sent: true })))),
                Poll::Pending => {
                    self.0 = State::Waiting(receiver, read);
                    Poll::Pending
                }
            },
            State::Done => panic!("a call is not awaited again after its answer"),
        }
    }
}
