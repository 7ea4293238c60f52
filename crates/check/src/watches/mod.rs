//! Watches: told before the new data, and not lost.

mod book;
mod lost;
mod order;

pub use lost::WatchLost;
pub use order::WatchOrder;
