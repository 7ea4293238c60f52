//! One run of the world, on a thread of its own.

use std::any::Any;
use std::fmt;
use std::future::Future;
use std::time::Duration;

use history::Log;
use madsim::runtime::{Handle, Runtime};

use super::World;

/// How often madsim is made to forget the tasks that ended.
const SWEEP_EVERY: Duration = Duration::from_secs(60);

/// What a run starts from.
pub struct Options {
    /// From this all named streams are derived.
    pub seed: u64,
    /// From this madsim picks the next ready task: another one gives other interleavings of the same world.
    pub scheduler_seed: u64,
    /// The log, with its observers.
    pub log: Log,
}

/// The run panicked: a broken assertion in a program, or in the world itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Panicked {
    /// What the panic said.
    pub message: String,
}

impl fmt::Display for Panicked {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "the run panicked: {}", self.message)
    }
}

impl std::error::Error for Panicked {}

/// Runs `supervise` in a new world, on a fresh thread, and gives back what it returns.
///
/// The thread is fresh because hash maps and libc's answers depend on what a thread did before.
///
/// # Errors
/// [`Panicked`] if anything in the run panicked.
///
/// # Panics
/// If the operating system refuses a thread.
pub fn simulate<F, Fut, T>(options: Options, supervise: F) -> Result<T, Panicked>
where
    F: FnOnce(World) -> Fut + Send + 'static,
    Fut: Future<Output = T> + 'static,
    T: Send + 'static,
{
    let run = move || {
        let runtime = Runtime::with_seed_and_config(options.scheduler_seed, madsim::Config::default());
        let _leaving = Leaving;
        runtime.block_on(async move {
            let world = World::new(options.seed, Handle::current(), options.log);
            world.enter();
            let sweeper = madsim::task::spawn(async {
                loop {
                    madsim::time::sleep(SWEEP_EVERY).await;
                    World::current().sweep();
                }
            });
            let outcome = supervise(world.clone()).await;
            // Tasks that wait hold what they wait for, which holds them: nothing would be freed.
            sweeper.abort();
            world.end();
            outcome
        })
    };
    let thread = std::thread::Builder::new().name("run".to_owned()).spawn(run).expect("a thread can be had");
    thread.join().map_err(|payload| Panicked { message: message_of(payload.as_ref()) })
}

/// Leaves the world at the end of the run, also of one that panics: what the runtime still holds is dropped after that,
/// and must not ask a world that stands still.
struct Leaving;

impl Drop for Leaving {
    fn drop(&mut self) {
        World::leave();
    }
}

fn message_of(payload: &(dyn Any + Send)) -> String {
    match (payload.downcast_ref::<&str>(), payload.downcast_ref::<String>()) {
        (Some(text), _) => (*text).to_owned(),
        (_, Some(text)) => text.clone(),
        _ => "without a message".to_owned(),
    }
}
