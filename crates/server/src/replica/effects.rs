//! What a step wants done: bytes sent, connections closed, transactions made safe, other replicas told, events told.
//!
//! Effects of several steps gather in one place, so that a batch of requests costs one write a connection.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use history::ServiceEvent;
use indexmap::IndexMap;

use super::ConnectionId;
use super::dispatch::{ToLeader, ToLearner};
use crate::transaction::Transaction;

/// What steps want done.
#[derive(Debug, Default)]
pub struct Effects {
    outputs: IndexMap<ConnectionId, Pending>,
    /// How many bytes the outputs hold in all.
    bytes_to_send: usize,
    outward: Vec<Outward>,
    events: Vec<ServiceEvent>,
    sometimes: Vec<&'static str>,
    is_heard: bool,
}

/// What is for others than the clients, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outward {
    /// A transaction that is to be made safe before it is committed.
    Prepared(Arc<Transaction>),
    /// To the leader's replica.
    ToLeader(Bytes),
    /// To a learner's replica.
    ToLearner {
        /// Which server.
        server: u8,
        /// What to say.
        dispatch: Bytes,
    },
}

#[derive(Debug, Default)]
struct Pending {
    bytes: BytesMut,
    closes: bool,
}

/// What is to be done to one connection: the bytes first.
#[derive(Debug, PartialEq, Eq)]
pub struct Output {
    /// Which connection.
    pub connection: ConnectionId,
    /// What to send, whole frames in order.
    pub bytes: Bytes,
    /// Whether to close it then.
    pub closes: bool,
}

impl Effects {
    /// No effects yet. Events are gathered only if somebody hears them.
    #[must_use]
    pub fn new(is_heard: bool) -> Effects {
        Effects { is_heard, ..Effects::default() }
    }

    /// Takes what is to be done to connections, in the order in which they were first touched.
    pub fn take_outputs(&mut self) -> impl Iterator<Item = Output> + use<> {
        let outputs = std::mem::take(&mut self.outputs);
        self.bytes_to_send = 0;
        outputs.into_iter().map(|(connection, pending)| Output {
            connection,
            bytes: pending.bytes.freeze(),
            closes: pending.closes,
        })
    }

    /// Takes what is for others than the clients, in order.
    pub fn take_outward(&mut self) -> Vec<Outward> {
        std::mem::take(&mut self.outward)
    }

    /// Takes the events, in order.
    pub fn take_events(&mut self) -> Vec<ServiceEvent> {
        std::mem::take(&mut self.events)
    }

    /// Takes the points of interest reached.
    pub fn take_sometimes(&mut self) -> Vec<&'static str> {
        std::mem::take(&mut self.sometimes)
    }

    /// Where bytes for a connection go. What comes after its close is never sent.
    pub(super) fn send(&mut self, connection: ConnectionId, write: impl FnOnce(&mut BytesMut)) {
        let pending = self.outputs.entry(connection).or_default();
        debug_assert!(!pending.closes, "nothing is sent on a closed connection");
        let before = pending.bytes.len();
        write(&mut pending.bytes);
        self.bytes_to_send += pending.bytes.len() - before;
    }

    /// How many bytes have gathered for all connections: small questions may have large answers.
    #[must_use]
    pub fn bytes_to_send(&self) -> usize {
        self.bytes_to_send
    }

    pub(super) fn close(&mut self, connection: ConnectionId) {
        self.outputs.entry(connection).or_default().closes = true;
    }

    pub(super) fn prepared(&mut self, transaction: Arc<Transaction>) {
        self.outward.push(Outward::Prepared(transaction));
    }

    pub(super) fn send_leader(&mut self, dispatch: &ToLeader) {
        self.outward.push(Outward::ToLeader(dispatch.encode()));
    }

    pub(super) fn send_learner(&mut self, server: u8, dispatch: ToLearner) {
        self.outward.push(Outward::ToLearner { server, dispatch: dispatch.encode() });
    }

    pub(super) fn tell(&mut self, event: impl FnOnce() -> ServiceEvent) {
        if self.is_heard {
            self.events.push(event());
        }
    }

    pub(crate) fn sometimes(&mut self, what: &'static str) {
        if self.is_heard {
            self.sometimes.push(what);
        }
    }
}
