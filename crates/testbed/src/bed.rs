//! The bed of a run: the world, with what a scenario needs to put its nodes into it.

use std::future::Future;
use std::net::SocketAddr;

use history::NodeName;
use host::sim::World;

use crate::parameters::Parameters;
use crate::roles::Roles;

/// The port of the coordination service.
pub const SERVICE_PORT: u16 = 2181;

/// Where a scenario is built.
#[derive(Clone)]
pub struct Bed {
    world: World,
    parameters: Parameters,
    roles: Roles,
}

impl Bed {
    pub(crate) fn new(world: World, parameters: Parameters, roles: Roles) -> Bed {
        Bed { world, parameters, roles }
    }

    /// The world.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// The parameters of this run.
    pub fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    /// Who is who.
    pub fn roles(&self) -> &Roles {
        &self.roles
    }

    /// Adds a node and starts its program, which is called again at every later start.
    pub fn add_node<F, Fut>(&self, name: &str, program: F) -> NodeName
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = ()> + 'static,
    {
        self.world.add_node(name, program)
    }

    /// How clients find the service: `zk1:2181,zk2:2181,…`.
    pub fn connect_string(&self) -> String {
        let servers = self.roles.servers.iter().map(|server| format!("{server}:{SERVICE_PORT}"));
        servers.collect::<Vec<_>>().join(",")
    }

    /// The address a server listens on: every one of its machine.
    pub fn listen_address() -> SocketAddr {
        SocketAddr::from(([0, 0, 0, 0], SERVICE_PORT))
    }
}
