//! Learning from a leader: discovery, synchronisation, and following, as a follower or an observer does it.
//!
//! After `Learner`, `Follower` and `Observer`. What arrives between the leader's epoch and NEWLEADER is collected in
//! memory; at NEWLEADER it goes to the disk, then the epoch, each behind a barrier of its own, and only then the
//! acknowledgement (ZOOKEEPER-3023, 4643, 4646, 4785). What arrives while the disk is busy with that waits its turn
//! (ZOOKEEPER-4394, 4685).

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;

use crate::durable::Proposal;
use crate::effects::{Effect, Effects, Role};
use crate::message::{Activity, Packet};
use crate::moment::Moment;
use crate::peer::core::Core;
use crate::peer::journal::Barrier;
use crate::trace::{Resignation, TraceEvent};
use crate::zxid::{Epoch, ServerId, Zxid};

/// How far a learner has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Has called, or will call, at the leader.
    Calling,
    /// Writes down the epoch it was told.
    Accepting,
    /// Collects what it lacks.
    Collecting,
    /// Writes the history, then the epoch.
    Sealing,
    /// Has acknowledged NEWLEADER.
    Sealed,
    /// Was told to serve.
    Active,
}

/// Where the collected transactions go.
#[derive(Clone, Debug)]
enum Base {
    Diff,
    Truncate(Zxid),
    Snapshot(Zxid, Bytes),
}

/// The role of a server that knows whom to learn from.
#[derive(Debug)]
pub(crate) struct Learner {
    leader: ServerId,
    stage: Stage,
    epoch: Epoch,
    calls: u32,
    call_again: Option<Moment>,
    /// When the leader's silence is too long.
    deadline: Moment,
    base: Base,
    collected: Vec<Proposal>,
    held: VecDeque<Packet>,
}

/// What goes wrong ends the attempt.
type Progress = Result<(), Resignation>;

impl Learner {
    pub(crate) fn start(leader: ServerId, now: Moment, core: &mut Core, effects: &mut Effects) -> Learner {
        assert_ne!(leader, core.config.id, "nobody learns from itself");
        let mut learner = Learner {
            leader,
            stage: Stage::Calling,
            epoch: 0,
            calls: 0,
            call_again: None,
            deadline: now + core.config.init_time(),
            base: Base::Diff,
            collected: Vec::new(),
            held: VecDeque::new(),
        };
        learner.call(now, core, effects);
        learner
    }

    pub(crate) fn leader(&self) -> ServerId {
        self.leader
    }

    pub(crate) fn activity(&self, core: &Core) -> Activity {
        if core.config.is_voter(core.config.id) { Activity::Following } else { Activity::Observing }
    }

    pub(crate) fn deadline(&self) -> Moment {
        self.call_again.map_or(self.deadline, |again| again.min(self.deadline))
    }

    /// Takes leave of the leader.
    pub(crate) fn leave(&mut self, core: &Core, effects: &mut Effects) {
        core.say_to_leader(self.leader, Packet::Close, effects);
    }

    pub(crate) fn on_timer(&mut self, now: Moment, core: &mut Core, effects: &mut Effects) -> Progress {
        if self.deadline <= now {
            return Err(Resignation::LeaderSilent);
        }
        if self.call_again.is_some_and(|again| again <= now) {
            if self.calls >= core.config.connect_attempts {
                return Err(Resignation::LeaderSilent);
            }
            self.call(now, core, effects);
        }
        Ok(())
    }

    pub(crate) fn on_lost(&mut self, now: Moment, core: &Core) -> Progress {
        if self.stage == Stage::Calling {
            self.call_again = Some(now + self.pause(core));
            return Ok(());
        }
        Err(Resignation::LeaderGone)
    }

    pub(crate) fn on_connected(&mut self, now: Moment, core: &mut Core, effects: &mut Effects) {
        if self.stage == Stage::Calling {
            self.call(now, core, effects);
        }
    }

    /// How long to wait before the next call. Servers settle on a leader at nearly the same time: often the call comes but
    /// a moment too early.
    fn pause(&self, core: &Core) -> Duration {
        let doublings = self.calls.saturating_sub(1).min(16);
        (core.config.connect_retry_first * 2u32.pow(doublings)).min(core.config.connect_retry)
    }

    fn call(&mut self, now: Moment, core: &mut Core, effects: &mut Effects) {
        self.calls += 1;
        core.attempt += 1;
        self.call_again = None;
        if core.connected.contains(&self.leader) {
            let packet = Packet::LearnerInfo { accepted_epoch: core.accepted_epoch, voting: core.is_voting() };
            core.say_to_leader(self.leader, packet, effects);
        } else {
            self.call_again = Some(now + self.pause(core));
        }
    }

    /// Something of this attempt from the leader.
    pub(crate) fn on_packet(
        &mut self,
        now: Moment,
        packet: Packet,
        core: &mut Core,
        effects: &mut Effects,
    ) -> Progress {
        if self.stage == Stage::Active {
            self.deadline = now + core.config.sync_time();
        }
        match packet {
            Packet::Close if self.stage == Stage::Calling => {
                self.call_again = Some(now + self.pause(core));
                Ok(())
            }
            Packet::Close => Err(Resignation::LeaderGone),
            Packet::Ping => {
                core.say_to_leader(self.leader, Packet::Ping, effects);
                Ok(())
            }
            Packet::LeaderInfo { epoch } => self.on_epoch(epoch, core, effects),
            packet if self.stage == Stage::Sealing => {
                self.held.push_back(packet);
                Ok(())
            }
            packet if self.stage == Stage::Collecting => self.collect(packet, core, effects),
            packet if matches!(self.stage, Stage::Sealed | Stage::Active) => self.follow(now, packet, core, effects),
            _ => Err(Resignation::Inconsistent),
        }
    }

    fn on_epoch(&mut self, epoch: Epoch, core: &mut Core, effects: &mut Effects) -> Progress {
        if self.stage != Stage::Calling {
            return Err(Resignation::Inconsistent);
        }
        if epoch < core.accepted_epoch {
            return Err(Resignation::LeaderOutdated);
        }
        self.epoch = epoch;
        self.call_again = None;
        if epoch > core.accepted_epoch {
            self.stage = Stage::Accepting;
            core.accept_epoch(epoch, effects);
            core.sync(Barrier::EpochAccepted, effects);
        } else {
            // Promised before, maybe to another leader: to be counted once only.
            self.stage = Stage::Collecting;
            core.say_to_leader(self.leader, Packet::AckEpoch { current_epoch: None, last: core.standing() }, effects);
        }
        Ok(())
    }

    fn collect(&mut self, packet: Packet, core: &mut Core, effects: &mut Effects) -> Progress {
        match packet {
            Packet::Diff { to } => {
                self.base = Base::Diff;
                if core.config.planted.claims_diff_early() {
                    core.claimed = Some(to.max(core.history.last()));
                }
            }
            Packet::Truncate { to } => self.base = Base::Truncate(to),
            Packet::Snapshot { zxid, state } => self.base = Base::Snapshot(zxid, state),
            Packet::Proposal(proposal) | Packet::Inform(proposal) => self.collected.push(proposal),
            Packet::NewLeader { epoch } if epoch == self.epoch => return self.seal(core, effects),
            Packet::Application(payload) => effects.push(Effect::Application { from: self.leader, payload }),
            _ => return Err(Resignation::Inconsistent),
        }
        Ok(())
    }

    /// NEWLEADER: everything that belongs to the epoch's beginning is here.
    fn seal(&mut self, core: &mut Core, effects: &mut Effects) -> Progress {
        let planted = core.config.planted;
        self.stage = Stage::Sealing;
        if planted.logs_after_ack() {
            core.enter_epoch(self.epoch, effects);
            core.say_to_leader(self.leader, Packet::AckNewLeader { last: core.history.last() }, effects);
        }
        if planted.enters_epoch_first() {
            core.enter_epoch(self.epoch, effects);
            core.sync(Barrier::EpochEntered, effects);
            return Ok(());
        }
        self.log_collected(core, effects)?;
        if planted.acks_new_leader_unsynced() {
            core.enter_epoch(self.epoch, effects);
            return self.sealed(core, effects);
        }
        if planted.enters_epoch_unsynced() {
            core.enter_epoch(self.epoch, effects);
            core.sync(Barrier::EpochEntered, effects);
            return Ok(());
        }
        core.sync(Barrier::HistoryLogged, effects);
        Ok(())
    }

    fn log_collected(&mut self, core: &mut Core, effects: &mut Effects) -> Progress {
        let collected = std::mem::take(&mut self.collected);
        match std::mem::replace(&mut self.base, Base::Diff) {
            Base::Diff => extend(collected, core, effects),
            Base::Truncate(to) => {
                truncate(to, core, effects)?;
                extend(collected, core, effects)
            }
            Base::Snapshot(zxid, state) if zxid > core.history.committed() => {
                let mut last = zxid;
                for proposal in &collected {
                    if !proposal.zxid.follows(last) {
                        return Err(Resignation::Inconsistent);
                    }
                    last = proposal.zxid;
                }
                core.install(zxid, state, collected, effects);
                Ok(())
            }
            Base::Snapshot(zxid, _) => {
                // The application is past this state already, so it stays; what was delivered is in the leader's history.
                // Of the log, what the two have in common stays too: it may have been acknowledged.
                let common = |proposal: &&Proposal| core.history.contains(proposal.zxid);
                let kept = collected.iter().rev().find(common).map_or(zxid, |proposal| proposal.zxid);
                truncate(kept, core, effects)?;
                extend(collected.into_iter().filter(|proposal| proposal.zxid > kept).collect(), core, effects)
            }
        }
    }

    /// The disk has done what was to be done before something.
    pub(crate) fn on_barrier(
        &mut self,
        now: Moment,
        barrier: Barrier,
        core: &mut Core,
        effects: &mut Effects,
    ) -> Progress {
        match barrier {
            Barrier::EpochAccepted => {
                assert_eq!(self.stage, Stage::Accepting);
                self.stage = Stage::Collecting;
                effects.tell(TraceEvent::EpochAccepted { epoch: self.epoch });
                let packet = Packet::AckEpoch { current_epoch: Some(core.current_epoch), last: core.standing() };
                core.say_to_leader(self.leader, packet, effects);
                Ok(())
            }
            Barrier::HistoryLogged => {
                core.enter_epoch(self.epoch, effects);
                core.sync(Barrier::EpochEntered, effects);
                Ok(())
            }
            Barrier::EpochEntered => {
                if core.config.planted.enters_epoch_first() {
                    self.log_collected(core, effects)?;
                }
                self.sealed(core, effects)?;
                while let Some(packet) = self.held.pop_front() {
                    self.follow(now, packet, core, effects)?;
                }
                Ok(())
            }
            Barrier::Logged(zxid) => {
                core.say_to_leader(self.leader, Packet::Ack { zxid }, effects);
                Ok(())
            }
        }
    }

    fn sealed(&mut self, core: &mut Core, effects: &mut Effects) -> Progress {
        self.stage = Stage::Sealed;
        core.lost = false;
        core.claimed = None;
        effects.tell(TraceEvent::EpochEntered { epoch: self.epoch });
        if !core.config.planted.logs_after_ack() {
            core.say_to_leader(self.leader, Packet::AckNewLeader { last: core.history.last() }, effects);
        }
        Ok(())
    }

    fn follow(&mut self, now: Moment, packet: Packet, core: &mut Core, effects: &mut Effects) -> Progress {
        match packet {
            Packet::Proposal(proposal) => {
                let zxid = proposal.zxid;
                extend(vec![proposal], core, effects)?;
                if core.config.planted.acks_unsynced() {
                    core.say_to_leader(self.leader, Packet::Ack { zxid }, effects);
                } else {
                    core.sync(Barrier::Logged(zxid), effects);
                }
                Ok(())
            }
            Packet::Inform(proposal) => {
                let zxid = proposal.zxid;
                extend(vec![proposal], core, effects)?;
                deliver(zxid, core, effects)
            }
            Packet::Commit { zxid } => deliver(zxid, core, effects),
            Packet::UpToDate { committed } => {
                deliver(committed, core, effects)?;
                self.stage = Stage::Active;
                self.deadline = now + core.config.sync_time();
                if let Some(vote) = &mut core.vote {
                    // ZOOKEEPER-1732: whoever looks for a leader later must see all servers name the same epoch.
                    vote.epoch = self.epoch;
                }
                let (leader, epoch) = (self.leader, self.epoch);
                effects.tell(TraceEvent::UpToDate { leader, epoch });
                let observes = self.activity(core) == Activity::Observing;
                let role = if observes { Role::Observing { leader, epoch } } else { Role::Following { leader, epoch } };
                effects.push(Effect::RoleChanged(role));
                Ok(())
            }
            Packet::Application(payload) => {
                effects.push(Effect::Application { from: self.leader, payload });
                Ok(())
            }
            Packet::Diff { .. } if core.config.planted.new_leader_first() => Ok(()),
            _ => Err(Resignation::Inconsistent),
        }
    }

    /// The synchronised leader and its epoch, if it is so far.
    pub(crate) fn role(&self, core: &Core) -> Role {
        let (leader, epoch) = (self.leader, self.epoch);
        match (self.stage, self.activity(core)) {
            (Stage::Active, Activity::Observing) => Role::Observing { leader, epoch },
            (Stage::Active, _) => Role::Following { leader, epoch },
            _ => Role::Joining { leader },
        }
    }

    /// May the application speak to the leader's?
    pub(crate) fn is_active(&self) -> bool {
        self.stage == Stage::Active
    }
}

fn truncate(to: Zxid, core: &mut Core, effects: &mut Effects) -> Progress {
    // A correct leader never takes back what was delivered, and never names a place that is not in the history.
    if to < core.history.committed() || !core.history.contains(to) {
        return Err(Resignation::Inconsistent);
    }
    core.truncate(to, effects);
    Ok(())
}

fn extend(proposals: Vec<Proposal>, core: &mut Core, effects: &mut Effects) -> Progress {
    let planted = core.config.planted;
    for proposal in proposals {
        if planted.forgets_logged_tail() && proposal.zxid <= core.history.last() {
            continue;
        }
        let gapless = proposal.zxid.follows(core.history.last());
        let blind = planted.joins_late() || planted.truncates_too_much();
        if !(gapless || blind && proposal.zxid > core.history.last()) {
            return Err(Resignation::Inconsistent);
        }
        core.append(proposal, effects);
    }
    Ok(())
}

fn deliver(zxid: Zxid, core: &mut Core, effects: &mut Effects) -> Progress {
    if zxid > core.history.last() {
        return Err(Resignation::Inconsistent);
    }
    core.deliver(zxid, effects);
    Ok(())
}
