//! Fast leader election: servers tell each other the best candidate they have heard of until a quorum names the same.
//!
//! After `FastLeaderElection.lookForLeader`. The order of votes makes the winner one whose history contains every
//! committed transaction: a quorum has logged it, and a quorum has voted for nobody who has less.
//!
//! Observers, and servers that have lost their disk, have no vote. They settle only when the voters have: on a quorum that
//! already follows. (Java's observers also count votes of an election under way.)

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::effects::Effects;
use crate::message::{Activity, Notification, Vote};
use crate::moment::Moment;
use crate::peer::Core;
use crate::quorum;
use crate::zxid::{Epoch, ServerId, Zxid};

impl Vote {
    /// The order of votes (`totalOrderPredicate`): epoch, then history, then identity.
    pub(crate) fn rank(&self) -> (Epoch, Zxid, ServerId) {
        (self.epoch, self.zxid, self.leader)
    }
}

/// On whom the election settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Decision {
    pub(crate) vote: Vote,
    pub(crate) round: u64,
}

/// Somebody's vote.
#[derive(Clone, Copy, Debug)]
struct Ballot {
    vote: Vote,
    activity: Activity,
}

/// One search for a leader.
#[derive(Debug)]
pub(crate) struct Election {
    /// This server's vote for itself, if it has one.
    own: Option<Vote>,
    /// The best vote heard of.
    proposal: Option<Vote>,
    /// The votes of this round.
    received: BTreeMap<ServerId, Ballot>,
    /// What servers say that have settled already, in whatever round.
    settled: BTreeMap<ServerId, Ballot>,
    /// What servers that look said last, to one that has no vote.
    rumours: BTreeMap<ServerId, (u64, Vote)>,
    /// When the proposal, which a quorum shares, becomes the decision.
    finalize: Option<Moment>,
    resend: Moment,
    backoff: Duration,
}

impl Election {
    pub(crate) fn start(now: Moment, core: &mut Core, effects: &mut Effects) -> Election {
        core.round += 1;
        let own =
            core.is_voting().then(|| Vote { leader: core.config.id, zxid: core.standing(), epoch: core.current_epoch });
        let backoff = core.config.resend_first;
        let mut election = Election {
            own,
            proposal: None,
            received: BTreeMap::new(),
            settled: BTreeMap::new(),
            rumours: BTreeMap::new(),
            finalize: None,
            resend: now + backoff,
            backoff,
        };
        election.propose(own, now, core, effects);
        election
    }

    /// When something is to be done even if nothing happens.
    pub(crate) fn deadline(&self) -> Moment {
        self.finalize.map_or(self.resend, |finalize| finalize.min(self.resend))
    }

    pub(crate) fn on_timer(&mut self, now: Moment, core: &mut Core, effects: &mut Effects) -> Option<Decision> {
        if self.finalize.is_some_and(|finalize| finalize <= now) {
            let vote = self.proposal.expect("a quorum shares it");
            return Some(Decision { vote, round: core.round });
        }
        if self.resend <= now {
            self.backoff = (self.backoff * 2).min(core.config.resend_last);
            self.resend = now + self.backoff;
            self.broadcast(core, effects);
        }
        None
    }

    pub(crate) fn on_connected(&self, peer: ServerId, core: &Core, effects: &mut Effects) {
        if core.config.is_voter(peer) {
            core.notify(peer, self.notification(core), effects);
        }
    }

    pub(crate) fn on_notification(
        &mut self,
        now: Moment,
        from: ServerId,
        notification: Notification,
        core: &mut Core,
        effects: &mut Effects,
    ) -> Option<Decision> {
        if notification.activity == Activity::Looking
            && self.own.is_some()
            && (notification.vote.is_none() || notification.round < core.round)
        {
            // It is behind, or has no vote to be heard by: tell it where the election is.
            core.notify(from, self.notification(core), effects);
        }
        let vote = notification.vote?;
        if !core.config.is_voter(from) || !core.config.is_voter(vote.leader) {
            return None;
        }
        let ballot = Ballot { vote, activity: notification.activity };
        match notification.activity {
            Activity::Looking if self.own.is_none() => {
                self.on_rumour(now, from, vote, notification.round, core);
                None
            }
            Activity::Looking => {
                self.on_vote(now, from, ballot, notification.round, core, effects);
                None
            }
            Activity::Following | Activity::Leading => {
                let decision = self.on_settled(from, ballot, notification.round, core);
                if decision.is_none() {
                    self.ask_leader(ballot, core, effects);
                }
                decision
            }
            Activity::Observing => None,
        }
    }

    fn on_vote(
        &mut self,
        now: Moment,
        from: ServerId,
        ballot: Ballot,
        round: u64,
        core: &mut Core,
        effects: &mut Effects,
    ) {
        let Some(own) = self.own else { return };
        if round < core.round {
            return;
        }
        let proposal = self.proposal.expect("who votes has a proposal");
        if round > core.round {
            core.round = round;
            self.received.clear();
            let better = if ballot.vote.rank() > own.rank() { ballot.vote } else { own };
            self.propose(Some(better), now, core, effects);
        } else if ballot.vote.rank() > proposal.rank() {
            self.propose(Some(ballot.vote), now, core, effects);
        }
        self.received.insert(from, ballot);
        self.count(now, core);
    }

    /// The voters are about to settle, and will tell nobody who has no vote: it has to ask again soon, not in a minute.
    fn on_rumour(&mut self, now: Moment, from: ServerId, vote: Vote, round: u64, core: &Core) {
        if self.rumours.insert(from, (round, vote)) != Some((round, vote)) {
            self.backoff = core.config.resend_first;
            self.resend = self.resend.min(now + self.backoff);
        }
    }

    /// A server that looks joins an ensemble that works: not on a quorum's word alone, but only if the leader itself says
    /// that it leads (`checkLeader`); the others may speak of one that is gone.
    fn on_settled(&mut self, from: ServerId, ballot: Ballot, round: u64, core: &mut Core) -> Option<Decision> {
        if round == core.round {
            self.received.insert(from, ballot);
            if agree(&self.received, ballot.vote, core) && leads(&self.received, ballot.vote.leader, round, core) {
                return self.join(ballot.vote, round, core);
            }
        }
        self.settled.insert(from, ballot);
        if agree(&self.settled, ballot.vote, core) && leads(&self.settled, ballot.vote.leader, round, core) {
            return self.join(ballot.vote, round, core);
        }
        None
    }

    /// Whoever follows names a leader: if that has not said so itself, it is asked. (Java waits until it says its vote
    /// again to all, which may be a minute later.)
    fn ask_leader(&self, ballot: Ballot, core: &Core, effects: &mut Effects) {
        let Vote { leader, epoch, .. } = ballot.vote;
        let has_said = self.settled.get(&leader).is_some_and(|said| {
            said.activity == Activity::Leading && (said.vote.leader, said.vote.epoch) == (leader, epoch)
        });
        if ballot.activity == Activity::Following && leader != core.config.id && !has_said {
            core.notify(leader, self.notification(core), effects);
        }
    }

    fn join(&self, vote: Vote, round: u64, core: &mut Core) -> Option<Decision> {
        if vote.leader == core.config.id && self.own.is_none() {
            // The others still speak of a life of this server in which it had a disk.
            return None;
        }
        core.round = round;
        Some(Decision { vote, round })
    }

    fn propose(&mut self, vote: Option<Vote>, now: Moment, core: &Core, effects: &mut Effects) {
        self.proposal = vote;
        self.finalize = None;
        if let Some(vote) = vote {
            self.received.insert(core.config.id, Ballot { vote, activity: Activity::Looking });
        }
        self.broadcast(core, effects);
        self.count(now, core);
    }

    fn count(&mut self, now: Moment, core: &Core) {
        let Some(proposal) = self.proposal else { return };
        let same = self.received.iter().filter(|(_, ballot)| ballot.vote == proposal).map(|(server, _)| *server);
        let same: BTreeSet<ServerId> = same.collect();
        let agreed = quorum::contains(&core.config, &same);
        if !agreed {
            self.finalize = None;
        } else if core.config.decides_when_unanimous && core.config.voters.is_subset(&same) {
            self.finalize = Some(now);
        } else if self.finalize.is_none() {
            self.finalize = Some(now + core.config.finalize_wait);
        }
    }

    fn notification(&self, core: &Core) -> Notification {
        Notification { vote: self.proposal, round: core.round, activity: Activity::Looking }
    }

    fn broadcast(&self, core: &Core, effects: &mut Effects) {
        for voter in &core.config.voters {
            core.notify(*voter, self.notification(core), effects);
        }
    }
}

/// Does a quorum name this leader of this epoch? (`Vote.equals` for servers that have settled: their votes' zxids and
/// rounds may differ by how they joined.)
fn agree(ballots: &BTreeMap<ServerId, Ballot>, vote: Vote, core: &Core) -> bool {
    let same = |ballot: &Ballot| (ballot.vote.leader, ballot.vote.epoch) == (vote.leader, vote.epoch);
    let servers: BTreeSet<ServerId> =
        ballots.iter().filter(|(_, ballot)| same(ballot)).map(|(server, _)| *server).collect();
    quorum::contains(&core.config, &servers)
}

fn leads(ballots: &BTreeMap<ServerId, Ballot>, leader: ServerId, round: u64, core: &Core) -> bool {
    if leader == core.config.id {
        round == core.round
    } else {
        ballots.get(&leader).is_some_and(|ballot| ballot.activity == Activity::Leading && ballot.vote.leader == leader)
    }
}
