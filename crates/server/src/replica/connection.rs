//! A client's connection, as the replica sees it.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use host::WallTime;
use proto::{ErrorCode, Id, Request, SessionId, Zxid};

use super::Clocks;
use super::tally::{Last, Tally};
use crate::access;

/// A connection, named by whoever accepts them. Never given twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub u64);

/// A client's connection.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) peer: SocketAddr,
    pub(crate) phase: Phase,
    /// What it has proved; shared with the requests under way.
    pub(crate) identities: Arc<Vec<Id>>,
    /// What waits behind a write of this connection that is not committed yet: replies keep the order of requests.
    pub(crate) queue: VecDeque<Queued>,
    /// Whether it came at the port for TLS.
    pub(crate) is_secure: bool,
    pub(crate) tally: Tally,
    /// When it was opened, by the wall clock.
    pub(crate) opened: WallTime,
    pub(crate) last: Last,
}

/// How far a connection has come.
#[derive(derive_more::Debug)]
pub(crate) enum Phase {
    /// It has not said what it wants.
    Silent,
    /// Its session is being opened, or taken back. What it sends meanwhile waits (`disableRecv` in `ZooKeeperServer`).
    Opening {
        #[debug("{} frames", backlog.len())]
        backlog: VecDeque<Bytes>,
    },
    /// It has a session.
    Open { session: SessionId, timeout: Duration },
}

/// A request that waits for its turn.
#[derive(Debug)]
pub(crate) enum Queued {
    /// What has a ticket, until its outcome is known: a write, or a sync.
    Awaited { number: u64 },
    /// Anything else, or what is wrong with it.
    Read { xid: i32, request: Result<Request, ErrorCode> },
}

impl Connection {
    pub(crate) fn new(peer: SocketAddr, clocks: Clocks) -> Connection {
        Connection {
            peer,
            phase: Phase::Silent,
            identities: Arc::new(vec![access::of_address(peer.ip())]),
            queue: VecDeque::new(),
            is_secure: false,
            tally: Tally::default(),
            opened: clocks.wall,
            last: Last { op_code: None, xid: 0, zxid: Zxid::ZERO, answered: clocks.now },
        }
    }

    pub(crate) fn session(&self) -> Option<SessionId> {
        match self.phase {
            Phase::Open { session, .. } => Some(session),
            Phase::Silent | Phase::Opening { .. } => None,
        }
    }

    /// How many of its requests wait for their turn.
    pub(crate) fn waiting(&self) -> usize {
        let reads = self.queue.iter().filter(|queued| matches!(queued, Queued::Read { .. })).count();
        match &self.phase {
            Phase::Opening { backlog } => reads + backlog.len(),
            Phase::Silent | Phase::Open { .. } => reads,
        }
    }

    /// Notes what the connection has proved, once.
    pub(crate) fn prove(&mut self, identities: Vec<Id>) {
        for identity in identities {
            if !self.identities.contains(&identity) {
                Arc::make_mut(&mut self.identities).push(identity);
            }
        }
    }
}
