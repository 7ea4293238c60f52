//! The open connections: their tasks, what waits to be written, and how many an address has.

use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::vec;

use bytes::Bytes;
use host::Instant;
use host::net::TcpStream;
use indexmap::IndexMap;
use tokio::sync::mpsc;

use super::backlog::{Backlog, InAll};
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
    /// What waits to be written to all of them.
    in_all: InAll,
    /// Closed, but with bytes still to write, by the time at which patience ends.
    draining: VecDeque<Draining>,
    next: u64,
    /// Whether it was said that there is no room for more.
    is_full: bool,
}

/// What belongs to one connection.
struct Seat {
    peer: SocketAddr,
    outgoing: mpsc::UnboundedSender<Bytes>,
    /// What is handed to the writer and not written.
    backlog: Arc<Backlog>,
    /// Requests that wait until it has read what it asked for before.
    held: VecDeque<Bytes>,
    /// With TLS the writer reads, too.
    reader: Option<Task>,
    writer: Task,
}

/// What is left of a connection that was closed.
struct Draining {
    deadline: Instant,
    backlog: Arc<Backlog>,
    _writer: Task,
}

impl Roster {
    pub(super) fn new(config: Arc<Config>, acceptor: Option<Arc<Acceptor>>, inbox: mpsc::Sender<Message>) -> Roster {
        Roster {
            config,
            acceptor,
            inbox,
            connections: IndexMap::new(),
            per_address: BTreeMap::new(),
            in_all: InAll::default(),
            draining: VecDeque::new(),
            next: 1,
            is_full: false,
        }
    }

    /// Starts the tasks of a connection, if there is room for it; else the stream is dropped, which closes it.
    pub(super) fn seat(&mut self, stream: TcpStream, peer: SocketAddr) -> Option<ConnectionId> {
        let id = self.admit(peer)?;
        let (read_half, write_half) = stream.into_split();
        let (outgoing, to_write) = mpsc::unbounded_channel();
        let backlog = self.backlog();
        let Config { frame_limit, handshake_timeout, .. } = *self.config;
        let reader =
            connection::read(id, read_half, frame_limit, handshake_timeout, backlog.clone(), self.inbox.clone());
        let writer = connection::write(id, write_half, to_write, backlog.clone(), self.inbox.clone());
        let reader = Some(Task(host::spawn(reader)));
        let writer = Task(host::spawn(writer));
        let seat = Seat { peer, outgoing, backlog, held: VecDeque::new(), reader, writer };
        self.connections.insert(id, seat);
        Some(id)
    }

    /// The same for a connection that is to shake hands first: it takes up room meanwhile, and tells when it is through.
    pub(super) fn seat_secure(&mut self, stream: TcpStream, peer: SocketAddr) {
        let Some(acceptor) = self.acceptor.clone() else { return };
        let Some(id) = self.admit(peer) else { return };
        let (outgoing, to_write) = mpsc::unbounded_channel();
        let backlog = self.backlog();
        let limits = (self.config.frame_limit, self.config.handshake_timeout);
        let handed = (to_write, backlog.clone());
        let task = connection::secure(id, acceptor, stream, limits, handed, self.inbox.clone());
        let writer = Task(host::spawn(task));
        let seat = Seat { peer, outgoing, backlog, held: VecDeque::new(), reader: None, writer };
        self.connections.insert(id, seat);
    }

    fn backlog(&self) -> Arc<Backlog> {
        Arc::new(Backlog::new(self.config.output, self.in_all.clone()))
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
        let is_reached = |limit: usize, held: usize| limit > 0 && held >= limit;
        let total = self.config.connections_total;
        let is_full = is_reached(total, self.connections.len());
        if is_full && !std::mem::replace(&mut self.is_full, true) {
            tracing::warn!(total, "there is no room for more connections: who comes is refused until some have gone");
        }
        if is_full || is_reached(self.config.connections_per_address, held) {
            tracing::debug!(%peer, "too many connections");
            host::tell_sometimes("a connection was refused for want of room");
            return None;
        }
        let id = ConnectionId(self.next);
        self.next += 1;
        *self.per_address.entry(peer.ip()).or_default() += 1;
        Some(id)
    }

    /// How many bytes of answers a connection may get before this is asked again. If there is no room, these requests of
    /// its are kept back, behind those that are.
    pub(super) fn room(&mut self, id: ConnectionId, frames: &mut vec::IntoIter<Bytes>) -> Option<usize> {
        let Some(seat) = self.connections.get_mut(&id) else { return Some(usize::MAX) };
        if seat.held.is_empty() {
            let room = seat.backlog.room();
            if room.is_some() || frames.as_slice().is_empty() || !seat.backlog.hold() {
                return room.or(Some(0));
            }
            tracing::debug!(peer = %seat.peer, waiting = seat.backlog.waiting(), "a client does not read: its requests wait");
            host::tell_sometimes("the requests of a client that does not read waited");
        }
        seat.held.extend(frames);
        None
    }

    /// The requests that were kept back, of a client that has caught up.
    pub(super) fn take_held(&mut self, id: ConnectionId) -> Vec<Bytes> {
        self.connections.get_mut(&id).map(|seat| std::mem::take(&mut seat.held).into()).unwrap_or_default()
    }

    /// Reads on from a connection, unless some of its requests are kept back.
    pub(super) fn read_on(&mut self, id: ConnectionId) {
        if let Some(seat) = self.connections.get(&id)
            && seat.held.is_empty()
        {
            seat.backlog.release();
        }
    }

    /// Hands bytes to a connection's writer. Tells whether the client keeps up.
    #[must_use]
    pub(super) fn send(&mut self, id: ConnectionId, bytes: Bytes) -> bool {
        let Some(seat) = self.connections.get(&id) else { return true };
        if bytes.is_empty() {
            return true;
        }
        let keeps_up = seat.backlog.add(bytes.len());
        // A writer that failed has told so itself.
        let _ = seat.outgoing.send(bytes);
        if !keeps_up {
            let waiting = seat.backlog.waiting();
            tracing::warn!(peer = %seat.peer, waiting, "a client does not read what its watches tell it: it is cut off");
        }
        keeps_up
    }

    /// If too much waits in all: the connection for which most does. What is closed already goes first.
    pub(super) fn most_in_arrears(&mut self) -> Option<ConnectionId> {
        let limit = self.config.output.limit_in_all;
        while self.in_all.load(Ordering::SeqCst) > limit {
            let Some(draining) = self.draining.pop_front() else {
                let waiting = |seat: &Seat| seat.backlog.waiting();
                let (id, seat) = self.connections.iter().max_by_key(|(_, seat)| waiting(seat))?;
                let waiting = Some(waiting(seat)).filter(|waiting| *waiting > 0)?;
                let why = "too much waits for clients that do not read: the one with the most is cut off";
                tracing::warn!(peer = %seat.peer, waiting, limit, why);
                return Some(*id);
            };
            draining.backlog.write_off();
        }
        None
    }

    /// Ends a connection once what was handed to it is written.
    pub(super) fn close(&mut self, now: Instant, id: ConnectionId) {
        if let Some(seat) = self.leave(id) {
            self.draining.push_back(Draining { deadline: now + DRAIN, backlog: seat.backlog, _writer: seat.writer });
        }
    }

    /// Ends a connection at once. Tells whether there was one.
    pub(super) fn drop_now(&mut self, id: ConnectionId) -> bool {
        self.leave(id).inspect(|seat| seat.backlog.write_off()).is_some()
    }

    fn leave(&mut self, id: ConnectionId) -> Option<Seat> {
        let seat = self.connections.swap_remove(&id)?;
        // Not as soon as one has gone: where it is full, the next one stands at the door.
        self.is_full &= self.connections.len() * 10 >= self.config.connections_total * 9;
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
        while self.draining.pop_front_if(|draining| draining.deadline <= now).is_some() {}
        self.draining.front().map(|draining| draining.deadline)
    }
}
