//! What a step of a member, or of a server that stands alone, wants done.

use bytes::Bytes;
use history::{EnsembleEvent, Event};
use proto::Zxid;
use zab::{Message, Persist, ServerId};

use crate::replica;
use crate::storage::Job;

/// What steps want done. Clients are answered, and messages sent, in any order; what is to be written is written in this
/// one, and the events are told first.
#[derive(Debug)]
pub(crate) struct Effects {
    /// To the clients' connections.
    pub(crate) clients: replica::Effects,
    /// To other members.
    pub(crate) messages: Vec<(ServerId, Message)>,
    /// To the disk.
    pub(crate) jobs: Vec<Job>,
    /// How many transactions were applied.
    pub(crate) applied: u64,
    events: Vec<Event>,
    is_heard: bool,
}

impl Effects {
    /// No effects yet. Events are gathered only if somebody hears them.
    pub(crate) fn new(is_heard: bool) -> Effects {
        Effects {
            clients: replica::Effects::new(is_heard),
            messages: Vec::new(),
            jobs: Vec::new(),
            applied: 0,
            events: Vec::new(),
            is_heard,
        }
    }

    /// Takes the events, in order.
    pub(crate) fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    /// Whether anybody hears events.
    pub(crate) fn is_heard(&self) -> bool {
        self.is_heard
    }

    /// Puts what the replica has told behind what was told before.
    pub(crate) fn collect(&mut self) {
        if self.is_heard {
            self.events.extend(self.clients.take_events().into_iter().map(Event::Service));
        }
    }

    pub(super) fn tell(&mut self, event: EnsembleEvent) {
        if self.is_heard {
            self.events.push(Event::Ensemble(event));
        }
    }

    /// A transaction is committed.
    pub(super) fn delivered(&mut self, zxid: zab::Zxid, payload: &Bytes) {
        if self.is_heard {
            let (zxid, checksum) = (zxid.to_bits().cast_signed(), crc32fast::hash(payload));
            self.tell(EnsembleEvent::Delivered { zxid, checksum });
        }
    }

    /// Something the broadcast wants written.
    pub(super) fn persist(&mut self, write: Persist) {
        let zxid = |zxid: zab::Zxid| Zxid(zxid.to_bits().cast_signed());
        self.jobs.push(match write {
            Persist::AcceptedEpoch(epoch) => Job::AcceptEpoch(epoch),
            Persist::CurrentEpoch(epoch) => Job::EnterEpoch(epoch),
            Persist::Append(proposal) => Job::Append { zxid: zxid(proposal.zxid), transaction: proposal.payload },
            Persist::Truncate(to) => Job::Truncate { to: zxid(to) },
            Persist::InstallSnapshot { zxid: at, state, tail } => {
                let tail = tail.into_iter().map(|proposal| proposal.payload).collect();
                Job::Install { zxid: zxid(at), state, tail }
            }
            Persist::Sync { token } => Job::Sync { token },
        });
    }
}
