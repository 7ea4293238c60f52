//! What a server has in every role: its promises, its history, its connections.

use std::collections::BTreeSet;

use bytes::Bytes;

use crate::config::Config;
use crate::durable::{Durable, Proposal};
use crate::effects::{Effect, Effects, Persist};
use crate::history::History;
use crate::message::{Message, Notification, Packet, Vote};
use crate::peer::journal::{Barrier, Journal};
use crate::trace::TraceEvent;
use crate::zxid::{Epoch, ServerId, Zxid};

/// The part of a peer that outlives its roles. Its epochs and history are those on the disk once all writes under way
/// are done.
#[derive(Debug)]
pub(crate) struct Core {
    pub(crate) config: Config,
    pub(crate) accepted_epoch: Epoch,
    pub(crate) current_epoch: Epoch,
    pub(crate) history: History,
    pub(crate) journal: Journal,
    pub(crate) connected: BTreeSet<ServerId>,
    /// The disk was lost, and the server is not synchronised since.
    pub(crate) lost: bool,
    /// The round of election (`logicalclock`).
    pub(crate) round: u64,
    /// The vote of which others are told.
    pub(crate) vote: Option<Vote>,
    /// The number of the last attempt to learn.
    pub(crate) attempt: u32,
    /// What the server pretends to have: planted bugs alone.
    pub(crate) claimed: Option<Zxid>,
}

impl Core {
    pub(crate) fn new(config: Config, durable: Durable) -> Core {
        let window = config.window;
        Core {
            lost: durable.lost && !config.planted.votes_after_loss(),
            config,
            accepted_epoch: durable.accepted_epoch,
            current_epoch: durable.current_epoch,
            history: History::new(durable.snapshot, durable.log, window),
            journal: Journal::default(),
            connected: BTreeSet::new(),
            round: 0,
            vote: None,
            attempt: 0,
            claimed: None,
        }
    }

    /// Does this server vote and count, at the moment?
    pub(crate) fn is_voting(&self) -> bool {
        self.config.is_voter(self.config.id) && !self.lost
    }

    /// The last logged transaction, as told to others.
    pub(crate) fn standing(&self) -> Zxid {
        self.claimed.unwrap_or(self.history.last())
    }

    pub(crate) fn persist(&self, operation: Persist, effects: &mut Effects) {
        effects.push(Effect::Persist(operation));
    }

    pub(crate) fn sync(&mut self, barrier: Barrier, effects: &mut Effects) {
        self.journal.sync(barrier, effects);
    }

    pub(crate) fn accept_epoch(&mut self, epoch: Epoch, effects: &mut Effects) {
        assert!(epoch > self.accepted_epoch, "a promise is only ever raised");
        self.accepted_epoch = epoch;
        self.persist(Persist::AcceptedEpoch(epoch), effects);
    }

    pub(crate) fn enter_epoch(&mut self, epoch: Epoch, effects: &mut Effects) {
        assert!(
            epoch >= self.current_epoch && epoch <= self.accepted_epoch,
            "an epoch is accepted before it is entered"
        );
        if epoch > self.current_epoch {
            self.current_epoch = epoch;
            self.persist(Persist::CurrentEpoch(epoch), effects);
        }
    }

    pub(crate) fn append(&mut self, proposal: Proposal, effects: &mut Effects) {
        self.history.append(proposal.clone());
        self.persist(Persist::Append(proposal), effects);
    }

    pub(crate) fn truncate(&mut self, to: Zxid, effects: &mut Effects) {
        if to < self.history.last() {
            self.history.truncate(to);
            self.persist(Persist::Truncate(to), effects);
            effects.tell(TraceEvent::Truncated { to });
        }
    }

    pub(crate) fn install(&mut self, zxid: Zxid, state: Bytes, tail: Vec<Proposal>, effects: &mut Effects) {
        assert!(zxid > self.history.committed(), "a state must be news");
        self.history.replace(zxid, tail.clone());
        effects.push(Effect::Restore { zxid, state: state.clone() });
        effects.tell(TraceEvent::Restored { zxid });
        self.persist(Persist::InstallSnapshot { zxid, state, tail }, effects);
    }

    /// Delivers everything up to `zxid`, and says what.
    pub(crate) fn deliver(&mut self, zxid: Zxid, effects: &mut Effects) -> Vec<Proposal> {
        let mut delivered = Vec::new();
        while let Some(proposal) = self.history.deliver_next(zxid) {
            effects.push(Effect::Deliver(proposal.clone()));
            effects.tell(TraceEvent::Delivered { zxid: proposal.zxid });
            delivered.push(proposal);
        }
        self.history.trim();
        delivered
    }

    pub(crate) fn notify(&self, to: ServerId, notification: Notification, effects: &mut Effects) {
        if to != self.config.id && self.connected.contains(&to) {
            effects.send(to, Message::Election(notification));
        }
    }

    pub(crate) fn say_to_leader(&self, leader: ServerId, packet: Packet, effects: &mut Effects) {
        if self.connected.contains(&leader) {
            effects.send(leader, Message::ToLeader { attempt: self.attempt, packet });
        }
    }

    pub(crate) fn say_to_learner(&self, learner: ServerId, attempt: u32, packet: Packet, effects: &mut Effects) {
        if self.connected.contains(&learner) {
            effects.send(learner, Message::ToLearner { attempt, packet });
        }
    }
}
