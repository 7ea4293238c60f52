//! A tap on the connections of a guest: it is shown all bytes that pass, in their order, and changes nothing.
//!
//! It is for monitors of clients that do not tell by themselves what they see: whoever knows their protocol reads it off the
//! wire.

use std::cell::RefCell;
use std::sync::Arc;

/// What is shown what passes over one connection. Dropped with it.
pub trait Tap: Send + Sync {
    /// The guest has sent this.
    fn sent(&mut self, bytes: &[u8]);

    /// This came in, and is about to be handed to the guest; nothing at the end of the stream.
    fn received(&mut self, bytes: &[u8]);
}

/// Makes a tap for each connection.
#[derive(Clone)]
pub(crate) struct Maker(Arc<dyn Fn() -> Box<dyn Tap> + Send + Sync>);

impl Maker {
    pub(crate) fn new(maker: impl Fn() -> Box<dyn Tap> + Send + Sync + 'static) -> Maker {
        Maker(Arc::new(maker))
    }
}

thread_local! {
    static PRESENT: RefCell<Option<Maker>> = const { RefCell::new(None) };
}

/// That of the guest that is running.
pub(crate) fn present() -> Option<Maker> {
    PRESENT.with_borrow(Clone::clone)
}

/// Puts a maker of taps in place, until what is returned is dropped.
pub(crate) fn enter(maker: Option<Maker>) -> Entered {
    Entered(PRESENT.replace(maker))
}

/// A maker is in place.
pub(crate) struct Entered(Option<Maker>);

impl Drop for Entered {
    fn drop(&mut self) {
        PRESENT.set(self.0.take());
    }
}

/// A tap for a connection that the guest which is running has just opened; nothing if it has none, or if nobody runs.
pub fn open() -> Option<Box<dyn Tap>> {
    present().map(|maker| (maker.0)())
}
