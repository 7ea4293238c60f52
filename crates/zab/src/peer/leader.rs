//! Leading: choose an epoch, bring a quorum to one history, broadcast, and step down when no quorum listens.
//!
//! After `Leader` and `LearnerHandler`.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;

use crate::durable::Proposal;
use crate::effects::{Effect, Effects, Refusal, Role};
use crate::message::Packet;
use crate::moment::Moment;
use crate::peer::core::Core;
use crate::peer::handler::{Handler, Stage};
use crate::peer::journal::Barrier;
use crate::peer::plan::Plan;
use crate::quorum;
use crate::trace::{Resignation, TraceEvent};
use crate::zxid::{Epoch, ServerId, Zxid};

/// How far a leader has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    /// Waits for a quorum to say what it has accepted.
    Discovery,
    /// Writes down the epoch.
    Accepting,
    /// Waits for a quorum to promise itself to the epoch.
    Promising,
    /// Waits for a quorum to have its history.
    Synchronisation,
    /// Established.
    Broadcast,
}

/// The role of a server that was elected.
#[derive(Debug)]
pub(crate) struct Leader {
    phase: Phase,
    epoch: Epoch,
    /// The highest epoch accepted by any server that called.
    above: Epoch,
    connecting: BTreeSet<ServerId>,
    promised: BTreeSet<ServerId>,
    learners: BTreeMap<ServerId, Handler>,
    /// What servers acknowledged over connections that are gone: to be counted by a planted bug alone.
    remembered: BTreeMap<ServerId, Zxid>,
    /// The current epoch is on disk.
    entered: bool,
    /// Up to where this server's own log is on disk.
    logged: Zxid,
    /// The end of the history this reign began with.
    initial: Zxid,
    next_beat: Moment,
    established_by: Moment,
}

type Progress = Result<(), Resignation>;

impl Leader {
    pub(crate) fn start(now: Moment, core: &mut Core, effects: &mut Effects) -> Leader {
        assert!(core.is_voting(), "only voters are elected");
        core.claimed = None;
        let mut leader = Leader {
            phase: Phase::Discovery,
            epoch: core.accepted_epoch + 1,
            above: core.accepted_epoch,
            connecting: BTreeSet::from([core.config.id]),
            promised: BTreeSet::new(),
            learners: BTreeMap::new(),
            remembered: BTreeMap::new(),
            entered: false,
            logged: Zxid::ZERO,
            initial: core.history.last(),
            next_beat: now + core.config.tick / 2,
            established_by: now + core.config.init_time(),
        };
        leader.choose_epoch(core, effects);
        leader
    }

    pub(crate) fn role(&self) -> Role {
        if self.phase == Phase::Broadcast { Role::Leading { epoch: self.epoch } } else { Role::Assembling }
    }

    pub(crate) fn deadline(&self) -> Moment {
        if self.phase == Phase::Broadcast { self.next_beat } else { self.next_beat.min(self.established_by) }
    }

    /// Takes leave of the learners.
    pub(crate) fn leave(&mut self, core: &Core, effects: &mut Effects) {
        for (server, handler) in std::mem::take(&mut self.learners) {
            close(server, &handler, core, effects);
        }
    }

    pub(crate) fn on_lost(&mut self, server: ServerId, effects: &mut Effects) {
        if self.learners.remove(&server).is_some_and(|handler| handler.stage == Stage::Synced) {
            effects.push(Effect::LearnerLeft(server));
        }
    }

    pub(crate) fn on_timer(&mut self, now: Moment, core: &mut Core, effects: &mut Effects) -> Progress {
        if self.phase < Phase::Broadcast && self.established_by <= now {
            return Err(Resignation::NotEstablished);
        }
        if self.next_beat > now {
            return Ok(());
        }
        self.next_beat = now + core.config.tick / 2;
        let silent: Vec<ServerId> = self
            .learners
            .iter()
            .filter(|(_, handler)| handler.is_silent(now, core))
            .map(|(server, _)| *server)
            .collect();
        for server in silent {
            let handler = self.learners.remove(&server).expect("it was there");
            close(server, &handler, core, effects);
        }
        for (server, handler) in &self.learners {
            if handler.is_forwarded() {
                core.say_to_learner(*server, handler.attempt, Packet::Ping, effects);
            }
        }
        if self.phase == Phase::Broadcast && !quorum::contains(&core.config, &self.synced(core)) {
            return Err(Resignation::QuorumLost);
        }
        Ok(())
    }

    pub(crate) fn on_packet(
        &mut self,
        now: Moment,
        from: ServerId,
        attempt: u32,
        packet: Packet,
        core: &mut Core,
        effects: &mut Effects,
    ) -> Progress {
        if let Packet::LearnerInfo { accepted_epoch, voting } = packet {
            let voting = core.config.is_voter(from) && (voting || core.config.planted.votes_after_loss());
            return self.on_learner(now, from, attempt, accepted_epoch, voting, core, effects);
        }
        let Some(handler) = self.learners.get_mut(&from).filter(|handler| handler.attempt == attempt) else {
            return Ok(());
        };
        handler.heard = now;
        match packet {
            Packet::AckEpoch { current_epoch, last } => self.on_promise(from, current_epoch, last, core, effects),
            Packet::AckNewLeader { last } => {
                self.on_history(from, last, core, effects);
                Ok(())
            }
            Packet::Ack { zxid } => {
                handler.acknowledged = handler.acknowledged.max(zxid);
                self.remembered.insert(from, handler.acknowledged);
                self.commit(core, effects);
                Ok(())
            }
            Packet::Application(payload) => {
                effects.push(Effect::Application { from, payload });
                Ok(())
            }
            Packet::Close => {
                self.on_lost(from, effects);
                Ok(())
            }
            // A ping is answered by having been heard. The rest only a leader says: not from a server of this kind.
            _ => Ok(()),
        }
    }

    // Discovery.

    #[allow(clippy::too_many_arguments, reason = "the fields of one packet and its surroundings")]
    fn on_learner(
        &mut self,
        now: Moment,
        server: ServerId,
        attempt: u32,
        accepted_epoch: Epoch,
        voting: bool,
        core: &mut Core,
        effects: &mut Effects,
    ) -> Progress {
        self.on_lost(server, effects);
        self.learners.insert(server, Handler::new(attempt, voting, now));
        if self.phase == Phase::Discovery {
            // ZOOKEEPER-1343: also above an epoch that is equal.
            let reused = core.config.planted.reuses_epoch() && accepted_epoch == self.epoch;
            if accepted_epoch >= self.epoch && !reused {
                self.epoch = accepted_epoch + 1;
            }
            self.above = self.above.max(accepted_epoch);
            if voting {
                self.connecting.insert(server);
            }
            self.choose_epoch(core, effects);
        } else if accepted_epoch > self.epoch && voting {
            // It has promised itself to a leader that never was established, and can never follow this one. Java leaves it
            // outside until the next election, which may be for ever. A new reign, above its promise, takes it in.
            if accepted_epoch > core.accepted_epoch {
                core.accept_epoch(accepted_epoch, effects);
            }
            return Err(Resignation::EpochOutrun);
        } else if self.phase > Phase::Accepting {
            core.say_to_learner(server, attempt, Packet::LeaderInfo { epoch: self.epoch }, effects);
        }
        Ok(())
    }

    fn choose_epoch(&mut self, core: &mut Core, effects: &mut Effects) {
        if self.phase == Phase::Discovery && quorum::contains(&core.config, &self.connecting) {
            self.phase = Phase::Accepting;
            effects.tell(TraceEvent::EpochProposed { epoch: self.epoch, above: self.above });
            core.accept_epoch(self.epoch, effects);
            core.sync(Barrier::EpochAccepted, effects);
        }
    }

    fn on_promise(
        &mut self,
        server: ServerId,
        current_epoch: Option<Epoch>,
        last: Zxid,
        core: &mut Core,
        effects: &mut Effects,
    ) -> Progress {
        let handler = self.learners.get_mut(&server).expect("it is there");
        if handler.stage != Stage::Called || self.phase < Phase::Promising {
            return Ok(());
        }
        handler.stage = Stage::Promised { last };
        if let (Phase::Promising, Some(current)) = (self.phase, current_epoch) {
            if (current, last) > (core.current_epoch, core.history.last()) {
                return Err(Resignation::FollowerMoreRecent);
            }
            if handler.voting {
                self.promised.insert(server);
            }
        }
        if self.phase == Phase::Promising {
            self.enter(core, effects);
        } else {
            self.synchronise(server, core, effects);
        }
        Ok(())
    }

    // Synchronisation.

    fn enter(&mut self, core: &mut Core, effects: &mut Effects) {
        let promised = quorum::contains(&core.config, &self.promised) && self.promised.contains(&core.config.id);
        if !promised && !core.config.planted.skips_epoch_acks() {
            return;
        }
        self.phase = Phase::Synchronisation;
        effects.tell(TraceEvent::Synchronising { epoch: self.epoch });
        // The log was synced with the accepted epoch, and nothing was appended since: this write cannot overtake it.
        core.enter_epoch(self.epoch, effects);
        core.sync(Barrier::EpochEntered, effects);
        self.synchronise_all(core, effects);
    }

    fn synchronise_all(&mut self, core: &mut Core, effects: &mut Effects) {
        let servers: Vec<ServerId> = self.learners.keys().copied().collect();
        for server in servers {
            self.synchronise(server, core, effects);
        }
    }

    /// Decides how to bring a learner up, queues all of it, and makes it part of the broadcast in the same step, so that
    /// nothing is sent twice or not at all (ZOOKEEPER-962).
    fn synchronise(&mut self, server: ServerId, core: &mut Core, effects: &mut Effects) {
        let handler = self.learners.get_mut(&server).expect("it is there");
        let Stage::Promised { last } = handler.stage else { return };
        // Who does not count towards establishment gets only what is established.
        if !handler.voting && self.phase < Phase::Broadcast {
            return;
        }
        let plan = match Plan::choose(&core.history, last) {
            Plan::Diff { after }
                if core.config.planted.truncates_outstanding()
                    && after > core.history.committed().max(self.initial) =>
            {
                Plan::Truncate { to: core.history.committed().max(self.initial) }
            }
            plan => plan,
        };
        effects.tell(TraceEvent::Synchronised { learner: server, kind: plan.kind(&core.history) });
        match plan {
            Plan::Diff { after } => {
                let packet = Packet::Diff { to: self.end_for(server, core) };
                self.stream(server, packet, after, core, effects);
            }
            Plan::Truncate { to } => {
                let planted = core.config.planted;
                let told = if planted.truncates_too_little() {
                    Zxid::new(to.epoch(), to.counter() + 1)
                } else if planted.truncates_too_much() {
                    core.history.floor(Zxid::from_bits(to.to_bits() - 1)).unwrap_or(to)
                } else {
                    to
                };
                self.stream(server, Packet::Truncate { to: told }, to, core, effects);
            }
            Plan::Snapshot => {
                handler.stage = Stage::AwaitingSnapshot;
                effects.push(Effect::NeedSnapshot);
            }
        }
    }

    pub(crate) fn on_snapshot(&mut self, zxid: Zxid, state: &Bytes, core: &mut Core, effects: &mut Effects) {
        assert!(zxid <= core.history.committed(), "the application has what was delivered, no more");
        let waiting =
            |(server, handler): (&ServerId, &Handler)| (handler.stage == Stage::AwaitingSnapshot).then_some(*server);
        let servers: Vec<ServerId> = self.learners.iter().filter_map(waiting).collect();
        if !servers.is_empty() && zxid < core.history.base() {
            // It took so long that the window has moved on.
            effects.push(Effect::NeedSnapshot);
            return;
        }
        for server in servers {
            self.stream(server, Packet::Snapshot { zxid, state: state.clone() }, zxid, core, effects);
        }
    }

    /// The last transaction a learner gets with its synchronisation: observers only what is committed.
    fn end_for(&self, server: ServerId, core: &Core) -> Zxid {
        if core.config.is_voter(server) { core.history.last() } else { core.history.committed() }
    }

    fn stream(&mut self, server: ServerId, header: Packet, after: Zxid, core: &mut Core, effects: &mut Effects) {
        let end = self.end_for(server, core);
        let handler = self.learners.get_mut(&server).expect("it is there");
        handler.stage = Stage::Synchronising;
        let attempt = handler.attempt;
        let seal = Packet::NewLeader { epoch: self.epoch };
        if core.config.planted.new_leader_first() {
            core.say_to_learner(server, attempt, seal.clone(), effects);
        }
        core.say_to_learner(server, attempt, header, effects);
        for proposal in core.history.after(after).take_while(|proposal| proposal.zxid <= end) {
            core.say_to_learner(server, attempt, Packet::Proposal(proposal.clone()), effects);
        }
        if !core.config.planted.new_leader_first() {
            core.say_to_learner(server, attempt, seal, effects);
        }
    }

    /// A learner has the history on its disk.
    fn on_history(&mut self, server: ServerId, last: Zxid, core: &mut Core, effects: &mut Effects) {
        let handler = self.learners.get_mut(&server).expect("it is there");
        if handler.stage != Stage::Synchronising {
            return;
        }
        handler.stage = Stage::Synced;
        // A voter that had lost its disk is whole again.
        handler.voting = core.config.is_voter(server);
        handler.acknowledged = last;
        effects.push(Effect::LearnerJoined(server));
        if self.phase == Phase::Broadcast {
            let packet = Packet::UpToDate { committed: core.history.committed() };
            core.say_to_learner(server, handler.attempt, packet, effects);
            self.commit(core, effects);
        } else {
            self.establish(core, effects);
        }
    }

    fn synced(&self, core: &Core) -> BTreeSet<ServerId> {
        let synced = |(server, handler): (&ServerId, &Handler)| {
            (handler.stage == Stage::Synced && handler.voting).then_some(*server)
        };
        self.learners.iter().filter_map(synced).chain([core.config.id]).collect()
    }

    fn establish(&mut self, core: &mut Core, effects: &mut Effects) {
        if self.phase != Phase::Synchronisation || !self.entered || !quorum::contains(&core.config, &self.synced(core))
        {
            return;
        }
        assert_eq!(self.initial, core.history.last(), "nothing is broadcast before the reign is established");
        self.phase = Phase::Broadcast;
        if let Some(vote) = &mut core.vote {
            vote.epoch = self.epoch;
        }
        effects.tell(TraceEvent::Established { epoch: self.epoch, initial: self.initial });
        core.deliver(self.initial, effects);
        for (server, handler) in self.learners.iter().filter(|(_, handler)| handler.stage == Stage::Synced) {
            core.say_to_learner(*server, handler.attempt, Packet::UpToDate { committed: self.initial }, effects);
        }
        effects.push(Effect::RoleChanged(self.role()));
        self.synchronise_all(core, effects);
    }

    // Broadcast.

    pub(crate) fn propose(&mut self, payload: Bytes, tag: u64, core: &mut Core, effects: &mut Effects) -> Progress {
        if self.phase != Phase::Broadcast {
            effects.push(Effect::Refused { tag, refusal: Refusal::NotLeading });
            return Ok(());
        }
        let last = core.history.last();
        let counter = if last.epoch() == self.epoch { last.counter() } else { 0 };
        if counter >= core.config.counter_limit {
            effects.push(Effect::Refused { tag, refusal: Refusal::EpochExhausted });
            return Err(Resignation::EpochExhausted);
        }
        let proposal = Proposal { zxid: Zxid::new(self.epoch, counter + 1), payload };
        let zxid = proposal.zxid;
        assert!(zxid.follows(last));
        effects.push(Effect::Proposed { tag, zxid });
        effects.tell(TraceEvent::Broadcast { zxid });
        core.append(proposal.clone(), effects);
        core.sync(Barrier::Logged(zxid), effects);
        for (server, handler) in &self.learners {
            let late = core.config.planted.joins_late() && handler.stage == Stage::Synchronising;
            if handler.is_forwarded() && core.config.is_voter(*server) && !late {
                core.say_to_learner(*server, handler.attempt, Packet::Proposal(proposal.clone()), effects);
            }
        }
        if core.config.planted.leader_acks_unsynced() {
            self.logged = zxid;
        }
        Ok(())
    }

    /// The disk has done what was to be done before something.
    pub(crate) fn on_barrier(&mut self, barrier: Barrier, core: &mut Core, effects: &mut Effects) {
        match barrier {
            Barrier::EpochAccepted => {
                assert_eq!(self.phase, Phase::Accepting);
                self.phase = Phase::Promising;
                self.promised.insert(core.config.id);
                effects.tell(TraceEvent::EpochAccepted { epoch: self.epoch });
                for (server, handler) in &self.learners {
                    core.say_to_learner(*server, handler.attempt, Packet::LeaderInfo { epoch: self.epoch }, effects);
                }
                self.enter(core, effects);
            }
            Barrier::EpochEntered => {
                self.entered = true;
                self.logged = self.logged.max(self.initial);
                effects.tell(TraceEvent::EpochEntered { epoch: self.epoch });
                self.establish(core, effects);
            }
            Barrier::Logged(zxid) => {
                self.logged = self.logged.max(zxid);
                self.commit(core, effects);
            }
            Barrier::HistoryLogged => unreachable!("learners alone wait for that"),
        }
    }

    /// Commits what a quorum has on disk, in order. An acknowledgement counts for as long as the connection it came over
    /// lasts: what the server still has when it comes back it acknowledges again with NEWLEADER.
    /// Only what this reign broadcast is counted so: what came before was
    /// committed when the reign was established.
    fn commit(&mut self, core: &mut Core, effects: &mut Effects) {
        if self.phase != Phase::Broadcast {
            return;
        }
        let acknowledged = |voter: &ServerId| match self.learners.get(voter) {
            _ if *voter == core.config.id => self.logged,
            Some(handler) if handler.stage == Stage::Synced && handler.voting => handler.acknowledged,
            _ if core.config.planted.truncates_outstanding() => {
                self.remembered.get(voter).copied().unwrap_or(Zxid::ZERO)
            }
            _ => Zxid::ZERO,
        };
        let mut logged: Vec<Zxid> = core.config.voters.iter().map(acknowledged).collect();
        logged.sort_unstable_by(|one, two| two.cmp(one));
        let zxid = logged[quorum::size(&core.config) - 1];
        if zxid.epoch() != self.epoch || zxid <= core.history.committed() {
            return;
        }
        let delivered = core.deliver(zxid, effects);
        for (server, handler) in self.learners.iter().filter(|(_, handler)| handler.is_forwarded()) {
            if core.config.is_voter(*server) {
                core.say_to_learner(*server, handler.attempt, Packet::Commit { zxid }, effects);
            } else {
                for proposal in &delivered {
                    core.say_to_learner(*server, handler.attempt, Packet::Inform(proposal.clone()), effects);
                }
            }
        }
    }

    /// The application has something to say to a learner's.
    pub(crate) fn say(&self, to: ServerId, payload: Bytes, core: &Core, effects: &mut Effects) {
        if let Some(handler) = self.learners.get(&to).filter(|handler| handler.stage == Stage::Synced) {
            core.say_to_learner(to, handler.attempt, Packet::Application(payload), effects);
        }
    }
}

fn close(server: ServerId, handler: &Handler, core: &Core, effects: &mut Effects) {
    core.say_to_learner(server, handler.attempt, Packet::Close, effects);
    if handler.stage == Stage::Synced {
        effects.push(Effect::LearnerLeft(server));
    }
}
