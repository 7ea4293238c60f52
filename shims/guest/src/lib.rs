//! What code of others finds around it on a node.
//!
//! Crates that know nothing of a simulation take some things not from an argument but from the thread they run on: who
//! spawns their tasks (`spawns`), and the dice of `fastrand`. A simulation has one thread for all nodes. So a [`Guest`] wraps a future and, whenever it is polled, puts its node's own in place and takes them away
//! again: tasks belong to the node and die with it, and all that is drawn comes from a stream of the node's own, so that a
//! run is a function of its seed and one node's draws do not move another's.
//!
//! On the real machine it does the same over tokio, where the dice come from the operating system.
//!
//! Refused: futures that are not `Send`. A guest that is dropped from outside, because its process is killed, ends as a killed process
//! does: what its destructors want to spawn is never run.

mod dice;
mod once;
mod spawner;
pub mod tap;

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use dice::Dice;
pub use once::prepare;
use rand::RngCore;
use tap::Maker;

/// Runs a future of others on this node.
///
/// # Panics
/// In a simulation, if [`prepare`] was not called before it.
pub fn run<F: Future>(future: F) -> Guest<F> {
    Guest::new(future, None)
}

/// The same, with a tap on each connection that it opens.
pub fn run_tapped<F: Future>(future: F, maker: impl Fn() -> Box<dyn tap::Tap> + Send + Sync + 'static) -> Guest<F> {
    Guest::new(future, Some(Maker::new(maker)))
}

/// A future of others, with its node's spawner, dice and taps around it.
#[must_use = "futures do nothing unless polled"]
pub struct Guest<F> {
    /// `None` only while it is dropped.
    future: Option<Pin<Box<F>>>,
    dice: Dice,
    taps: Option<Maker>,
}

impl<F: Future> Guest<F> {
    fn new(future: F, taps: Option<Maker>) -> Guest<F> {
        once::require();
        let dice = Dice::new(host::random::stream("guest").next_u64());
        Guest { future: Some(Box::pin(future)), dice, taps }
    }

    fn forked(future: F) -> Guest<F> {
        Guest { future: Some(Box::pin(future)), dice: Dice::forked(), taps: tap::present() }
    }
}

impl<F: Future> Future for Guest<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.get_mut();
        let _spawner = spawns_core::enter(&spawner::OnThisNode);
        let _dice = this.dice.enter();
        let _taps = tap::enter(this.taps.clone());
        this.future.as_mut().expect("it is there until it is dropped").as_mut().poll(context)
    }
}

impl<F> Drop for Guest<F> {
    fn drop(&mut self) {
        // Destructors of others spawn, and panic where they cannot.
        let _spawner = spawns_core::enter(&spawner::Nobody);
        self.future.take();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    #[tokio::test]
    async fn tasks_are_spawned_and_answer() {
        let answer = run(async { spawns_core::spawn(async { spawns_core::spawn(async { 7 }).await }).await }).await;
        assert_eq!(answer.ok().and_then(Result::ok), Some(7));
    }

    /// Spawns when it is dropped, as locks do that are given back in the background.
    struct Returned(Arc<AtomicBool>);

    impl Drop for Returned {
        fn drop(&mut self) {
            let returned = self.0.clone();
            spawns_core::spawn(async move { returned.store(true, Ordering::Relaxed) });
        }
    }

    #[tokio::test]
    async fn what_destructors_spawn_runs_unless_the_guest_is_dropped_from_outside() {
        let (lock, returned) = lock();
        run(async move { drop(lock) }).await;
        tokio::task::yield_now().await;
        assert!(returned.load(Ordering::Relaxed));
        let (lock, returned) = self::lock();
        drop(run(async move {
            std::future::pending::<()>().await;
            drop(lock);
        }));
        tokio::task::yield_now().await;
        assert!(!returned.load(Ordering::Relaxed), "nobody is left to run it");
    }

    fn lock() -> (Returned, Arc<AtomicBool>) {
        let returned = Arc::new(AtomicBool::new(false));
        (Returned(returned.clone()), returned)
    }
}
