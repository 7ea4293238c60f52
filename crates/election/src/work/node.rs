//! A node that works and wants to lead: worker, member of the registry, and candidate at once.
//!
//! When it is elected it distributes tasks, to itself too; when it is deposed it goes on as a regular worker, which it has
//! never ceased to be.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use client::Config;

use super::board::Board;
use super::leader::{Ended, lead};
use super::worker;
use crate::candidate::AWAY;
use crate::mutant::Planted;
use crate::registry::Registry;
use crate::standing::Strategy;

/// What a node starts from.
#[derive(Clone)]
pub struct Options {
    /// How to elect.
    pub strategy: Arc<dyn Strategy>,
    /// Where the coordination service is, such as `zk1:2181,zk2:2181`.
    pub servers: String,
    /// The session timeout to ask for.
    pub session_timeout: Duration,
    /// Where tasks come in and are recorded.
    pub board: Board,
    /// Where workers are found.
    pub registry: Registry,
    /// How to work.
    pub worker: worker::Options,
    /// How long a leader waits for a worker's answer, connecting included.
    pub patience: Duration,
    pub(super) planted: Planted,
}

impl Options {
    /// The usual node: it listens on this port of all its addresses, keeps the highest term in this directory, asks for six
    /// seconds of session timeout, and waits two seconds for a worker.
    #[must_use]
    pub fn new(strategy: Arc<dyn Strategy>, servers: &str, port: u16, directory: &Path) -> Options {
        Options {
            strategy,
            servers: servers.to_owned(),
            session_timeout: Duration::from_secs(6),
            board: Board::new("/work"),
            registry: Registry::new("/workers"),
            worker: worker::Options::new(SocketAddr::from(([0, 0, 0, 0], port)), directory),
            patience: Duration::from_secs(2),
            planted: Planted::default(),
        }
    }

    /// Asks for this session timeout.
    #[must_use]
    pub fn with_session_timeout(mut self, timeout: Duration) -> Options {
        self.session_timeout = timeout;
        self
    }

    /// The same with a planted bug, in its work: a strategy has its own.
    #[cfg(feature = "zoo")]
    #[must_use]
    pub fn with_mutant(mut self, mutant: crate::Mutant) -> Options {
        self.planted = Planted::new(Some(mutant));
        self.worker.planted = self.planted;
        self
    }
}

/// Works, and wants to lead, until the disk fails.
///
/// # Errors
/// Always, in the end: what the disk or the network reported, or that the connect string is none.
pub async fn run(options: Options) -> io::Result<std::convert::Infallible> {
    let invalid = |error| io::Error::new(io::ErrorKind::InvalidInput, error);
    let config = Config::new(&options.servers).map_err(invalid)?.with_session_timeout(options.session_timeout);
    tokio::select! {
        biased;
        end = worker::run(options.worker.clone()) => end,
        never = stand(&options, &config) => match never {},
    }
}

/// Is a member and a candidate for ever.
async fn stand(options: &Options, config: &Config) -> std::convert::Infallible {
    let address = format!("{}:{}", host::node_name(), options.worker.address.port());
    let mut membership = options.registry.join(config.clone(), &address);
    loop {
        let mut participation = options.strategy.take_part(config.clone());
        while let Some(reign) = participation.elected().await {
            match lead(options, &reign, &mut participation, &mut membership, config.clone()).await {
                Ended::Deposed => {}
                Ended::Superseded(highest) => {
                    tracing::debug!(term = %reign.term(), %highest, "a worker knows a newer leader");
                    host::tell_sometimes("stepped down because a worker had seen a newer term");
                    break;
                }
            }
        }
        participation.resign().await;
        host::sleep(AWAY).await;
    }
}
