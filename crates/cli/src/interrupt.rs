//! Ctrl-C: the first one ends what goes on for long after the runs under way, the second one ends the process.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether somebody wants it to end.
#[derive(Clone)]
pub struct Interrupted(Arc<AtomicBool>);

impl Interrupted {
    /// Whether somebody does.
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// What a shell shows for a process that Ctrl-C ended: 128 and the number of the signal.
const ENDED_BY_INTERRUPT: i32 = 130;

/// Listens for Ctrl-C on a thread of its own. Where that cannot be had, Ctrl-C ends the process as ever, and nothing but
/// the last seconds are lost.
pub fn listen() -> Interrupted {
    let interrupted = Interrupted(Arc::default());
    let told = interrupted.clone();
    std::thread::spawn(move || {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
        runtime.block_on(async {
            if tokio::signal::ctrl_c().await.is_err() {
                return;
            }
            told.0.store(true, Ordering::Relaxed);
            eprintln!("interregnum: ending after the runs under way; once more ends at once");
            if tokio::signal::ctrl_c().await.is_ok() {
                std::process::exit(ENDED_BY_INTERRUPT);
            }
        });
    });
    interrupted
}
