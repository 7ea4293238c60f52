//! The coordination service of a bed, as a test sees it.

use std::time::Duration;

use super::Description;
use crate::bed::SERVICE_PORT;
use crate::bounds;

/// The coordination service of a bed.
#[derive(Clone, Debug)]
pub struct Ensemble {
    servers: Vec<String>,
    failover_bound: Duration,
}

impl Ensemble {
    #[track_caller]
    pub(super) fn new(description: &Description) -> Ensemble {
        let parameters = description.parameters().unwrap_or_else(|error| panic!("{error}"));
        let failover_bound = bounds::of_election(&parameters).failover;
        Ensemble { servers: description.roles().servers, failover_bound }
    }

    /// How clients find it: `zk1:2181,zk2:2181,…`.
    pub fn connect_string(&self) -> String {
        let servers = self.servers.iter().map(|server| format!("{server}:{SERVICE_PORT}"));
        servers.collect::<Vec<_>>().join(",")
    }

    /// The names of its machines.
    pub fn servers(&self) -> &[String] {
        &self.servers
    }

    /// How long an election with sessions may take at worst once nothing goes wrong any more: the servers notice, elect
    /// and synchronise, clients come back, the session of whoever is gone runs out. Follows from tick and session
    /// timeout as they are said by now. Give your own code time on top of it:
    /// `Failover::within(zk.failover_bound() + secs(5))`.
    pub fn failover_bound(&self) -> Duration {
        self.failover_bound
    }
}
