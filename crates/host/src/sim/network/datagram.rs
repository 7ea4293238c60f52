//! Datagrams: sent once, and then out of anybody's hands.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use history::{NetworkEvent, Time};

use super::state::Shared;
use crate::sim::core::{Core, NodeIndex};

/// The largest datagram UDP over IPv4 carries.
const LENGTH_LIMIT: usize = 65_507;
/// How many bytes wait for a process that does not read them; what comes on top is lost (Linux: `rmem_default`).
const MAILBOX_LIMIT: usize = 212_992;

/// What a kernel knows of a datagram socket.
pub(super) struct Mailbox {
    identity: u64,
    private: bool,
    /// By arrival, then in the order of sending.
    arrivals: BTreeMap<(Time, u64), Datagram>,
    buffered: usize,
    pub(super) waker: Option<Waker>,
}

struct Datagram {
    from: NodeIndex,
    source: SocketAddr,
    bytes: Bytes,
}

impl Mailbox {
    /// The link is cut: what is in the air is lost.
    pub(super) fn lose_unarrived(&mut self, from: NodeIndex, now: Time) {
        let arrivals = &mut self.arrivals;
        let buffered = &mut self.buffered;
        arrivals.retain(|(due, _), datagram| {
            let kept = datagram.from != from || *due <= now;
            *buffered -= if kept { 0 } else { datagram.bytes.len() };
            kept
        });
    }
}

/// A datagram socket. One task at a time receives.
pub struct UdpSocket {
    shared: Arc<Shared>,
    node: NodeIndex,
    address: SocketAddr,
    identity: u64,
}

impl UdpSocket {
    /// Opens a socket on a free port.
    pub(super) fn open(shared: &Arc<Shared>, node: NodeIndex, address: SocketAddr) -> io::Result<UdpSocket> {
        let state = &mut *shared.lock();
        let identity = state.identity();
        let host = state.host(node);
        let port = match address.port() {
            0 => host.free_port().ok_or(io::ErrorKind::AddrInUse)?,
            port => port,
        };
        if host.mailboxes.contains_key(&port) {
            return Err(io::ErrorKind::AddrInUse.into());
        }
        let private = address.ip().is_loopback();
        host.mailboxes.insert(port, Mailbox { identity, private, arrivals: BTreeMap::new(), buffered: 0, waker: None });
        let address = SocketAddr::new(address.ip(), port);
        Ok(UdpSocket { shared: shared.clone(), node, address, identity })
    }

    pub(crate) fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }

    #[expect(clippy::unused_async, reason = "the real machine's is one that waits")]
    pub(crate) async fn send_to(&self, bytes: &[u8], target: SocketAddr) -> io::Result<usize> {
        if bytes.len() > LENGTH_LIMIT {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let state = &mut *self.shared.lock();
        let now = state.medium.now();
        let Some(to) = state.medium.core().at_address(target.ip(), self.node) else { return Ok(bytes.len()) };
        let from = self.node;
        let Some(arrival) = state.medium.transit_once(from, to, now, bytes.len()) else { return Ok(bytes.len()) };
        let (arrival, double) = state.medium.mistreat(from, to, arrival);
        let source_ip = if target.ip().is_loopback() { target.ip() } else { Core::address(from) };
        let source = SocketAddr::new(source_ip, self.address.port());
        let bytes = Bytes::copy_from_slice(bytes);
        for due in [Some(arrival), double].into_iter().flatten() {
            let identity = state.identity();
            let mailbox = state.hosts[to.position()].mailboxes.get_mut(&target.port());
            let Some(mailbox) = mailbox.filter(|mailbox| !mailbox.private || from == to) else { break };
            if mailbox.buffered + bytes.len() > MAILBOX_LIMIT {
                continue;
            }
            mailbox.buffered += bytes.len();
            mailbox.arrivals.insert((due, identity), Datagram { from, source, bytes: bytes.clone() });
            if let Some(waker) = &mailbox.waker {
                state.medium.wake_at(due, waker);
            }
        }
        Ok(bytes.len())
    }

    pub(crate) async fn recv_from(&self, buffer: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        poll_fn(|context| self.poll_receive(context, buffer)).await
    }

    fn poll_receive(&self, context: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<(usize, SocketAddr)>> {
        let state = &mut *self.shared.lock();
        let now = state.medium.now();
        let mailbox = state.hosts[self.node.position()].mailboxes.get_mut(&self.address.port());
        let Some(mailbox) = mailbox.filter(|mailbox| mailbox.identity == self.identity) else {
            return Poll::Ready(Err(io::ErrorKind::NotConnected.into()));
        };
        match mailbox.arrivals.first_entry() {
            Some(first) if first.key().0 <= now => {
                let Datagram { from, source, bytes } = first.remove();
                mailbox.buffered -= bytes.len();
                mailbox.waker = None;
                let length = bytes.len().min(buffer.len());
                buffer[..length].copy_from_slice(&bytes[..length]);
                let event = NetworkEvent::Delivered { from: state.medium.name(from), bytes: length as u32 };
                state.medium.tell(Some(self.node), event);
                return Poll::Ready(Ok((length, source)));
            }
            Some(first) => state.medium.wake_at(first.key().0, context.waker()),
            None => {}
        }
        mailbox.waker = Some(context.waker().clone());
        Poll::Pending
    }
}

impl Drop for UdpSocket {
    fn drop(&mut self) {
        let state = &mut *self.shared.lock();
        let port = self.address.port();
        let mailboxes = &mut state.host(self.node).mailboxes;
        if mailboxes.get(&port).is_some_and(|mailbox| mailbox.identity == self.identity) {
            mailboxes.remove(&port);
        }
    }
}
