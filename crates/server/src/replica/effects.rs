//! What a step wants done: bytes sent, connections closed, transactions made safe, other replicas told, events told.
//!
//! Effects of several steps gather in one place, so that a batch of requests costs one write a connection.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use history::ServiceEvent;
use indexmap::IndexMap;
use proto::response::write_reply;
use proto::{Encode, GetDataResponse, ReplyHeader, Response};

use super::ConnectionId;
use super::dispatch::{ToLeader, ToLearner};
use crate::transaction::Transaction;

/// Data of at least so many bytes is not copied into the answers that show it.
const SHARED_FROM: usize = 64 << 10;

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
#[derive(Clone, derive_more::Debug, PartialEq, Eq)]
pub enum Outward {
    /// A transaction that is to be made safe before it is committed.
    Prepared(Arc<Transaction>),
    /// To the leader's replica.
    ToLeader(#[debug("{} bytes", _0.len())] Bytes),
    /// To a learner's replica.
    ToLearner {
        /// Which server.
        server: u8,
        /// What to say.
        #[debug("{} bytes", dispatch.len())]
        dispatch: Bytes,
    },
}

#[derive(derive_more::Debug, Default)]
struct Pending {
    #[debug("{} bytes", bytes.len())]
    bytes: BytesMut,
    /// What comes before that.
    #[debug("{} pieces", pieces.len())]
    pieces: Vec<Bytes>,
    closes: bool,
}

/// What is to be done to one connection: the bytes first.
#[derive(derive_more::Debug, PartialEq, Eq)]
pub struct Output {
    /// Which connection.
    pub connection: ConnectionId,
    /// What to send first, in order: answers with data that is not copied, and what comes before them.
    #[debug("{} pieces", pieces.len())]
    pub pieces: Vec<Bytes>,
    /// What to send then. All of it is whole frames in order.
    #[debug("{} bytes", bytes.len())]
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
            pieces: pending.pieces,
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

    /// An answer. Large data goes out as it lies in the tree: many who ask for it, and do not read it, have one copy of it
    /// waiting for all of them.
    pub(super) fn reply(&mut self, connection: ConnectionId, header: &ReplyHeader, answer: Option<&Response>) {
        let Some(Response::GetData(GetDataResponse { data: Some(data), stat })) = answer else {
            return self.send(connection, |buffer| write_reply(buffer, header, answer));
        };
        if data.len() < SHARED_FROM {
            return self.send(connection, |buffer| write_reply(buffer, header, answer));
        }
        let [mut before, mut behind] = [BytesMut::new(), BytesMut::new()];
        header.encode(&mut before);
        length(data.len()).encode(&mut before);
        stat.encode(&mut behind);
        let pending = self.outputs.entry(connection).or_default();
        debug_assert!(!pending.closes, "nothing is sent on a closed connection");
        let whole = before.len() + data.len() + behind.len();
        length(whole).encode(&mut pending.bytes);
        pending.bytes.extend_from_slice(&before);
        pending.pieces.extend([pending.bytes.split().freeze(), data.clone()]);
        pending.bytes.extend_from_slice(&behind);
        self.bytes_to_send += size_of::<i32>() + whole;
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

/// A length as the wire has it.
fn length(bytes: usize) -> i32 {
    i32::try_from(bytes).expect("a znode is far smaller than a frame can be")
}

#[cfg(test)]
mod tests {
    use proto::{Stat, Zxid};

    use super::*;

    #[test]
    fn an_answer_is_the_same_whether_its_data_is_copied_or_not() {
        for size in [0, SHARED_FROM - 1, SHARED_FROM, 3 * SHARED_FROM] {
            let (mut effects, mut expected) = (Effects::new(false), BytesMut::new());
            for xid in 1..=3 {
                let header = ReplyHeader { xid, zxid: Zxid(7), error: None };
                let data = Some(Bytes::from(vec![u8::try_from(xid).expect("few"); size]));
                let answer =
                    Response::GetData(GetDataResponse { data, stat: Stat { version: xid, ..Stat::default() } });
                effects.reply(ConnectionId(1), &header, Some(&answer));
                write_reply(&mut expected, &header, Some(&answer));
            }
            assert_eq!(effects.bytes_to_send(), expected.len());
            let output = effects.take_outputs().next().expect("something is sent");
            assert_eq!(output.pieces.len(), if size < SHARED_FROM { 0 } else { 6 });
            assert_eq!([output.pieces.concat(), output.bytes.to_vec()].concat(), expected);
        }
    }
}
