//! Atomic broadcast as Apache ZooKeeper does it: leader election, discovery, synchronisation, broadcast.
//!
//! A [`Peer`] is a pure state machine. The shell around it carries messages, writes the disk and applies what is
//! delivered; it tells the peer what happened with an [`Input`] and carries out, in order, the [`Effect`]s it gets back:
//!
//! ```
//! # use interregnum_zab as zab;
//! use zab::{Config, Durable, Effects, Input, Moment, Peer, ServerId};
//!
//! let config = Config::new(ServerId(1), [ServerId(1), ServerId(2), ServerId(3)]);
//! let mut effects = Effects::default();
//! let mut peer = Peer::new(config, Durable::first_boot(), Moment::ZERO, &mut effects);
//! peer.step(Moment::ZERO, Input::PeerConnected(ServerId(2)), &mut effects);
//! for effect in effects.drain() {
//!     // Send the message, write the disk, apply the transaction, set the timer …
//!     let _ = effect;
//! }
//! ```
//!
//! # What the shell promises
//!
//! - *Connections*. Between two servers there is at most one connection, first in first out. Whatever was sent over a
//!   connection is lost with it at the latest: after [`Input::PeerLost`] nothing of it arrives any more, and
//!   [`Input::PeerConnected`] comes before the first message of the next one. Messages to a server that is not connected
//!   may be dropped.
//! - *Disk*. [`Persist`] operations are carried out in their order, in the background if the shell likes. After
//!   [`Persist::Sync`] with a token, and not before everything ahead of it would survive the loss of power, it says
//!   [`Input::Persisted`] with that token; one answer may stand for all earlier tokens, so that one fsync serves many.
//!   Between two `Sync`s the peer relies on no order between the log and the two epochs.
//! - *Application*. [`Effect::Deliver`] and [`Effect::Restore`] are applied in order. The application's state is what has
//!   been delivered, no more: at recovery it is the last snapshot, and the logged transactions above it are delivered
//!   once the ensemble has decided that they are committed. (ZooKeeper applies its whole log at once, and has to reload
//!   when the ensemble decides otherwise.)
//! - *Time*. [`Moment`]s come from one monotonic clock and never go back. [`Input::Timer`] may come late, or too often.
//!
//! # What it refuses to do
//!
//! No reconfiguration, no weights or groups (a quorum is a majority), no read-only mode, no authentication. It knows
//! nothing of sessions or znodes: payloads are opaque, and what the servers have to say to each other about clients
//! travels as [`Packet::Application`], in the same order as proposals and commits.

mod config;
mod durable;
mod effects;
mod election;
mod history;
mod input;
mod message;
mod moment;
mod mutant;
mod peer;
mod quorum;
mod trace;
mod wire;
mod zxid;

#[cfg(test)]
mod simulation;

pub use config::Config;
pub use durable::{Durable, Proposal};
pub use effects::{Effect, Effects, Persist, Refusal, Role};
pub use input::Input;
pub use message::{Activity, Message, Notification, Packet, Vote};
pub use moment::Moment;
#[cfg(feature = "zoo")]
pub use mutant::Mutant;
pub use peer::Peer;
pub use trace::{Resignation, SyncKind, TraceEvent};
pub use wire::{DecodeError, VERSION};
pub use zxid::{Epoch, ServerId, Zxid};
