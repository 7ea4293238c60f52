//! The coordination service: znode tree, sessions, watches, access control, storage.
//!
//! A server is a pure core, the [`Replica`], in a thin shell, the [`Server`], which does the I/O on `host`: the same
//! server runs inside a simulation and on a real port. It stands alone, or is a member of an ensemble: then the replica
//! lies on the atomic broadcast of `zab`. What it does is what Apache ZooKeeper 3.8 does; each rule names the source file
//! or issue it comes from.
//!
//! A port for TLS comes with the feature `tls`, and on real machines only.
//!
//! Not here: SASL, the admin server, TLS between servers, local sessions, reconfiguration of an ensemble. Real ZooKeeper servers cannot be
//! members of one: what servers say to each other is this project's own.
//!
//! ```no_run
//! # use interregnum_server as server;
//! # async fn example() -> Result<(), server::Error> {
//! let mut config = server::Config::default();
//! config.listen = "127.0.0.1:0".parse().expect("an address");
//! let server = server::Server::bind(config).await?;
//! println!("listening on {}", server.address());
//! server.run().await
//! # }
//! ```

pub mod access;
mod config;
mod database;
mod driver;
mod ensemble;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod mutant;
mod output;
mod owner;
mod prepare;
mod replica;
mod secure;
mod sessions;
#[cfg(any(test, feature = "fuzzing"))]
mod sound;
mod storage;
mod transaction;
mod tree;
mod watches;

pub use config::{Config, Ensemble, Member};
pub use database::{Database, Outcome};
pub use driver::{Error, Server};
#[cfg(feature = "zoo")]
pub use mutant::Mutant;
pub use output::OutputLimits;
pub use owner::Owner;
pub use replica::{Clocks, ConnectionId, Effects, Entrance, Input, Output, Outward, Replica, Standing};
pub use secure::{ClientCertificates, Secure};
pub use sessions::identity;
pub use storage::StorageError;
pub use storage::epochs::initialize;
pub use transaction::{Acls, Change, Create, Ticket, Transaction};
pub use tree::{Mutation, Tree, Znode};
