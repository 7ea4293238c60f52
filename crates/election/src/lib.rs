//! Leader election strategies, fencing, and the fenced resource.
//!
//! A [`Strategy`] elects; its user follows a [`Participation`] and, while it leads, holds a [`Reign`] with the fencing
//! token. A [`resource`] checks the tokens. A [`candidate`] puts them together: it is what a node runs that wants to
//! lead.
//!
//! | strategy | how | belief | effect, by the token | order | failover |
//! |---|---|---|---|---|---|
//! | [`docs`] | ephemeral sequential znodes, the first leads | unless pause | always | always | always |
//! | [`support`] | the same, as it comes with ZooKeeper | without faults | always | without faults | without faults |
//! | [`latch`] | the same, as Curator does it | unless pause, by the standard policy | always | unless pause | if no reply is lost |
//! | [`selector`] | Curator's mutex, held while one leads | unless pause, by the standard policy | always | unless pause | if no reply is lost |
//! | [`kazoo`] | kazoo's lock, held while one leads | without faults | always | without faults | if no reply is lost |
//! | [`multilock`] | a mutex that every act checks | without faults | always | unless pause | always |
//! | [`hbase`] | one ephemeral znode, deleted if it bears the own address | without faults | without faults | without faults | always |
//! | [`kafka`] | an ephemeral znode and an epoch, made in one multi; acts are guarded | without faults | always | without faults | always |
//! | [`hadoop`] | an ephemeral lock and a breadcrumb; the old active is fenced off first | without faults | unless its own past is under way | without faults | see there |
//! | [`lease`] | a znode with an end on the wall clock | unless pause, clock | always | unless clock | always |
//!
//! All of it holds where every answer speaks for the service; what is left where followers may outlast sessions says
//! [`Strategy::promise_with_followers`]. Beneath most of them lies the same shape: [`protocol`].
//!
//! What leaders and workers need besides: a [`registry`] of who is there, and [`work`] that is distributed under a term.
//!
//! What this crate refuses: to know of the monitors. What happens is told through `host`; who judges it is another
//! matter. What a strategy promises is data ([`Promise`]).

mod ancestry;
pub mod candidate;
pub mod curator;
pub mod docs;
pub mod hadoop;
pub mod hbase;
pub mod kafka;
pub mod kazoo;
pub mod latch;
pub mod lease;
mod ledger;
pub mod multilock;
mod mutant;
mod mutex;
mod promise;
pub mod protocol;
pub mod registry;
pub mod resource;
pub mod selector;
mod standing;
pub mod support;
pub mod work;

pub use curator::ErrorPolicy;
pub use docs::Docs;
pub use hadoop::Hadoop;
pub use hbase::Hbase;
pub use kafka::Kafka;
pub use kazoo::Kazoo;
pub use latch::Latch;
pub use lease::Lease;
pub use multilock::Multilock;
#[cfg(feature = "zoo")]
pub use mutant::Mutant;
pub use promise::{Holds, Promise};
pub use selector::Selector;
pub use standing::{Guard, Participation, Reign, Standing, Strategy};
pub use support::Support;
