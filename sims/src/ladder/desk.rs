//! The desk: where tasks come in, at a fixed pace, numbered from 1.
//!
//! How many have come in is safe on its disk before anybody hears of the last one, so that no number is given twice. What
//! becomes of a task then is the business of each rung.

use std::time::Duration;

use election::resource::{Fence, FenceError};
use history::{Event, Term, WorkEvent};
use interregnum::{Bed, Parameters};

use super::{DESK, desk_directory};

/// How the desk passes tasks on. Made anew for each life of its process.
pub trait Counter: Send {
    /// This task has come in, just now or at the end of a former life. Must not take long.
    fn pass_on(&mut self, task: u64);
}

/// Adds the desk. `counter` is called at each start of its process.
pub fn add<C: Counter + 'static>(bed: &Bed, counter: impl Fn() -> C + Send + Sync + 'static) {
    let stream = Stream::of(bed.parameters());
    bed.add_node(DESK, move || {
        let mut counter = counter();
        async move {
            // What ends the desk is its disk; its supervisor starts it anew.
            if let Err(error) = stream.take_in(&mut counter).await {
                tracing::info!(%error, "the desk closes");
            }
        }
    });
}

/// How many tasks come in, and how fast.
#[derive(Clone, Copy)]
struct Stream {
    tasks: u64,
    pace: Duration,
}

impl Stream {
    fn of(parameters: &Parameters) -> Stream {
        Stream { tasks: parameters.count("tasks").into(), pace: parameters.duration("pace") }
    }

    async fn take_in(self, counter: &mut impl Counter) -> Result<(), FenceError> {
        // A number that never goes back, on a disk: that is what a fence is.
        let mut taken_in = Fence::open(desk_directory()).await?;
        let mut last = taken_in.highest().map_or(0, |highest| highest.0.unsigned_abs());
        if last > 0 {
            // Its former life may have come no further.
            submitted(last, counter);
        }
        let mut due = host::now();
        while last < self.tasks {
            due += self.pace;
            host::sleep_until(due).await;
            // Whoever comes while the disk is full is sent away, and comes again.
            match taken_in.raise(Term((last + 1).cast_signed())).await {
                Ok(()) => {
                    last += 1;
                    submitted(last, counter);
                }
                Err(FenceError::Full) => host::tell_sometimes("desk's disk was full"),
                Err(error) => return Err(error),
            }
        }
        std::future::pending().await
    }
}

fn submitted(task: u64, counter: &mut impl Counter) {
    host::tell(Event::Work(WorkEvent::Submitted { task }));
    counter.pass_on(task);
}
