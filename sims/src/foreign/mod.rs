//! `client/zookeeper-client`: the crate `zookeeper-client` (kezhuw/zookeeper-client-rust, 0.11.2) as it comes from
//! crates.io, on simulated nodes. `docs/unmodified-clients.md` tells how it gets there.
//!
//! On each node it stands for election by its lock recipe, and works on znodes of its own below a chroot: two sessions,
//! checked by the monitors as those of any client are. A tap on its connections tells what it sees (`wire`).
//!
//! # What it promises, where it says so, and what checks it
//!
//! | promise | said at | checked by |
//! |---|---|---|
//! | the lock excludes: while its holder's session lives, nobody else has it | `Client::lock` | `single-leader/belief`, `order` |
//! | writes through the lock are refused once it is lost | `LockClient::set_data`, `create` | `single-leader/effect` |
//! | a wait may be taken back "without fear to dangle lock" | `Client::lock`, cancellation safety | `failover` |
//! | a lock created without an answer is found; the rest is tried again | `Client::lock`, `ConnectionLoss` | `failover` |
//! | requests are sent in the order of the calls | `Client`, notable behaviours | `client/word` |
//! | a state that says connected is | `SessionState::SyncConnected` | `client/word` |
//! | a watch that fires once tells of its znode or of the end of the session, nothing else | `OneshotWatcher::changed` | `client/word`, `watch-order`, `watch-lost` |
//! | a watch that lasts goes on after `SyncConnected`; only what fell in between may be lost | `PersistentWatcher::changed` | `watch-lost`, `watch-order` |
//! | paths are told as seen from the chroot | `Client::chroot` | `client/word` |
//! | a multi is done as a whole, a multi-read sees one moment | `MultiWriter`, `MultiReader` | `client/word` |
//! | reads and writes are ZooKeeper's | `Client` | `linearizable`, `zxid-monotone`, `progress` |
//!
//! What of that holds is what a run is held to by default (`Foreign::promised`); what does not are findings 4 to 7
//! (`docs/findings/zookeeper-client.md`; 5 is a prediction), each of which has a scenario that is held to the promise which it breaks.
//!
//! Not here: TLS, SASL, read-only sessions, `update_ensemble`, and the crate's other features.

mod candidate;
mod desk;
mod multi;
mod scenario;
mod seat;
mod watching;
mod wire;
mod word;
mod worker;

pub use scenario::{CANCELLED_LOCK, LASTING_WATCHES, LOCK_LEFT_BEHIND, STATE_SAYS_CONNECTED, ZOOKEEPER_CLIENT};

/// What a user of the client does wrong, on purpose: what the checks must catch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// A leader leads on until its session is over, whatever the state says in between.
    IgnoresDisconnection,
    /// What is to be written at once is written one after the other.
    WritesOneByOne,
    /// Paths are told as the service calls them.
    ForgetsChroot,
}
