//! Links between the nodes, and the connections that run over them.
//!
//! What a link does is what processes on real machines see of TCP and UDP: a cut holds bytes instead of losing them or
//! ending the stream, silence is never a refusal, one deaf direction lets bytes through but no acknowledgement, and a
//! process that died is something else than a machine that did. Congestion control, selective acknowledgements, window
//! probes and keep-alive are not modelled: they move when bytes arrive, by a little, never whether.
//!
//! There is no task per connection and none per message. A segment knows when it is there; whoever waits for it sleeps
//! until then. Only handshakes, which must go on while processes are stalled, are run by a task of the world.

mod connection;
mod datagram;
mod faults;
pub mod groups;
mod handshake;
mod listener;
mod medium;
mod pipe;
mod quality;
mod state;
mod stream;

use std::io::{self, ErrorKind};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use super::core::{Core, NodeIndex};
use connection::Side;
use medium::Medium;
use state::{Host, Shared};

pub use datagram::UdpSocket;
pub use listener::TcpListener;
pub use quality::{Quality, Tcp};
pub use stream::{ReadHalf, TcpStream, WriteHalf};

/// The links between all nodes.
pub struct Network {
    core: Arc<Core>,
    shared: Arc<Shared>,
    /// Runs the handshakes.
    kernel: madsim::task::JoinHandle<()>,
}

impl Network {
    /// A network without nodes. Called inside the run, for it spawns the task that runs the handshakes.
    pub(super) fn new(core: Arc<Core>) -> Network {
        let shared = Arc::new(Shared::new(Medium::new(core.clone())));
        let kernel = madsim::task::spawn(handshake::run_kernel(shared.clone()));
        Network { core, shared, kernel }
    }

    pub(super) fn add_node(&self, node: NodeIndex) {
        let state = &mut *self.shared.lock();
        state.medium.add_node(node);
        state.hosts.push(Host::default());
    }

    /// The process is gone, the kernel is not: it closes everything the process had.
    pub(super) fn process_ended(&self, node: NodeIndex) {
        let state = &mut *self.shared.lock();
        state.abandon_handshakes(node);
        state.drop_sockets(node, true);
        state.for_each_connection(|medium, connection| {
            for side in Side::BOTH {
                if connection.end(side).node == node {
                    connection.close(medium, side);
                }
            }
        });
    }

    /// The machine is gone, without a word to anybody.
    pub(super) fn power_lost(&self, node: NodeIndex) {
        let state = &mut *self.shared.lock();
        state.medium.set_powered(node, false);
        state.abandon_handshakes(node);
        state.drop_sockets(node, false);
        state.for_each_connection(|medium, connection| {
            for side in Side::BOTH {
                if connection.end(side).node == node {
                    connection.lose_power(medium, side);
                }
            }
        });
    }

    /// The machine is back, and remembers nothing: it answers old connections with resets.
    pub(super) fn power_restored(&self, node: NodeIndex) {
        let state = &mut *self.shared.lock();
        debug_assert!(!state.medium.is_powered(node), "power comes back where it was lost");
        state.medium.set_powered(node, true);
        state.for_each_connection(|medium, connection| {
            if Side::BOTH.iter().any(|side| connection.end(*side).node == node) {
                connection.resume(medium);
            }
        });
    }

    /// Ends the task that runs the handshakes.
    pub(super) fn end(&self) {
        self.kernel.abort();
    }

    /// Lets go of everybody who waits, when the run is over: those who wait hold the network, and it holds them.
    pub(super) fn shut_down(&self) {
        let wakers = self.shared.lock().take_wakers();
        // The last waker of a task drops the task, whose streams come back here: not under the lock.
        drop(wakers);
    }

    pub(crate) fn lookup(&self, host_and_port: &str) -> io::Result<Vec<SocketAddr>> {
        if let Ok(address) = host_and_port.parse() {
            return Ok(vec![address]);
        }
        let (host, port) = host_and_port.rsplit_once(':').ok_or(ErrorKind::InvalidInput)?;
        let port = port.parse().map_err(|_| ErrorKind::InvalidInput)?;
        let address = match self.core.find(host) {
            Some(node) => Core::address(node),
            None if host == "localhost" => Core::LOOPBACK,
            None => return Err(io::Error::new(ErrorKind::NotFound, format!("there is no node `{host}`"))),
        };
        Ok(vec![SocketAddr::new(address, port)])
    }

    pub(crate) fn bind(&self, address: SocketAddr) -> io::Result<TcpListener> {
        TcpListener::open(&self.shared, self.owner_of(address.ip())?, address)
    }

    pub(crate) async fn connect(&self, address: SocketAddr) -> io::Result<TcpStream> {
        let from = self.core.current_node().ok_or(ErrorKind::AddrNotAvailable)?;
        handshake::Connect::begin(&self.shared, from, address)?.await
    }

    pub(crate) fn bind_datagrams(&self, address: SocketAddr) -> io::Result<UdpSocket> {
        UdpSocket::open(&self.shared, self.owner_of(address.ip())?, address)
    }

    /// The running node, if the address is one of its own. The supervisor has no machine, hence no address.
    fn owner_of(&self, address: IpAddr) -> io::Result<NodeIndex> {
        let node = self.core.current_node().ok_or(ErrorKind::AddrNotAvailable)?;
        let own = address.is_unspecified() || self.core.at_address(address, node) == Some(node);
        if own { Ok(node) } else { Err(ErrorKind::AddrNotAvailable.into()) }
    }
}
