//! A server of the ensemble: which role it has, and how it goes from one to the next.

mod core;
mod handler;
mod journal;
mod leader;
mod learner;
mod plan;
#[cfg(test)]
mod tests;

use bytes::Bytes;

pub(crate) use self::core::Core;
use self::journal::Barrier;
use self::leader::Leader;
use self::learner::Learner;
use crate::config::Config;
use crate::durable::Durable;
use crate::effects::{Effect, Effects, Refusal, Role};
use crate::election::{Decision, Election};
use crate::input::Input;
use crate::message::{Activity, Message, Notification, Packet};
use crate::moment::Moment;
use crate::trace::{Resignation, TraceEvent};
use crate::zxid::{Epoch, ServerId, Zxid};

#[derive(Debug)]
enum State {
    Looking(Election),
    Learning(Learner),
    Leading(Leader),
    Stopped,
}

/// A server of the ensemble, without I/O.
#[derive(Debug)]
pub struct Peer {
    core: Core,
    state: State,
    timer: Option<Moment>,
}

impl Peer {
    /// A server that starts with what its disk holds, knows of no connection, and begins to look for a leader at once.
    ///
    /// # Panics
    /// If the log is not in order, begins at or below the snapshot, or if this server is not in its own configuration.
    pub fn new(config: Config, mut durable: Durable, now: Moment, effects: &mut Effects) -> Peer {
        assert!(config.is_member(config.id), "a server belongs to its ensemble");
        let repaired = durable.repair();
        effects.tell(TraceEvent::Recovered {
            accepted_epoch: durable.accepted_epoch,
            current_epoch: durable.current_epoch,
            last: durable.last(),
            repaired,
        });
        let refuses = repaired && config.planted.refuses_repair();
        let mut core = Core::new(config, durable);
        effects.push(Effect::RoleChanged(Role::Looking));
        let state = if refuses { State::Stopped } else { State::Looking(Election::start(now, &mut core, effects)) };
        let mut peer = Peer { core, state, timer: None };
        peer.set_timer(effects);
        peer
    }

    /// Something happened at `now`: what has to be done is appended to `effects`, in order.
    pub fn step(&mut self, now: Moment, input: Input, effects: &mut Effects) {
        let progress = match input {
            _ if matches!(self.state, State::Stopped) => {
                if let Input::Propose { tag, .. } = input {
                    effects.push(Effect::Refused { tag, refusal: Refusal::NotLeading });
                }
                return;
            }
            Input::Message { from, message: Message::Election(notification) } => {
                self.on_notification(now, from, notification, effects);
                Ok(())
            }
            Input::Message { from, message: Message::ToLeader { attempt, packet } } => {
                self.on_learner_packet(now, from, attempt, packet, effects)
            }
            Input::Message { from, message: Message::ToLearner { attempt, packet } } => {
                self.on_leader_packet(now, from, attempt, packet, effects)
            }
            Input::PeerConnected(server) => self.on_connected(now, server, effects),
            Input::PeerLost(server) => self.on_lost(now, server, effects),
            Input::Timer => self.on_timer(now, effects),
            Input::Persisted { token } => self.on_persisted(now, token, effects),
            Input::Propose { payload, tag } => match &mut self.state {
                State::Leading(leader) => leader.propose(payload, tag, &mut self.core, effects),
                _ => {
                    effects.push(Effect::Refused { tag, refusal: Refusal::NotLeading });
                    Ok(())
                }
            },
            Input::Application { to, payload } => {
                self.say(to, payload, effects);
                Ok(())
            }
            Input::SnapshotReady { zxid, state } => {
                if let State::Leading(leader) = &mut self.state {
                    leader.on_snapshot(zxid, &state, &mut self.core, effects);
                }
                Ok(())
            }
            Input::Shutdown => {
                self.leave(Resignation::Shutdown, effects);
                self.state = State::Stopped;
                Ok(())
            }
        };
        if let Err(reason) = progress {
            self.look(now, reason, effects);
        }
        self.set_timer(effects);
    }

    /// What the server is at the moment.
    pub fn role(&self) -> Role {
        match &self.state {
            State::Looking(_) | State::Stopped => Role::Looking,
            State::Learning(learner) => learner.role(&self.core),
            State::Leading(leader) => leader.role(),
        }
    }

    /// The configuration it was made with.
    pub fn config(&self) -> &Config {
        &self.core.config
    }

    /// The last logged transaction; writing it may still be under way.
    pub fn last(&self) -> Zxid {
        self.core.history.last()
    }

    /// The last delivered transaction.
    pub fn committed(&self) -> Zxid {
        self.core.history.committed()
    }

    /// The highest epoch this server has promised itself to; writing it may still be under way.
    pub fn accepted_epoch(&self) -> Epoch {
        self.core.accepted_epoch
    }

    /// The epoch whose initial history this server has; writing it may still be under way.
    pub fn current_epoch(&self) -> Epoch {
        self.core.current_epoch
    }

    fn on_notification(&mut self, now: Moment, from: ServerId, notification: Notification, effects: &mut Effects) {
        let activity = match &mut self.state {
            State::Looking(election) => {
                let decision = election.on_notification(now, from, notification, &mut self.core, effects);
                if let Some(decision) = decision {
                    self.settle(now, decision, effects);
                }
                return;
            }
            State::Learning(learner) => learner.activity(&self.core),
            State::Leading(_) => Activity::Leading,
            State::Stopped => return,
        };
        if notification.activity == Activity::Looking {
            let answer = Notification { vote: self.core.vote, round: self.core.round, activity };
            self.core.notify(from, answer, effects);
        }
    }

    fn on_learner_packet(
        &mut self,
        now: Moment,
        from: ServerId,
        attempt: u32,
        packet: Packet,
        effects: &mut Effects,
    ) -> Result<(), Resignation> {
        match &mut self.state {
            State::Leading(leader) => leader.on_packet(now, from, attempt, packet, &mut self.core, effects),
            // Not a leader, or not yet: the caller calls again, or looks for another.
            _ if matches!(packet, Packet::LearnerInfo { .. }) => {
                self.core.say_to_learner(from, attempt, Packet::Close, effects);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn on_leader_packet(
        &mut self,
        now: Moment,
        from: ServerId,
        attempt: u32,
        packet: Packet,
        effects: &mut Effects,
    ) -> Result<(), Resignation> {
        match &mut self.state {
            State::Learning(learner) if learner.leader() == from && attempt == self.core.attempt => {
                learner.on_packet(now, packet, &mut self.core, effects)
            }
            // Of an attempt given up.
            _ => Ok(()),
        }
    }

    fn on_connected(&mut self, now: Moment, server: ServerId, effects: &mut Effects) -> Result<(), Resignation> {
        if self.core.connected.contains(&server) {
            self.on_lost(now, server, effects)?;
        }
        self.core.connected.insert(server);
        match &mut self.state {
            State::Looking(election) => election.on_connected(server, &self.core, effects),
            State::Learning(learner) if learner.leader() == server => {
                learner.on_connected(now, &mut self.core, effects);
            }
            _ => {}
        }
        Ok(())
    }

    fn on_lost(&mut self, now: Moment, server: ServerId, effects: &mut Effects) -> Result<(), Resignation> {
        self.core.connected.remove(&server);
        match &mut self.state {
            State::Learning(learner) if learner.leader() == server => learner.on_lost(now, &self.core),
            State::Leading(leader) => {
                leader.on_lost(server, effects);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn on_timer(&mut self, now: Moment, effects: &mut Effects) -> Result<(), Resignation> {
        // The shell's timer has gone off: whatever remains to be waited for needs a new one.
        self.timer = None;
        match &mut self.state {
            State::Looking(election) => {
                if let Some(decision) = election.on_timer(now, &mut self.core, effects) {
                    self.settle(now, decision, effects);
                }
                Ok(())
            }
            State::Learning(learner) => learner.on_timer(now, &mut self.core, effects),
            State::Leading(leader) => leader.on_timer(now, &mut self.core, effects),
            State::Stopped => Ok(()),
        }
    }

    fn on_persisted(&mut self, now: Moment, token: u64, effects: &mut Effects) -> Result<(), Resignation> {
        while let Some(barrier) = self.core.journal.passed(token) {
            self.on_barrier(now, barrier, effects)?;
        }
        Ok(())
    }

    fn on_barrier(&mut self, now: Moment, barrier: Barrier, effects: &mut Effects) -> Result<(), Resignation> {
        match &mut self.state {
            State::Learning(learner) => learner.on_barrier(now, barrier, &mut self.core, effects),
            State::Leading(leader) => {
                leader.on_barrier(barrier, &mut self.core, effects);
                Ok(())
            }
            State::Looking(_) | State::Stopped => unreachable!("who looks waits for no disk"),
        }
    }

    fn say(&mut self, to: ServerId, payload: Bytes, effects: &mut Effects) {
        match &self.state {
            State::Leading(leader) => leader.say(to, payload, &self.core, effects),
            State::Learning(learner) if learner.leader() == to && learner.is_active() => {
                self.core.say_to_leader(to, Packet::Application(payload), effects);
            }
            _ => {}
        }
    }

    fn settle(&mut self, now: Moment, decision: Decision, effects: &mut Effects) {
        let leader = decision.vote.leader;
        self.core.vote = Some(decision.vote);
        effects.tell(TraceEvent::Elected { leader, round: decision.round });
        if leader == self.core.config.id {
            effects.push(Effect::RoleChanged(Role::Assembling));
            self.state = State::Leading(Leader::start(now, &mut self.core, effects));
        } else {
            effects.push(Effect::RoleChanged(Role::Joining { leader }));
            self.state = State::Learning(Learner::start(leader, now, &mut self.core, effects));
        }
    }

    /// Gives up the role, if it has one.
    fn leave(&mut self, reason: Resignation, effects: &mut Effects) {
        match &mut self.state {
            State::Learning(learner) => learner.leave(&self.core, effects),
            State::Leading(leader) => leader.leave(&self.core, effects),
            State::Looking(_) | State::Stopped => {}
        }
        effects.tell(TraceEvent::Resigned { reason });
        self.core.journal.forget();
        effects.push(Effect::RoleChanged(Role::Looking));
    }

    fn look(&mut self, now: Moment, reason: Resignation, effects: &mut Effects) {
        self.leave(reason, effects);
        if self.core.config.planted.forgets_logged_tail() {
            self.core.claimed = Some(self.core.history.committed());
        }
        self.state = State::Looking(Election::start(now, &mut self.core, effects));
    }

    fn set_timer(&mut self, effects: &mut Effects) {
        let deadline = match &self.state {
            State::Looking(election) => election.deadline(),
            State::Learning(learner) => learner.deadline(),
            State::Leading(leader) => leader.deadline(),
            State::Stopped => return,
        };
        if self.timer != Some(deadline) {
            self.timer = Some(deadline);
            effects.push(Effect::SetTimer(deadline));
        }
    }
}
