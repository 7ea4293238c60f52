//! A member of an ensemble: the replica and the broadcast, one pure core made of two.
//!
//! What the replica prepares the broadcast proposes; what the broadcast delivers the replica applies. Neither knows the
//! other: payloads are bytes to the broadcast, and the replica sees only that something was committed. This is where one
//! becomes the other, in one step and in order, so that whoever drives it sees a single state machine.
//!
//! Not here: connections, disks, clocks. Not there at all: reconfiguration, weights and groups, authentication between
//! servers.

mod effects;
mod telling;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use history::EnsembleEvent;
use host::Instant;
use proto::Encode;
use zab::{Durable, Effect, Moment, Peer, Proposal, Role, ServerId, TraceEvent};

use crate::config::{Config, Ensemble};
use crate::replica::{self, Clocks, Outward, Replica, Standing};
use crate::storage::{Recovery, snapshot};

pub(crate) use effects::Effects;

/// A server that knows no leader serves reads, if it may, from so long on after it has begun to look for one
/// (`QuorumPeer.run`: not at once, for a leader is mostly found soon).
const READ_ONLY_AFTER: Duration = Duration::from_secs(2);

/// Every so many transactions of an epoch the digest of everything is told.
const DIGEST_INTERVAL: u32 = 16;

/// Something that happens to a member.
#[derive(Debug)]
pub(crate) enum Input {
    /// Of a client's connection.
    Client(replica::Input),
    /// Of another member, or of the disk.
    Peer(zab::Input),
    /// The deadline of [`Member::next_deadline`] has come.
    Timer,
}

/// A member of an ensemble.
pub(crate) struct Member {
    tick: Duration,
    may_read_only: bool,
    replica: Replica,
    peer: Peer,
    peer_effects: zab::Effects,
    /// When the broadcast wants to be asked again; never, once it has stopped.
    peer_deadline: Option<Instant>,
    /// Empty, but with room: what takes turns with the effects that are carried out.
    spare_effects: zab::Effects,
    /// The checksums of what was handed to the broadcast and has no place yet.
    proposed: VecDeque<u32>,
    /// When it begins to serve reads without a leader.
    read_only_at: Option<Instant>,
}

impl Member {
    /// A member that starts with what its disk holds, or with nothing if it has none.
    ///
    /// # Panics
    /// If the settings name no ensemble, or one without this server.
    pub(crate) fn new(
        config: &Arc<Config>,
        recovery: Recovery,
        clocks: Clocks,
        life: u32,
        effects: &mut Effects,
    ) -> Member {
        let ensemble = config.ensemble.as_ref().expect("a member has an ensemble");
        let durable = durable(config, ensemble, &recovery);
        let snapshot = recovery.database.last_zxid.0;
        let mut peer_effects = zab::Effects::default();
        let peer = Peer::new(broadcast(config, ensemble), durable, moment(clocks), &mut peer_effects);
        let mut member = Member {
            tick: config.tick,
            may_read_only: ensemble.read_only_mode,
            replica: Replica::new(config.clone(), recovery.database, clocks, life),
            peer,
            peer_effects,
            peer_deadline: None,
            spare_effects: zab::Effects::default(),
            proposed: VecDeque::new(),
            read_only_at: None,
        };
        let is_repair = |effect: &Effect| matches!(effect, Effect::Tell(TraceEvent::Recovered { repaired: true, .. }));
        let repaired = member.peer_effects.as_slice().iter().any(is_repair);
        effects.recovered(&member.peer, snapshot, repaired);
        member.settle(clocks, effects);
        member
    }

    /// Takes an input. What is to be done about it is added to `effects`.
    pub(crate) fn step(&mut self, clocks: Clocks, input: Input, effects: &mut Effects) {
        match input {
            Input::Client(input) => self.replica.step(clocks, input, &mut effects.clients),
            Input::Peer(input) => self.peer.step(moment(clocks), input, &mut self.peer_effects),
            Input::Timer => self.take_timer(clocks, effects),
        }
        effects.collect();
        self.settle(clocks, effects);
    }

    /// When [`Input::Timer`] is due, if ever.
    pub(crate) fn next_deadline(&self) -> Option<Instant> {
        [self.peer_deadline, self.replica.next_deadline(), self.read_only_at].into_iter().flatten().min()
    }

    /// The replica.
    pub(crate) fn replica(&self) -> &Replica {
        &self.replica
    }

    /// The answer to a four-letter word.
    pub(crate) fn answer_word(&mut self, word: &str, is_secure: bool, clocks: Clocks) -> String {
        self.replica.answer_word(word, is_secure, clocks)
    }

    fn take_timer(&mut self, clocks: Clocks, effects: &mut Effects) {
        if self.peer_deadline.take_if(|deadline| *deadline <= clocks.now).is_some() {
            self.peer.step(moment(clocks), zab::Input::Timer, &mut self.peer_effects);
        }
        if self.replica.next_deadline().is_some_and(|deadline| deadline <= clocks.now) {
            self.replica.step(clocks, replica::Input::Timer, &mut effects.clients);
        }
        if self.read_only_at.is_some_and(|at| at <= clocks.now) {
            self.read_only_at = None;
            self.stand(clocks, Standing::ReadOnly, effects);
        }
    }

    /// Carries what one half wants done to the other, until both are content.
    fn settle(&mut self, clocks: Clocks, effects: &mut Effects) {
        loop {
            let outward = effects.clients.take_outward();
            if self.peer_effects.is_empty() && outward.is_empty() {
                return;
            }
            let mut answers = Vec::new();
            let mut wanted = std::mem::replace(&mut self.peer_effects, std::mem::take(&mut self.spare_effects));
            for effect in wanted.drain() {
                self.carry_out(clocks, effect, &mut answers, effects);
            }
            self.spare_effects = wanted;
            for outward in outward {
                let input = self.ask(outward, effects);
                answers.push(input);
            }
            for input in answers {
                self.peer.step(moment(clocks), input, &mut self.peer_effects);
            }
        }
    }

    /// What the replica wants of the broadcast.
    fn ask(&mut self, outward: Outward, effects: &Effects) -> zab::Input {
        match outward {
            Outward::Prepared(transaction) => {
                let mut payload = BytesMut::new();
                transaction.encode(&mut payload);
                let payload = payload.freeze();
                if effects.is_heard() {
                    self.proposed.push_back(crc32fast::hash(&payload));
                }
                zab::Input::Propose { payload, tag: transaction.zxid.0.cast_unsigned() }
            }
            Outward::ToLeader(payload) => {
                let to = match self.peer.role() {
                    Role::Following { leader, .. } | Role::Observing { leader, .. } => leader,
                    // Said in the moment in which the leader was lost: the broadcast drops it.
                    _ => self.peer.config().id,
                };
                zab::Input::Application { to, payload }
            }
            Outward::ToLearner { server, dispatch } => {
                zab::Input::Application { to: ServerId(server), payload: dispatch }
            }
        }
    }

    /// What the broadcast wants done. Its questions are answered once all else is done.
    fn carry_out(&mut self, clocks: Clocks, effect: Effect, answers: &mut Vec<zab::Input>, effects: &mut Effects) {
        match effect {
            Effect::Send { to, message } => effects.messages.push((to, message)),
            Effect::Persist(write) => effects.persist(write),
            Effect::Deliver(proposal) => self.deliver(clocks, proposal, effects),
            Effect::Restore { zxid, state } => {
                let database = snapshot::decode(&state).expect("what another server has written down can be read");
                assert_eq!(database.last_zxid.0.cast_unsigned(), zxid.to_bits(), "a state knows how far it goes");
                let digest = effects.is_heard().then(|| database.digest());
                self.tell_replica(clocks, replica::Input::Restored { database: Box::new(database) }, effects);
                if let Some(digest) = digest {
                    effects.tell(EnsembleEvent::Digest { zxid: zxid.to_bits().cast_signed(), digest });
                }
            }
            Effect::NeedSnapshot => {
                let database = self.replica.database();
                let zxid = zab::Zxid::from_bits(database.last_zxid.0.cast_unsigned());
                answers.push(zab::Input::SnapshotReady { zxid, state: snapshot::encode(database) });
            }
            Effect::RoleChanged(role) => self.change_role(clocks, role, effects),
            Effect::SetTimer(Moment(reading)) => self.peer_deadline = Some(Instant::from_reading(reading)),
            Effect::Proposed { tag, zxid } => {
                assert_eq!(tag, zxid.to_bits(), "leader and broadcast count alike");
                if let Some(checksum) = self.proposed.pop_front() {
                    effects.tell(EnsembleEvent::Broadcast { zxid: tag.cast_signed(), checksum });
                }
            }
            // The role is about to change; whoever waits will learn that the connection is gone.
            Effect::Refused { .. } => {
                self.proposed.pop_front();
            }
            Effect::Application { from, payload } => {
                let input = if self.replica.standing().learns() {
                    replica::Input::FromLeader { dispatch: payload }
                } else {
                    replica::Input::FromLearner { server: from.0, dispatch: payload }
                };
                self.tell_replica(clocks, input, effects);
            }
            Effect::LearnerJoined(server) => {
                self.tell_replica(clocks, replica::Input::LearnerJoined { server: server.0 }, effects);
            }
            Effect::LearnerLeft(server) => {
                self.tell_replica(clocks, replica::Input::LearnerLeft { server: server.0 }, effects);
            }
            Effect::Tell(event) => effects.tell_of_peer(event),
        }
    }

    fn deliver(&mut self, clocks: Clocks, Proposal { zxid, payload }: Proposal, effects: &mut Effects) {
        effects.applied += 1;
        effects.delivered(zxid, &payload);
        let counter = zxid.counter();
        let zxid = proto::Zxid(zxid.to_bits().cast_signed());
        self.tell_replica(clocks, replica::Input::Delivered { zxid, transaction: payload }, effects);
        if effects.is_heard() && counter.is_multiple_of(DIGEST_INTERVAL) {
            let digest = self.replica.database().digest();
            effects.tell(EnsembleEvent::Digest { zxid: zxid.0, digest });
        }
    }

    fn tell_replica(&mut self, clocks: Clocks, input: replica::Input, effects: &mut Effects) {
        self.replica.step(clocks, input, &mut effects.clients);
        effects.collect();
    }

    fn change_role(&mut self, clocks: Clocks, role: Role, effects: &mut Effects) {
        self.read_only_at =
            (role == Role::Looking && self.may_read_only).then(|| clocks.now + READ_ONLY_AFTER.max(self.tick));
        let standing = match role {
            Role::Looking | Role::Joining { .. } | Role::Assembling => Standing::Out,
            Role::Following { leader, epoch } => Standing::Following { leader: leader.0, epoch },
            Role::Observing { leader, epoch } => Standing::Observing { leader: leader.0, epoch },
            Role::Leading { epoch } => Standing::Leading { epoch },
        };
        self.stand(clocks, standing, effects);
    }

    fn stand(&mut self, clocks: Clocks, standing: Standing, effects: &mut Effects) {
        self.tell_replica(clocks, replica::Input::Standing(standing), effects);
    }
}

fn moment(clocks: Clocks) -> Moment {
    Moment(clocks.now.reading())
}

/// The settings of the broadcast.
fn broadcast(config: &Config, ensemble: &Ensemble) -> zab::Config {
    let ids = |observes: bool| {
        let members = ensemble.members.iter().filter(move |(_, member)| member.observes == observes);
        members.map(|(id, _)| ServerId(*id))
    };
    let mut settings = zab::Config::new(ServerId(config.server_id), ids(false));
    settings.observers = ids(true).collect();
    settings.tick = config.tick;
    settings.init_limit = ensemble.init_limit;
    settings.sync_limit = ensemble.sync_limit;
    settings.window = ensemble.commit_log_count;
    if ensemble.hurries {
        settings.hurry();
    }
    #[cfg(feature = "zoo")]
    settings.plant(match config.mutant {
        Some(crate::Mutant::Broadcast(mutant)) => Some(mutant),
        _ => None,
    });
    settings
}

/// What the broadcast finds on the disk.
fn durable(config: &Config, ensemble: &Ensemble, recovery: &Recovery) -> Durable {
    let standing = recovery.standing;
    let zxid = |zxid: proto::Zxid| zab::Zxid::from_bits(zxid.0.cast_unsigned());
    let proposal = |(at, payload): &(proto::Zxid, bytes::Bytes)| Proposal { zxid: zxid(*at), payload: payload.clone() };
    let is_known = standing.current.is_some() || standing.is_vouched_for;
    Durable {
        accepted_epoch: standing.accepted.unwrap_or(0),
        current_epoch: standing.current.unwrap_or(0),
        snapshot: zxid(recovery.database.last_zxid),
        log: recovery.tail.iter().map(proposal).collect(),
        // In memory alone there is nothing to lose that is not lost with the process anyway.
        lost: !is_known && !ensemble.trust_empty_directory && config.data.is_some(),
    }
}
