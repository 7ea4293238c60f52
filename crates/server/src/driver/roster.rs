//! The open connections: their tasks, what waits to be written, and how many an address has.

use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use host::Instant;
use host::net::TcpStream;
use indexmap::IndexMap;
use tokio::sync::mpsc;

use super::tls::Acceptor;
use super::{Message, Task, connection};
use crate::config::Config;
use crate::replica::ConnectionId;

/// How long a closed connection may take to get rid of its last bytes.
const DRAIN: Duration = Duration::from_secs(10);

/// The open connections.
pub(super) struct Roster {
    config: Arc<Config>,
    acceptor: Option<Arc<Acceptor>>,
    inbox: mpsc::Sender<Message>,
    connections: IndexMap<ConnectionId, Seat>,
    per_address: BTreeMap<IpAddr, usize>,
    /// Closed, but with bytes still to write, by the time at which patience ends.
    draining: VecDeque<(Instant, Task)>,
    next: u64,
}

/// What belongs to one connection.
struct Seat {
    peer: SocketAddr,
    outgoing: mpsc::UnboundedSender<Bytes>,
    /// How many bytes are handed to the writer and not written.
    waiting: Arc<AtomicUsize>,
    /// With TLS the writer reads, too.
    reader: Option<Task>,
    writer: Task,
}

impl Roster {
    pub(super) fn new(config: Arc<Config>, acceptor: Option<Arc<Acceptor>>, inbox: mpsc::Sender<Message>) -> Roster {
        Roster {
            config,
            acceptor,
            inbox,
            connections: IndexMap::new(),
            per_address: BTreeMap::new(),
            draining: VecDeque::new(),
            next: 1,
        }
    }

    /// Starts the tasks of a connection, if there is room for it; else the stream is dropped, which closes it.
    pub(super) fn seat(&mut self, stream: TcpStream, peer: SocketAddr) -> Option<ConnectionId> {
        let id = self.admit(peer)?;
        let (read_half, write_half) = stream.into_split();
        let (outgoing, to_write) = mpsc::unbounded_channel();
        let waiting = Arc::new(AtomicUsize::new(0));
        let Config { frame_limit, handshake_timeout, .. } = *self.config;
        let reader = connection::read(id, read_half, frame_limit, handshake_timeout, self.inbox.clone());
        let writer = connection::write(id, write_half, to_write, waiting.clone(), self.inbox.clone());
        let reader = Some(Task(host::spawn(reader)));
        let seat = Seat { peer, outgoing, waiting, reader, writer: Task(host::spawn(writer)) };
        self.connections.insert(id, seat);
        Some(id)
    }

    /// The same for a connection that is to shake hands first: it takes up room meanwhile, and tells when it is through.
    pub(super) fn seat_secure(&mut self, stream: TcpStream, peer: SocketAddr) {
        let Some(acceptor) = self.acceptor.clone() else { return };
        let Some(id) = self.admit(peer) else { return };
        let (outgoing, to_write) = mpsc::unbounded_channel();
        let waiting = Arc::new(AtomicUsize::new(0));
        let limits = (self.config.frame_limit, self.config.handshake_timeout);
        let handed = (to_write, waiting.clone());
        let task = connection::secure(id, acceptor, stream, limits, handed, self.inbox.clone());
        let seat = Seat { peer, outgoing, waiting, reader: None, writer: Task(host::spawn(task)) };
        self.connections.insert(id, seat);
    }

    /// Whether a connection came at the port for TLS.
    pub(super) fn is_secure(&self, id: ConnectionId) -> bool {
        self.connections.get(&id).is_some_and(|seat| seat.reader.is_none())
    }

    /// Who is at the other end of a connection, if there is one.
    pub(super) fn peer(&self, id: ConnectionId) -> Option<SocketAddr> {
        self.connections.get(&id).map(|seat| seat.peer)
    }

    /// A name for one more connection, if there is room for it.
    fn admit(&mut self, peer: SocketAddr) -> Option<ConnectionId> {
        let held = self.per_address.get(&peer.ip()).copied().unwrap_or(0);
        let is_full = |limit: usize, held: usize| limit > 0 && held >= limit;
        if is_full(self.config.connections_per_address, held)
            || is_full(self.config.connections_total, self.connections.len())
        {
            tracing::debug!(%peer, "too many connections");
            host::tell_sometimes("a connection was refused for want of room");
            return None;
        }
        let id = ConnectionId(self.next);
        self.next += 1;
        *self.per_address.entry(peer.ip()).or_default() += 1;
        Some(id)
    }

    /// Hands bytes to a connection's writer. Tells whether the client keeps up.
    #[must_use]
    pub(super) fn send(&mut self, id: ConnectionId, bytes: Bytes) -> bool {
        let Some(seat) = self.connections.get(&id) else { return true };
        if bytes.is_empty() {
            return true;
        }
        let waiting = seat.waiting.fetch_add(bytes.len(), Ordering::Relaxed) + bytes.len();
        // A writer that failed has told so itself.
        let _ = seat.outgoing.send(bytes);
        waiting <= self.config.output_limit
    }

    /// Ends a connection once what was handed to it is written.
    pub(super) fn close(&mut self, now: Instant, id: ConnectionId) {
        if let Some(seat) = self.leave(id) {
            self.draining.push_back((now + DRAIN, seat.writer));
        }
    }

    /// Ends a connection at once. Tells whether there was one.
    pub(super) fn drop_now(&mut self, id: ConnectionId) -> bool {
        self.leave(id).is_some()
    }

    fn leave(&mut self, id: ConnectionId) -> Option<Seat> {
        let seat = self.connections.swap_remove(&id)?;
        if let Some(held) = self.per_address.get_mut(&seat.peer.ip()) {
            *held -= 1;
            if *held == 0 {
                self.per_address.remove(&seat.peer.ip());
            }
        }
        Some(seat)
    }

    /// Ends what has been draining for too long. Tells when to ask again.
    pub(super) fn sweep(&mut self, now: Instant) -> Option<Instant> {
        while self.draining.pop_front_if(|(deadline, _)| *deadline <= now).is_some() {}
        self.draining.front().map(|(deadline, _)| *deadline)
    }
}
