//! The story of a run, for people: a page that opens from disk, and the same in a few lines for the terminal.
//!
//! A [`Subject`] says what was run and what came of it; the records that the log kept say what happened. Out of both a
//! [`Story`] is made: what held for how long on each node, the times without a leader, and the events in words. [`page()`]
//! draws it, [`text()`] tells it.
//!
//! What this crate refuses: judging. It repeats what the monitors said, and never finds a violation of its own. And it
//! reads and writes nothing: texts come out, files are the business of whoever asked.

mod distribution;
mod fold;
mod page;
pub mod story;
mod subject;
mod text;

pub use distribution::{Class, Distribution};
pub use page::{page, page_of_times};
pub use story::{Interregnum, Story};
pub use subject::{Fault, Nodes, Subject, Violation};
pub use text::{MOST_LINES, text, text_of_times};
