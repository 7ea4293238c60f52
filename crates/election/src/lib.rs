//! Leader election strategies, fencing, and the fenced resource.
//!
//! A [`Strategy`] elects; its user follows a [`Participation`] and, while it leads, holds a [`Reign`] with the fencing
//! token. A [`resource`] checks the tokens. A [`candidate`] puts them together: it is what a node runs that wants to
//! lead.
//!
//! | strategy | how | belief | effect | order |
//! |---|---|---|---|---|
//! | [`docs`] | ephemeral sequential znodes, the first leads | unless pause | always | always |
//! | [`hadoop`] | an ephemeral lock and a breadcrumb; the old active is fenced off first | without faults | unless its own past is under way | without faults |
//! | [`hbase`] | one ephemeral znode, deleted if it bears the own address | without faults | without faults | without faults |
//! | [`kafka`] | an ephemeral znode and an epoch, made in one multi; acts are guarded | without faults | always | without faults |
//! | [`lease`] | a znode with an end on the wall clock | unless pause, clock | always | unless clock |
//!
//! What this crate refuses: to know of the monitors. What happens is told through `host`; who judges it is another
//! matter. What a strategy promises is data ([`Promise`]).

mod ancestry;
pub mod candidate;
pub mod docs;
pub mod hadoop;
pub mod hbase;
pub mod kafka;
pub mod lease;
mod ledger;
mod mutant;
mod promise;
pub mod protocol;
pub mod resource;
mod standing;
pub mod support;

pub use docs::Docs;
pub use hadoop::Hadoop;
pub use hbase::Hbase;
pub use kafka::Kafka;
pub use lease::Lease;
#[cfg(feature = "zoo")]
pub use mutant::Mutant;
pub use promise::{Holds, Promise};
pub use standing::{Guard, Participation, Reign, Standing, Strategy};
pub use support::Support;
