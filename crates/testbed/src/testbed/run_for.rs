//! Where the body of a test waits for its run.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use super::Testbed;
use crate::outcome::Outcome;

/// The run of a test: [`Testbed::run_for`]. Ready when the run is over.
#[must_use = "nothing runs until it is awaited: `bed.run_for(minutes(5)).await`"]
pub struct RunFor {
    bed: Testbed,
    length: Duration,
}

impl RunFor {
    pub(super) fn new(bed: Testbed, length: Duration) -> RunFor {
        RunFor { bed, length }
    }
}

impl Future for RunFor {
    type Output = Outcome;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Outcome> {
        self.bed.read(|description| {
            description.length = Some(self.length);
            match description.outcome.take() {
                Some(outcome) => Poll::Ready(outcome),
                // Nobody is woken: whoever describes asks again when the run is over.
                None => Poll::Pending,
            }
        })
    }
}
