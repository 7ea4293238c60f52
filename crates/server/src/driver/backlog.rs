//! What waits to be written to a client, and when that is too much.
//!
//! Shared by the three who have to do with it: the core adds and decides, the writer takes away, the reader waits. A core
//! that has decided to keep a client's requests back is told by the writer, once, when the client has caught up.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tokio::sync::Notify;

use crate::output::OutputLimits;

/// When very much waits in all, each client may have this part of what it may have otherwise.
const TIGHT: usize = 16;

/// What waits for all clients, in bytes.
pub(super) type InAll = Arc<AtomicUsize>;

/// What waits for one client, in bytes.
pub(super) struct Backlog {
    limits: OutputLimits,
    waiting: AtomicUsize,
    in_all: InAll,
    /// Whether requests are kept back, so that no more are to be read.
    is_held: AtomicBool,
    /// Whether the core is to be told when the client has caught up.
    is_awaited: AtomicBool,
    released: Notify,
}

impl Backlog {
    pub(super) fn new(limits: OutputLimits, in_all: InAll) -> Backlog {
        Backlog {
            limits,
            waiting: AtomicUsize::new(0),
            in_all,
            is_held: AtomicBool::new(false),
            is_awaited: AtomicBool::new(false),
            released: Notify::new(),
        }
    }

    /// How much waits.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.load(Ordering::SeqCst)
    }

    /// So much more is to be written. Tells whether that is bearable.
    pub(super) fn add(&self, bytes: usize) -> bool {
        self.in_all.fetch_add(bytes, Ordering::SeqCst);
        self.waiting.fetch_add(bytes, Ordering::SeqCst) + bytes <= self.limits.limit
    }

    /// So much is written. Tells whether the core awaits that word.
    pub(super) fn take(&self, bytes: usize) -> bool {
        let taken = self.waiting.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |waiting| waiting.checked_sub(bytes));
        if taken.is_ok() {
            self.in_all.fetch_sub(bytes, Ordering::SeqCst);
        }
        self.is_awaited.load(Ordering::SeqCst) && self.has_caught_up() && self.is_awaited.swap(false, Ordering::SeqCst)
    }

    /// How many bytes of answers there is room for; none, if there is none.
    pub(super) fn room(&self) -> Option<usize> {
        self.allowance().checked_sub(self.waiting())
    }

    /// Keeps back what the client asks for from now on. Tells whether it is so: the client may have caught up meanwhile.
    pub(super) fn hold(&self) -> bool {
        self.is_held.store(true, Ordering::SeqCst);
        self.is_awaited.store(true, Ordering::SeqCst);
        // Whoever takes the word back is the one who acts on it: either the writer, or here.
        if self.has_caught_up() && self.is_awaited.swap(false, Ordering::SeqCst) {
            self.release();
            return false;
        }
        true
    }

    /// Lets the client go on.
    pub(super) fn release(&self) {
        self.is_held.store(false, Ordering::SeqCst);
        self.released.notify_one();
    }

    /// Waits until the client's requests are wanted.
    pub(super) async fn released(&self) {
        while self.is_held.load(Ordering::SeqCst) {
            self.released.notified().await;
        }
    }

    /// What waits will not be written any more.
    pub(super) fn write_off(&self) {
        self.in_all.fetch_sub(self.waiting.swap(0, Ordering::SeqCst), Ordering::SeqCst);
    }

    fn has_caught_up(&self) -> bool {
        self.waiting() <= self.allowance() / 2
    }

    fn allowance(&self) -> usize {
        let is_tight = self.in_all.load(Ordering::SeqCst) > self.limits.pause_in_all;
        if is_tight { self.limits.pause / TIGHT } else { self.limits.pause }
    }
}

impl Drop for Backlog {
    fn drop(&mut self) {
        self.write_off();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn backlogs() -> (InAll, [Backlog; 2]) {
        let in_all = InAll::default();
        let limits = OutputLimits { pause: 160, limit: 1000, pause_in_all: 300, limit_in_all: 2000 };
        let backlogs = [(); 2].map(|()| Backlog::new(limits, in_all.clone()));
        (in_all, backlogs)
    }

    #[test]
    fn who_reads_too_little_is_held_up_and_let_go_when_half_is_taken() {
        let (_, [backlog, _]) = backlogs();
        assert!(backlog.add(160));
        assert_eq!(backlog.room(), Some(0));
        assert!(backlog.add(1));
        assert_eq!(backlog.room(), None);
        assert!(backlog.hold());
        assert!(!backlog.take(80), "81 of 160 wait");
        assert!(backlog.take(1), "80 of 160 wait");
        assert!(!backlog.take(80), "the word is given once");
    }

    #[test]
    fn who_has_caught_up_meanwhile_is_not_held_up() {
        let (_, [backlog, _]) = backlogs();
        assert!(!backlog.hold());
        assert!(!backlog.take(0), "nobody waits for a word");
    }

    #[test]
    fn beyond_its_limit_it_is_unbearable() {
        let (_, [backlog, _]) = backlogs();
        assert!(backlog.add(1000));
        assert!(!backlog.add(1));
    }

    #[test]
    fn when_much_waits_in_all_each_may_have_less() {
        let (in_all, [backlog, other]) = backlogs();
        assert!(other.add(301));
        assert_eq!(backlog.room(), Some(10));
        assert!(backlog.add(11));
        assert_eq!(backlog.room(), None);
        drop(other);
        assert_eq!((in_all.load(Ordering::SeqCst), backlog.room()), (11, Some(149)));
    }

    #[test]
    fn what_is_written_off_is_not_taken_away_twice() {
        let (in_all, [backlog, other]) = backlogs();
        assert!(backlog.add(100) && other.add(7));
        backlog.write_off();
        backlog.take(100);
        drop(backlog);
        assert_eq!(in_all.load(Ordering::SeqCst), 7);
    }
}
