//! The replica: a pure core. Connections, frames and timers go in, effects come out.
//!
//! A write is *prepared* (decided, by the leader alone), made safe, *committed* (applied, by every replica) and answered.
//! Here the one server is the leader, and what makes a transaction safe is its disk, or nothing; a quorum can sit between
//! the two just as well, because nothing but [`Input::Committed`] leads from one to the other.
//!
//! Per connection, replies keep the order of requests: a read waits for the writes ahead of it (`CommitProcessor`).
//! A watch event goes out before any reply that shows what it tells.

mod commit;
mod connection;
mod effects;
mod handshake;
mod read;
mod request;
mod timer;
mod words;

#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use history::ServiceEvent;
use host::{Instant, WallTime};
use indexmap::IndexMap;
use proto::{OpCode, SessionId, Zxid};

use crate::config::Config;
use crate::database::Database;
use crate::prepare::Preparer;
use crate::sessions::{Sessions, identity};
use crate::transaction::Transaction;
use crate::tree::Mutation;
use crate::watches::Watches;

use connection::Connection;
pub use connection::ConnectionId;
pub use effects::{Effects, Output};
pub(crate) use words::WORDS;

/// Both clocks, as the machine shows them at the moment of a step.
#[derive(Clone, Copy, Debug)]
pub struct Clocks {
    /// The monotonic clock: session timeouts.
    pub now: Instant,
    /// The wall clock: `ctime`, `mtime`, TTL znodes.
    pub wall: WallTime,
}

/// What happens to a replica.
#[derive(Clone, Debug)]
pub enum Input {
    /// A connection was accepted.
    Opened {
        /// Its name, new.
        connection: ConnectionId,
        /// Who is at the other end.
        peer: SocketAddr,
    },
    /// A connection is gone. Nothing happens if the replica closed it itself.
    Closed {
        /// Which one.
        connection: ConnectionId,
    },
    /// A connection sent a frame.
    Frame {
        /// Which one.
        connection: ConnectionId,
        /// The frame's body.
        frame: Bytes,
    },
    /// The deadline of [`Replica::next_deadline`] has come.
    Timer,
    /// Transactions are safe: they take effect now.
    Committed {
        /// The last of them.
        up_to: Zxid,
    },
}

/// A replica of the service, with the clients connected to it.
pub struct Replica {
    config: Arc<Config>,
    /// Whether a transaction waits for [`Input::Committed`]. If not, it is committed as soon as it is prepared.
    is_durable: bool,
    database: Database,
    preparer: Preparer,
    sessions: Sessions,
    watches: Watches,
    connections: IndexMap<ConnectionId, Connection>,
    attached: IndexMap<SessionId, ConnectionId>,
    in_flight: VecDeque<InFlight>,
    /// How many requests wait, in the queues of connections, for their turn.
    waiting: usize,
    next_reaping: Instant,
    counters: Counters,
    told: Vec<Mutation>,
}

/// A transaction that is prepared and not committed.
struct InFlight {
    transaction: Arc<Transaction>,
    origin: Origin,
    since: Instant,
}

/// Who waits for the outcome of a transaction.
#[derive(Debug)]
enum Origin {
    /// Nobody: the service itself acts.
    Service,
    /// A connection that asked for a session.
    Handshake { connection: ConnectionId, timeout: Duration, read_only: Option<bool> },
    /// A connection that asked for a write.
    Request {
        connection: ConnectionId,
        xid: i32,
        op_code: OpCode,
        /// The operations of a multi; empty for anything else.
        parts: Vec<OpCode>,
    },
}

/// What the four-letter words report.
#[derive(Debug, Default)]
struct Counters {
    received: u64,
    sent: u64,
    /// How long transactions waited to be committed, all of them together.
    latency_total: Duration,
    latency_maximum: Duration,
}

impl Replica {
    /// A replica that holds `database`. Every session in it starts with its full timeout.
    #[must_use]
    pub fn new(config: Arc<Config>, database: Database, clocks: Clocks) -> Replica {
        let planted = config.planted();
        let first = identity::first_session(config.server_id, clocks.wall.as_millis());
        // A wall clock that stands still or goes back must not bring ids back.
        let first = first.max(SessionId(database.highest_session.0.saturating_add(1)));
        let mut sessions = Sessions::new(config.tick, first, planted);
        for (session, timeout) in &database.sessions {
            let timeout = Duration::from_millis(u64::try_from(*timeout).unwrap_or(0));
            sessions.track(clocks.now, *session, timeout);
        }
        Replica {
            is_durable: config.data.is_some(),
            preparer: Preparer::new(database.last_zxid, config.prepare_options()),
            sessions,
            database,
            watches: Watches::default(),
            connections: IndexMap::new(),
            attached: IndexMap::new(),
            in_flight: VecDeque::new(),
            waiting: 0,
            next_reaping: clocks.now + config.container_check_interval,
            counters: Counters::default(),
            told: Vec::new(),
            config,
        }
    }

    /// Takes an input. What is to be done about it is added to `effects`.
    pub fn step(&mut self, clocks: Clocks, input: Input, effects: &mut Effects) {
        match input {
            Input::Opened { connection, peer } => {
                let before = self.connections.insert(connection, Connection::new(peer));
                assert!(before.is_none(), "a connection's name is never given twice");
            }
            Input::Closed { connection } => self.forget_connection(connection),
            Input::Frame { connection, frame } => self.take_frame(clocks, connection, frame, effects),
            Input::Timer => self.take_timer(clocks, effects),
            Input::Committed { up_to } => self.commit_in_flight(clocks, up_to, effects),
        }
    }

    /// When [`Input::Timer`] is due.
    #[must_use]
    pub fn next_deadline(&self) -> Instant {
        self.sessions.next_deadline().map_or(self.next_reaping, |deadline| deadline.min(self.next_reaping))
    }

    /// What the replica holds.
    #[must_use]
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// How many requests are under way: prepared and not committed, or waiting behind such a one.
    #[must_use]
    pub fn outstanding(&self) -> usize {
        self.in_flight.len() + self.waiting
    }

    /// Sends a prepared transaction on its way.
    fn submit(&mut self, clocks: Clocks, transaction: Transaction, origin: Origin, effects: &mut Effects) {
        if !self.is_durable {
            self.commit(clocks, &transaction, origin, effects);
            return;
        }
        let transaction = Arc::new(transaction);
        effects.persist(transaction.clone());
        self.in_flight.push_back(InFlight { transaction, origin, since: clocks.now });
    }

    fn commit_in_flight(&mut self, clocks: Clocks, up_to: Zxid, effects: &mut Effects) {
        while let Some(InFlight { transaction, origin, since }) =
            self.in_flight.pop_front_if(|first| first.transaction.zxid <= up_to)
        {
            self.counters.latency_maximum = self.counters.latency_maximum.max(clocks.now.since(since));
            self.counters.latency_total += clocks.now.since(since);
            self.commit(clocks, &transaction, origin, effects);
        }
    }

    /// Closes a connection; what was written to it before still goes out.
    fn close_connection(&mut self, connection: ConnectionId, effects: &mut Effects) {
        if self.connections.contains_key(&connection) {
            effects.close(connection);
        }
        self.forget_connection(connection);
    }

    fn forget_connection(&mut self, connection: ConnectionId) {
        let Some(gone) = self.connections.swap_remove(&connection) else { return };
        self.waiting -= gone.waiting();
        self.watches.remove_watcher(connection);
        if let Some(session) = gone.session()
            && self.attached.get(&session) == Some(&connection)
        {
            self.attached.swap_remove(&session);
        }
    }

    /// Counts a session's timeout anew, if it lives.
    fn touch(&mut self, now: Instant, session: SessionId, effects: &mut Effects) {
        if self.sessions.touch(now, session) {
            effects.tell(|| ServiceEvent::SessionTouched { session: session.0 });
        }
    }
}
