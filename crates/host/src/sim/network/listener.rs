//! Listening sockets, and the kernel's backlog behind each.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use history::Time;

use super::TcpStream;
use super::connection::Side;
use super::state::{Place, Shared, State};
use crate::sim::core::NodeIndex;

/// How many connections a kernel takes for a process that does not accept them (Linux: `somaxconn`).
pub(super) const BACKLOG_LIMIT: usize = 4096;

/// What a kernel knows of a listening socket.
pub(super) struct Listening {
    pub(super) identity: u64,
    /// On loopback only.
    pub(super) private: bool,
    pub(super) backlog: VecDeque<Place>,
    pub(super) waker: Option<Waker>,
}

/// A listening socket. One task at a time accepts.
pub struct TcpListener {
    shared: Arc<Shared>,
    node: NodeIndex,
    address: SocketAddr,
    identity: u64,
}

impl TcpListener {
    /// Opens a socket on a free port.
    pub(super) fn open(shared: &Arc<Shared>, node: NodeIndex, address: SocketAddr) -> io::Result<TcpListener> {
        let state = &mut *shared.lock();
        let identity = state.identity();
        let host = state.host(node);
        let port = match address.port() {
            0 => host.free_port().ok_or(io::ErrorKind::AddrInUse)?,
            port => port,
        };
        if host.listening.contains_key(&port) {
            return Err(io::ErrorKind::AddrInUse.into());
        }
        let private = address.ip().is_loopback();
        host.listening.insert(port, Listening { identity, private, backlog: VecDeque::new(), waker: None });
        let address = SocketAddr::new(address.ip(), port);
        Ok(TcpListener { shared: shared.clone(), node, address, identity })
    }

    pub(crate) fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }

    pub(crate) async fn accept(&self) -> io::Result<(TcpStream, SocketAddr)> {
        poll_fn(|context| self.poll_accept(context)).await
    }

    fn poll_accept(&self, context: &mut Context<'_>) -> Poll<io::Result<(TcpStream, SocketAddr)>> {
        let state = &mut *self.shared.lock();
        let now = state.medium.now();
        let State { medium, hosts, connections, .. } = state;
        let listening = hosts[self.node.position()].listening.get_mut(&self.address.port());
        let Some(listening) = listening.filter(|listening| listening.identity == self.identity) else {
            return Poll::Ready(Err(io::ErrorKind::NotConnected.into()));
        };
        listening.backlog.retain(|place| {
            let awaited = connections.get(*place).established_at().is_some();
            if !awaited {
                connections.release(*place);
            }
            awaited
        });
        let places = listening.backlog.iter().enumerate();
        let first = places.filter_map(|(index, place)| Some((connections.get(*place).established_at()?, index))).min();
        match first {
            Some((at, index)) if at <= now => {
                let place = listening.backlog.remove(index).expect("the index was just found");
                // The backlog's hold becomes that of one half.
                connections.hold(place);
                let connection = connections.get(place);
                connection.accept();
                let peer = connection.end(Side::Connector).address;
                return Poll::Ready(Ok((TcpStream::new(&self.shared, place, Side::Acceptor), peer)));
            }
            Some((at, _)) if at != Time::NEVER => medium.wake_at(at, context.waker()),
            _ => {}
        }
        listening.waker = Some(context.waker().clone());
        Poll::Pending
    }
}

impl Drop for TcpListener {
    fn drop(&mut self) {
        let state = &mut *self.shared.lock();
        let port = self.address.port();
        let listening = &mut state.host(self.node).listening;
        if listening.get(&port).is_some_and(|listening| listening.identity == self.identity) {
            let listening = listening.remove(&port).expect("it was just there");
            state.drop_backlog(listening, true);
        }
    }
}
