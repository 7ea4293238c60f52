//! What is asked of the operating system once for a process, and not again: it must be asked before the first simulation.
//!
//! Asked within one, it would draw from that run's random numbers, and from no other's: the first run of a process would
//! differ from its second.

use std::sync::atomic::{AtomicBool, Ordering};

static IS_PREPARED: AtomicBool = AtomicBool::new(false);

/// Prepares the process for guests. To be called outside of a simulation, as often as one likes: in the body of a test, which
/// is called there.
pub fn prepare() {
    // `ahash` 0.8 gets its keys, for all maps there will ever be. Their order is not repeatable from process to process:
    // guests may look things up in such maps, not go through them.
    let _keys = ahash_of_others::RandomState::new();
    IS_PREPARED.store(true, Ordering::Relaxed);
}

/// Sees to it that the process is prepared.
///
/// # Panics
/// In a simulation, if it is not: it is too late then.
pub(crate) fn require() {
    if IS_PREPARED.load(Ordering::Relaxed) {
        return;
    }
    let is_real = *host::node_name() == *"localhost";
    assert!(is_real, "guests need `guest::prepare()` to be called before the simulation begins");
    prepare();
}
