//! What the core task drives: a replica that stands alone, or a member of an ensemble. Both want the same things done.

use std::sync::Arc;

use bytes::BytesMut;
use history::{Event, ServiceEvent};
use host::Instant;
use proto::{Encode, Zxid};

use crate::config::Config;
use crate::ensemble::{self, Effects, Member};
use crate::replica::{Clocks, Input, Outward, Replica};
use crate::storage::{Job, Recovery};

/// What the core task drives.
pub(super) enum Engine {
    /// A replica that stands alone: its own disk makes a transaction safe.
    Alone(Box<Replica>),
    /// A member of an ensemble: a quorum does.
    Member(Box<Member>),
}

impl Engine {
    /// Starts with what was recovered. Tells how many transactions had to be replayed since the last snapshot.
    pub(super) fn start(
        config: &Arc<Config>,
        mut recovery: Recovery,
        clocks: Clocks,
        effects: &mut Effects,
    ) -> (Engine, u64) {
        let life = (host::random::bits("life of a server") >> 32) as u32;
        if config.ensemble.is_some() {
            let replayed = recovery.tail.len() as u64;
            return (Engine::Member(Box::new(Member::new(config, recovery, clocks, life, effects))), replayed);
        }
        let replayed = recovery.replay();
        let zxid = recovery.database.last_zxid.0;
        if config.data.is_some() {
            host::tell(Event::Service(ServiceEvent::Recovered { zxid, remark: recovery.remark }));
            // Safe but not told when the process before this one ended: whoever listens knows what is news.
            replayed.events.into_iter().for_each(|event| host::tell(Event::Service(event)));
        }
        let replica = Replica::new(config.clone(), recovery.database, clocks, life);
        host::tell(Event::Service(ServiceEvent::Serving { zxid }));
        (Engine::Alone(Box::new(replica)), replayed.transactions)
    }

    /// The replica.
    pub(super) fn replica(&self) -> &Replica {
        match self {
            Engine::Alone(replica) => replica,
            Engine::Member(member) => member.replica(),
        }
    }

    /// The answer to a four-letter word.
    pub(super) fn answer_word(&mut self, word: &str, is_secure: bool, clocks: Clocks) -> String {
        match self {
            Engine::Alone(replica) => replica.answer_word(word, is_secure, clocks),
            Engine::Member(member) => member.answer_word(word, is_secure, clocks),
        }
    }

    /// When [`Engine::take_timer`] is due, if ever.
    pub(super) fn next_deadline(&self) -> Option<Instant> {
        match self {
            Engine::Alone(replica) => replica.next_deadline(),
            Engine::Member(member) => member.next_deadline(),
        }
    }

    /// Something happened to a client's connection.
    pub(super) fn step(&mut self, clocks: Clocks, input: Input, effects: &mut Effects) {
        match self {
            Engine::Alone(replica) => step_alone(replica, clocks, input, effects),
            Engine::Member(member) => member.step(clocks, ensemble::Input::Client(input), effects),
        }
    }

    /// The deadline has come.
    pub(super) fn take_timer(&mut self, clocks: Clocks, effects: &mut Effects) {
        match self {
            Engine::Alone(replica) => step_alone(replica, clocks, Input::Timer, effects),
            Engine::Member(member) => member.step(clocks, ensemble::Input::Timer, effects),
        }
    }

    /// Everything up to the sync with this token is safe.
    pub(super) fn safe(&mut self, clocks: Clocks, token: u64, effects: &mut Effects) {
        match self {
            Engine::Alone(replica) => {
                step_alone(replica, clocks, Input::Committed { up_to: Zxid(token.cast_signed()) }, effects);
            }
            Engine::Member(member) => {
                member.step(clocks, ensemble::Input::Peer(zab::Input::Persisted { token }), effects);
            }
        }
    }

    /// Something happened between this member and another one.
    pub(super) fn hear(&mut self, clocks: Clocks, input: zab::Input, effects: &mut Effects) {
        match self {
            Engine::Alone(_) => unreachable!("who stands alone hears of no other server"),
            Engine::Member(member) => member.step(clocks, ensemble::Input::Peer(input), effects),
        }
    }
}

fn step_alone(replica: &mut Replica, clocks: Clocks, input: Input, effects: &mut Effects) {
    replica.step(clocks, input, &mut effects.clients);
    effects.collect();
    for outward in effects.clients.take_outward() {
        let Outward::Prepared(transaction) = outward else {
            unreachable!("who stands alone has nobody to talk to");
        };
        let mut bytes = BytesMut::new();
        transaction.encode(&mut bytes);
        let zxid = transaction.zxid;
        effects.applied += 1;
        effects.jobs.push(Job::Append { zxid, transaction: bytes.freeze() });
        effects.jobs.push(Job::Sync { token: zxid.0.cast_unsigned() });
    }
}
