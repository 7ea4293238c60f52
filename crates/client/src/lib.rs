//! The session client of the coordination service: a pure session core and its asynchronous face.
//!
//! [`Client`] is the face: calls that end with a result or a typed [`Error`], watches, the states of the session.
//! [`session`] is the core: a state machine without I/O. Between them a driver carries bytes. All three run on
//! `host`: inside the simulation and on the real machine, against this project's server and against Apache ZooKeeper.
//!
//! Three things here are rarely found elsewhere, and elections need them:
//! - [`Error::outcome`] says whether the write behind a failed call may have happened.
//! - [`Client::trusted_until`] says, at any moment and without waiting for anybody, until when the session was surely
//!   alive at the service. It is counted from the *sending* of the last answered request ([`session::Timing`]).
//! - The order of requests is the order in which the methods were called, not the order of the first polls.
//!
//! A client is one session. When that has expired, the client is of no more use; nothing here opens another session
//! behind its user's back, for whatever belonged to the old one is gone.
//!
//! ```no_run
//! # use interregnum_client as client;
//! use client::{Client, Config};
//! use proto::CreateMode;
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let client = Client::connect(Config::new("a:2181,b:2181/app")?);
//! let candidate = client.create("/candidate-", "me", CreateMode::EphemeralSequential).await?;
//! let (_, stat, mut watcher) = client.get_and_watch_data(&candidate.path).await?;
//! assert_eq!(stat.czxid, candidate.stat.czxid);
//! match (&mut watcher).await {
//!     Ok(event) => println!("{} happened to {}", event.event_type, event.path),
//!     Err(ended) => println!("no news any more: {ended}"),
//! }
//! client.close().await?;
//! # Ok(())
//! # }
//! ```

mod chroot;
mod client;
mod config;
mod connect_string;
mod driver;
mod error;
mod mutant;
mod profile;
pub mod session;
mod state;
mod trust;
mod watcher;

pub use chroot::Chroot;
pub use client::{Call, Client, CreateOptions, Created, Multi, MultiOutcome, MultiRead, ReadOutcome, SessionEvents};
pub use config::Config;
pub use connect_string::{ConnectString, ConnectStringError};
pub use error::{Credentials, Error, Outcome, WatchEnded};
#[cfg(feature = "zoo")]
pub use mutant::Mutant;
pub use profile::{Profile, TrustSince};
pub use proto::{Acl, CreateMode, ErrorCode, EventType, Permissions, SessionId, Stat, WatchMode, WatcherType, Zxid};
pub use session::{Timing, WatchedEvent};
pub use state::SessionState;
pub use watcher::{PersistentWatcher, WatchNews, Watcher};
