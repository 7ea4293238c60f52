//! The replica: a pure core. Connections, frames and timers go in, effects come out.
//!
//! A write is *prepared* (decided, by the leader alone), made safe, *committed* (applied, by every replica) and answered
//! by the replica whose client asked. Standing alone, what makes a transaction safe is the replica's disk, or nothing;
//! in an ensemble it is a quorum's. Either sits between the two: nothing but [`Input::Committed`], or
//! [`Input::Delivered`], leads from one to the other.
//!
//! Per connection, replies keep the order of requests: a read waits for the writes ahead of it (`CommitProcessor`).
//! A watch event goes out before any reply that shows what it tells. Reads are answered from what is applied here, which
//! may lag behind what is applied elsewhere.

mod commit;
mod connection;
mod description;
mod dispatch;
mod effects;
mod ensemble;
mod handshake;
mod read;
mod reign;
mod request;
mod standing;
mod tally;
mod timer;
mod words;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
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
use crate::transaction::{Ticket, Transaction};
use crate::tree::Mutation;
use crate::watches::Watches;

use connection::Connection;
pub use connection::ConnectionId;
use description::Description;
pub use effects::{Effects, Output, Outward};
use reign::Reign;
pub use standing::Standing;
use tally::Tally;
pub(crate) use words::WORDS;

/// Both clocks, as the machine shows them at the moment of a step.
#[derive(Clone, Copy, Debug)]
pub struct Clocks {
    /// The monotonic clock: session timeouts.
    pub now: Instant,
    /// The wall clock: `ctime`, `mtime`, TTL znodes.
    pub wall: WallTime,
}

/// At which port a connection came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entrance {
    /// At the one without TLS.
    Plain,
    /// At the one for TLS.
    Secure {
        /// The subject of the certificate that it has shown, if it has.
        subject: Option<String>,
    },
}

/// What happens to a replica.
#[derive(Clone, derive_more::Debug)]
pub enum Input {
    /// A connection was accepted.
    Opened {
        /// Its name, new.
        connection: ConnectionId,
        /// Who is at the other end.
        peer: SocketAddr,
        /// How it came.
        entrance: Entrance,
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
        #[debug("{} bytes", frame.len())]
        frame: Bytes,
    },
    /// The deadline of [`Replica::next_deadline`] has come.
    Timer,
    /// Transactions of a replica that stands alone are safe: they take effect now.
    Committed {
        /// The last of them.
        up_to: Zxid,
    },
    /// The replica stands elsewhere in its ensemble from now on.
    Standing(Standing),
    /// The ensemble has committed a transaction: it takes effect now. Strictly in order, each once.
    Delivered {
        /// Its place.
        zxid: Zxid,
        /// The transaction as its leader wrote it.
        #[debug("{} bytes", transaction.len())]
        transaction: Bytes,
    },
    /// The state of another replica takes the place of this one's.
    Restored {
        /// The state.
        database: Box<Database>,
    },
    /// A learner's replica has something to say to this one, which leads.
    FromLearner {
        /// Which server.
        server: u8,
        /// What.
        #[debug("{} bytes", dispatch.len())]
        dispatch: Bytes,
    },
    /// The leader's replica has something to say to this one, which learns.
    FromLeader {
        /// What.
        #[debug("{} bytes", dispatch.len())]
        dispatch: Bytes,
    },
    /// A learner is synchronised with this replica, which leads.
    LearnerJoined {
        /// Which server.
        server: u8,
    },
    /// A learner is lost.
    LearnerLeft {
        /// Which server.
        server: u8,
    },
}

/// A replica of the service, with the clients connected to it.
pub struct Replica {
    config: Arc<Config>,
    standing: Standing,
    /// What it has as leader, or standing alone.
    reign: Option<Reign>,
    database: Database,
    watches: Watches,
    connections: IndexMap<ConnectionId, Connection>,
    attached: IndexMap<SessionId, ConnectionId>,
    /// Who waits for an outcome, by the numbers of their tickets.
    pending: BTreeMap<u64, Pending>,
    next_ticket: u64,
    next_session: SessionId,
    /// How many requests wait, in the queues of connections, for their turn.
    waiting: usize,
    /// Sessions that gave signs of life which the leader has not been told of, and when it will be.
    touched: BTreeSet<SessionId>,
    next_relay: Instant,
    /// The servers that learn from this one.
    learners: BTreeSet<u8>,
    /// Since when it is there.
    began: Instant,
    tally: Tally,
    told: Vec<Mutation>,
    description: Option<Description>,
}

/// A request that waits for its outcome.
struct Pending {
    origin: Origin,
    since: Instant,
}

/// Who asked.
#[derive(Debug)]
enum Origin {
    /// A connection that asked for a session, new or one it had before.
    Handshake { connection: ConnectionId, session: SessionId, timeout: Duration, read_only: Option<bool> },
    /// A connection that asked for a write.
    Request {
        connection: ConnectionId,
        xid: i32,
        op_code: OpCode,
        /// The operations of a multi; empty for anything else.
        parts: Vec<OpCode>,
    },
    /// A connection that wants to see all that is committed.
    Sync { connection: ConnectionId, xid: i32, path: String },
}

impl Replica {
    /// A replica that holds `database`: standing alone, or, if the settings name an ensemble, out of it for now. Standing
    /// alone it gives every session its full timeout.
    ///
    /// `life` tells this life of the server from all others: the numbers of its tickets begin with it.
    #[must_use]
    pub fn new(config: Arc<Config>, database: Database, clocks: Clocks, life: u32) -> Replica {
        let standing = if config.ensemble.is_some() { Standing::Out } else { Standing::Alone };
        let reign =
            (standing == Standing::Alone).then(|| Reign::begin(&config, &database, database.last_zxid, clocks.now));
        let mut replica = Replica {
            standing,
            reign,
            database,
            watches: Watches::default(),
            connections: IndexMap::new(),
            attached: IndexMap::new(),
            pending: BTreeMap::new(),
            next_ticket: u64::from(life) << 32 | 1,
            next_session: SessionId(i64::MIN),
            waiting: 0,
            touched: BTreeSet::new(),
            next_relay: clocks.now,
            learners: BTreeSet::new(),
            began: clocks.now,
            tally: Tally::default(),
            told: Vec::new(),
            description: Description::of(&config, clocks.wall),
            config,
        };
        replica.raise_next_session(clocks);
        replica
    }

    /// Takes an input. What is to be done about it is added to `effects`.
    pub fn step(&mut self, clocks: Clocks, input: Input, effects: &mut Effects) {
        match input {
            Input::Opened { connection, peer, entrance } => {
                let mut opened = Connection::new(peer, clocks);
                if let Entrance::Secure { subject } = entrance {
                    opened.is_secure = true;
                    // As soon as the hands are shaken (`NettyServerCnxnFactory.CertificateVerifier`).
                    opened.prove(subject.map(|subject| self.config.access.of_subject(&subject)).unwrap_or_default());
                }
                let before = self.connections.insert(connection, opened);
                assert!(before.is_none(), "a connection's name is never given twice");
            }
            Input::Closed { connection } => self.forget_connection(connection),
            Input::Frame { connection, frame } => self.take_frame(clocks, connection, frame, effects),
            Input::Timer => self.take_timer(clocks, effects),
            Input::Committed { up_to } => self.commit_in_flight(clocks, up_to, effects),
            Input::Standing(standing) => self.stand(clocks, standing, effects),
            Input::Delivered { zxid, transaction } => self.deliver(clocks, zxid, &transaction, effects),
            Input::Restored { database } => self.restore(*database, effects),
            Input::FromLearner { server, dispatch } => self.hear_learner(clocks, server, &dispatch, effects),
            Input::FromLeader { dispatch } => self.hear_leader(clocks, &dispatch, effects),
            Input::LearnerJoined { server } => {
                self.learners.insert(server);
            }
            Input::LearnerLeft { server } => {
                self.learners.remove(&server);
            }
        }
    }

    /// When [`Input::Timer`] is due, if ever.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Instant> {
        match &self.reign {
            Some(reign) => Some(reign.next_deadline()),
            None => (!self.touched.is_empty()).then_some(self.next_relay),
        }
    }

    /// What the replica holds.
    #[must_use]
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// Where it stands.
    #[must_use]
    pub fn standing(&self) -> Standing {
        self.standing
    }

    /// How many requests are under way: waiting for their outcome, or behind such a one.
    #[must_use]
    pub fn outstanding(&self) -> usize {
        self.pending.len() + self.waiting
    }

    /// Whether a transaction is committed as soon as it is prepared: nothing makes it safe.
    fn commits_at_once(&self) -> bool {
        self.standing == Standing::Alone && self.config.data.is_none()
    }

    /// Notes who waits, under a new number.
    fn take_ticket(&mut self, clocks: Clocks, origin: Origin) -> Ticket {
        let number = self.next_ticket;
        self.next_ticket += 1;
        self.pending.insert(number, Pending { origin, since: clocks.now });
        Ticket { server: self.config.server_id, number }
    }

    /// Whoever waits for the outcome, if it was asked here and in this life.
    fn redeem(&mut self, clocks: Clocks, ticket: Ticket) -> Option<Origin> {
        if ticket.server != self.config.server_id {
            return None;
        }
        let Pending { origin, since } = self.pending.remove(&ticket.number)?;
        let latency = clocks.now.since(since);
        self.tally.latency.note(latency);
        let (Origin::Handshake { connection, .. }
        | Origin::Request { connection, .. }
        | Origin::Sync { connection, .. }) = &origin;
        if let Some(connection) = self.connections.get_mut(connection) {
            connection.tally.latency.note(latency);
        }
        Some(origin)
    }

    /// Sends a prepared transaction on its way.
    fn submit(&mut self, clocks: Clocks, transaction: Transaction, effects: &mut Effects) {
        if self.commits_at_once() {
            self.commit(clocks, &transaction, effects);
            return;
        }
        let transaction = Arc::new(transaction);
        effects.prepared(transaction.clone());
        self.reign.as_mut().expect("only a leader prepares").in_flight.push_back(transaction);
    }

    fn commit_in_flight(&mut self, clocks: Clocks, up_to: Zxid, effects: &mut Effects) {
        while let Some(transaction) =
            self.reign.as_mut().and_then(|reign| reign.in_flight.pop_front_if(|first| first.zxid <= up_to))
        {
            self.commit(clocks, &transaction, effects);
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

    /// A session has given a sign of life.
    fn touch(&mut self, now: Instant, session: SessionId, effects: &mut Effects) {
        match &mut self.reign {
            Some(reign) => {
                let is_accepted = match reign.in_flight.back() {
                    Some(last) if self.config.planted().queues_touches() => {
                        reign.queued_touches.push_back((last.zxid, session));
                        reign.sessions.check(session).is_ok()
                    }
                    _ => reign.sessions.touch(now, session),
                };
                if is_accepted {
                    effects.tell(|| ServiceEvent::SessionTouched { session: session.0 });
                }
            }
            None if self.standing.learns() => {
                if self.touched.is_empty() {
                    self.next_relay = now + self.config.tick / 2;
                }
                self.touched.insert(session);
            }
            None => {}
        }
    }
}
