//! The rules, one by one, on a single peer whose others are played by the test.

use std::time::Duration;

use bytes::Bytes;

use super::Peer;
use crate::{
    Activity, Config, Durable, Effect, Effects, Input, Message, Moment, Notification, Packet, Persist, Proposal,
    Refusal, Resignation, Role, ServerId, TraceEvent, Vote, Zxid,
};

const ME: ServerId = ServerId(2);
const ONE: ServerId = ServerId(1);
const THREE: ServerId = ServerId(3);

struct Play {
    peer: Peer,
    now: Moment,
    effects: Vec<Effect>,
}

impl Play {
    fn new(durable: Durable) -> Play {
        Play::with(Config::new(ME, [ONE, ME, THREE]), durable)
    }

    fn with(config: Config, durable: Durable) -> Play {
        let mut effects = Effects::default();
        let peer = Peer::new(config, durable, Moment::ZERO, &mut effects);
        let mut play = Play { peer, now: Moment::ZERO, effects: effects.drain().collect() };
        play.step(Input::PeerConnected(ONE));
        play.step(Input::PeerConnected(THREE));
        play
    }

    /// Follows server 3, elected in the first round.
    fn joining(durable: Durable) -> Play {
        let mut play = Play::new(durable);
        let vote = Vote { leader: THREE, zxid: Zxid::new(9, 9), epoch: 9 };
        play.elect(vote);
        assert_eq!(play.peer.role(), Role::Joining { leader: THREE });
        play
    }

    /// Leads, and nobody has called yet.
    fn assembling(durable: Durable) -> Play {
        let mut play = Play::new(durable.clone());
        play.elect(Vote { leader: ME, zxid: durable.last(), epoch: durable.current_epoch });
        assert_eq!(play.peer.role(), Role::Assembling);
        play
    }

    /// Leads server 1 in epoch 1.
    fn leading(config: Config) -> Play {
        let mut play = Play::with(config, Durable::first_boot());
        play.elect(Vote { leader: ME, zxid: Zxid::ZERO, epoch: 0 });
        play.learner_says(ONE, Packet::LearnerInfo { accepted_epoch: 0, voting: true });
        play.persisted();
        play.learner_says(ONE, Packet::AckEpoch { current_epoch: Some(0), last: Zxid::ZERO });
        play.persisted();
        play.learner_says(ONE, Packet::AckNewLeader { last: Zxid::ZERO });
        assert_eq!(play.peer.role(), Role::Leading { epoch: 1 });
        play.take();
        play
    }

    fn elect(&mut self, vote: Vote) {
        self.step(notification(ONE, Some(vote), 1, Activity::Looking));
        self.wait(200);
    }

    fn step(&mut self, input: Input) {
        let mut effects = Effects::default();
        self.peer.step(self.now, input, &mut effects);
        self.effects.extend(effects.drain());
    }

    fn wait(&mut self, milliseconds: u64) {
        self.now = self.now + Duration::from_millis(milliseconds);
        self.step(Input::Timer);
    }

    fn leader_says(&mut self, packet: Packet) {
        let attempt = self.peer.core.attempt;
        self.step(Input::Message { from: THREE, message: Message::ToLearner { attempt, packet } });
    }

    fn learner_says(&mut self, from: ServerId, packet: Packet) {
        self.step(Input::Message { from, message: Message::ToLeader { attempt: 1, packet } });
    }

    /// Answers the last sync.
    fn persisted(&mut self) {
        let token = |effect: &Effect| match effect {
            Effect::Persist(Persist::Sync { token }) => Some(*token),
            _ => None,
        };
        let token = self.effects.iter().rev().find_map(token).expect("a sync");
        self.step(Input::Persisted { token });
    }

    fn take(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }

    fn writes(&mut self) -> Vec<Persist> {
        let write = |effect: &Effect| if let Effect::Persist(write) = effect { Some(write.clone()) } else { None };
        self.effects.iter().filter_map(write).collect()
    }

    fn sent(&self, to: ServerId) -> Vec<Packet> {
        let packet = |effect: &Effect| match effect {
            Effect::Send { to: one, message: Message::ToLeader { packet, .. } | Message::ToLearner { packet, .. } }
                if *one == to =>
            {
                Some(packet.clone())
            }
            _ => None,
        };
        self.effects.iter().filter_map(packet).collect()
    }

    fn resigned(&self, reason: Resignation) -> bool {
        self.effects.contains(&Effect::Tell(TraceEvent::Resigned { reason }))
    }
}

fn notification(from: ServerId, vote: Option<Vote>, round: u64, activity: Activity) -> Input {
    Input::Message { from, message: Message::Election(Notification { vote, round, activity }) }
}

fn proposal(epoch: u32, counter: u32) -> Proposal {
    Proposal { zxid: Zxid::new(epoch, counter), payload: Bytes::from_static(b"x") }
}

fn durable(accepted_epoch: u32, current_epoch: u32, log: Vec<Proposal>) -> Durable {
    Durable { accepted_epoch, current_epoch, log, ..Durable::first_boot() }
}

#[test]
fn a_quorum_of_votes_decides_after_a_while() {
    let mut play = Play::new(Durable::first_boot());
    let better = Vote { leader: THREE, zxid: Zxid::ZERO, epoch: 0 };
    play.step(notification(ONE, Some(better), 1, Activity::Looking));
    play.wait(199);
    assert_eq!(play.peer.role(), Role::Looking, "a better vote may still come");
    play.wait(1);
    assert_eq!(play.peer.role(), Role::Joining { leader: THREE });
}

#[test]
fn who_hurries_decides_once_all_have_voted_the_same() {
    let mut config = Config::new(ME, [ONE, ME, THREE]);
    config.hurry();
    let mut play = Play::with(config, Durable::first_boot());
    let best = Vote { leader: THREE, zxid: Zxid::ZERO, epoch: 0 };
    play.step(notification(ONE, Some(best), 1, Activity::Looking));
    play.wait(0);
    assert_eq!(play.peer.role(), Role::Looking, "server 3 has not said what it has");
    play.step(notification(THREE, Some(best), 1, Activity::Looking));
    play.wait(0);
    assert_eq!(play.peer.role(), Role::Joining { leader: THREE });
}

#[test]
fn who_hurries_calls_again_soon_and_then_more_rarely() {
    let mut config = Config::new(ME, [ONE, ME, THREE]);
    config.hurry();
    let mut play = Play::with(config, Durable::first_boot());
    play.elect(Vote { leader: THREE, zxid: Zxid::ZERO, epoch: 0 });
    let calls = |play: &Play| play.sent(THREE).len();
    for pause in [5, 10, 20, 40, 80, 100, 100, 100] {
        let before = calls(&play);
        play.leader_says(Packet::Close);
        play.wait(pause - 1);
        assert_eq!(calls(&play), before, "before {pause} ms have passed");
        play.wait(1);
        assert_eq!(calls(&play), before + 1, "after {pause} ms");
    }
    play.leader_says(Packet::Close);
    play.wait(100);
    assert!(play.resigned(Resignation::LeaderSilent), "it looks for another");
}

#[test]
fn epoch_beats_history_and_history_beats_identity() {
    let rank = |epoch, counter, leader| Vote { leader: ServerId(leader), zxid: Zxid::new(1, counter), epoch }.rank();
    assert!(rank(2, 1, 1) > rank(1, 9, 9));
    assert!(rank(1, 2, 1) > rank(1, 1, 9));
    assert!(rank(1, 1, 2) > rank(1, 1, 1));
}

#[test]
fn a_working_ensemble_is_joined_on_the_leaders_own_word() {
    let vote = Vote { leader: THREE, zxid: Zxid::ZERO, epoch: 4 };
    let mut config = Config::new(ME, (1..=5).map(ServerId));
    config.finalize_wait = Duration::from_secs(9);
    let mut play = Play::with(config, Durable::first_boot());
    for server in [1, 4, 5].map(ServerId) {
        play.step(notification(server, Some(vote), 7, Activity::Following));
    }
    assert_eq!(play.peer.role(), Role::Looking, "the leader may be gone");
    play.step(notification(THREE, Some(vote), 7, Activity::Leading));
    assert_eq!(play.peer.role(), Role::Joining { leader: THREE });
}

#[test]
fn a_leader_that_others_follow_is_asked_for_its_own_word() {
    let mut play = Play::new(Durable::first_boot());
    let vote = Some(Vote { leader: THREE, zxid: Zxid::ZERO, epoch: 0 });
    let asked = |play: &Play| {
        let to_three = |effect: &&Effect| matches!(effect, Effect::Send { to: THREE, message: Message::Election(said) } if said.activity == Activity::Looking);
        play.effects.iter().filter(to_three).count()
    };
    play.take();
    play.step(notification(ONE, vote, 7, Activity::Following));
    assert_eq!(asked(&play), 1);
    play.step(notification(THREE, vote, 7, Activity::Leading));
    assert_eq!((asked(&play), play.peer.role()), (1, Role::Joining { leader: THREE }));
}

#[test]
fn votes_of_a_former_round_do_not_count() {
    let mut play = Play::new(Durable::first_boot());
    let vote = Vote { leader: THREE, zxid: Zxid::ZERO, epoch: 0 };
    play.step(notification(ONE, Some(vote), 5, Activity::Looking));
    play.take();
    play.step(notification(THREE, Some(vote), 4, Activity::Looking));
    assert_eq!(play.peer.core.round, 5);
    let answered =
        |effect: &Effect| matches!(effect, Effect::Send { to, message: Message::Election(_) } if *to == THREE);
    assert!(play.effects.iter().any(answered), "who is behind is told");
}

#[test]
fn a_server_that_lost_its_disk_does_not_vote() {
    let mut play = Play::new(Durable::lost());
    let voted = |effect: &Effect| match effect {
        Effect::Send { message: Message::Election(notification), .. } => notification.vote.is_some(),
        _ => false,
    };
    assert!(!play.effects.iter().any(voted));
    play.elect(Vote { leader: ONE, zxid: Zxid::ZERO, epoch: 0 });
    play.wait(60_000);
    assert_eq!(play.peer.role(), Role::Looking, "it settles on nobody who does not work already");
    assert!(!play.effects.iter().any(voted));
}

#[test]
fn a_server_without_a_vote_asks_again_soon_once_it_hears_of_an_election() {
    /// After how many seconds it asks.
    fn asks_after(play: &mut Play) -> u64 {
        play.take();
        let asks =
            |effect: &Effect| matches!(effect, Effect::Send { to, message: Message::Election(_) } if *to == THREE);
        let waits = (1..1_000).find(|_| {
            play.wait(100);
            play.effects.iter().any(asks)
        });
        waits.expect("it never ceases to ask") / 10
    }
    let mut play = Play::new(Durable::lost());
    while asks_after(&mut play) < 40 {}
    let vote = Vote { leader: THREE, zxid: Zxid::ZERO, epoch: 0 };
    play.step(notification(ONE, Some(vote), 5, Activity::Looking));
    assert_eq!(asks_after(&mut play), 0);
    while asks_after(&mut play) < 40 {}
    play.step(notification(ONE, Some(vote), 5, Activity::Looking));
    assert!(asks_after(&mut play) > 40, "the same again is no news");
}

#[test]
fn one_voter_leads_alone() {
    let mut play = Play::with(Config::new(ME, [ME]), durable(4, 4, vec![proposal(4, 1)]));
    play.wait(200);
    play.persisted();
    play.persisted();
    assert_eq!(play.peer.role(), Role::Leading { epoch: 5 });
    assert!(play.effects.contains(&Effect::Deliver(proposal(4, 1))));
}

#[test]
fn a_promise_is_on_disk_before_it_is_told() {
    let mut play = Play::joining(durable(3, 3, vec![proposal(3, 1)]));
    play.take();
    play.leader_says(Packet::LeaderInfo { epoch: 10 });
    assert_eq!(play.writes(), [Persist::AcceptedEpoch(10), Persist::Sync { token: 1 }]);
    assert!(play.sent(THREE).is_empty());
    play.persisted();
    assert_eq!(play.sent(THREE), [Packet::AckEpoch { current_epoch: Some(3), last: Zxid::new(3, 1) }]);
}

#[test]
fn a_promise_made_before_is_not_counted_again() {
    let mut play = Play::joining(durable(10, 3, vec![]));
    play.take();
    play.leader_says(Packet::LeaderInfo { epoch: 10 });
    assert_eq!(play.sent(THREE), [Packet::AckEpoch { current_epoch: None, last: Zxid::ZERO }]);
}

#[test]
fn a_leader_below_the_promise_is_left() {
    let mut play = Play::joining(durable(10, 3, vec![]));
    play.leader_says(Packet::LeaderInfo { epoch: 9 });
    assert!(play.resigned(Resignation::LeaderOutdated));
}

#[test]
fn history_then_epoch_then_acknowledgement() {
    let mut play = Play::joining(durable(3, 3, vec![proposal(3, 1), proposal(3, 2)]));
    play.leader_says(Packet::LeaderInfo { epoch: 10 });
    play.persisted();
    play.take();
    play.leader_says(Packet::Truncate { to: Zxid::new(3, 1) });
    play.leader_says(Packet::Proposal(proposal(9, 1)));
    assert!(play.writes().is_empty(), "nothing is written before all of it is here");
    play.leader_says(Packet::NewLeader { epoch: 10 });
    let history = [Persist::Truncate(Zxid::new(3, 1)), Persist::Append(proposal(9, 1)), Persist::Sync { token: 2 }];
    assert_eq!(play.writes(), history);
    play.persisted();
    assert_eq!(play.writes()[3..], [Persist::CurrentEpoch(10), Persist::Sync { token: 3 }]);
    // What comes meanwhile waits: ZOOKEEPER-4394, 4685.
    play.leader_says(Packet::Proposal(proposal(10, 1)));
    assert_eq!((play.writes().len(), play.sent(THREE).len()), (5, 0));
    play.persisted();
    assert_eq!(play.sent(THREE), [Packet::AckNewLeader { last: Zxid::new(9, 1) }]);
    assert_eq!(play.writes()[5..], [Persist::Append(proposal(10, 1)), Persist::Sync { token: 4 }]);
    play.persisted();
    assert_eq!(play.sent(THREE).last(), Some(&Packet::Ack { zxid: Zxid::new(10, 1) }));
}

/// Follows server 3 in epoch 10, with nothing in the log.
fn following() -> Play {
    let mut play = Play::joining(durable(3, 3, vec![]));
    play.leader_says(Packet::LeaderInfo { epoch: 10 });
    play.persisted();
    play.leader_says(Packet::Diff { to: Zxid::ZERO });
    play.leader_says(Packet::NewLeader { epoch: 10 });
    play.persisted();
    play.persisted();
    play.leader_says(Packet::UpToDate { committed: Zxid::ZERO });
    assert_eq!(play.peer.role(), Role::Following { leader: THREE, epoch: 10 });
    play.take();
    play
}

#[test]
fn application_messages_ride_behind_commits() {
    let mut play = following();
    play.leader_says(Packet::Proposal(proposal(10, 1)));
    play.leader_says(Packet::Commit { zxid: Zxid::new(10, 1) });
    play.leader_says(Packet::Application(Bytes::from_static(b"synced")));
    let place = |wanted: &Effect| play.effects.iter().position(|effect| effect == wanted);
    let delivered = place(&Effect::Deliver(proposal(10, 1)));
    let heard = place(&Effect::Application { from: THREE, payload: Bytes::from_static(b"synced") });
    assert!(delivered.is_some() && delivered < heard);
}

#[test]
fn a_gap_ends_the_attempt() {
    let mut play = following();
    play.leader_says(Packet::Proposal(proposal(10, 2)));
    assert!(play.resigned(Resignation::Inconsistent));
    assert!(play.writes().is_empty());
}

#[test]
fn packets_of_a_former_attempt_are_ignored() {
    let mut play = following();
    let packet = Packet::Proposal(proposal(10, 2));
    play.step(Input::Message { from: THREE, message: Message::ToLearner { attempt: 0, packet } });
    assert!(play.effects.is_empty());
}

#[test]
fn a_silent_leader_is_left() {
    let mut play = following();
    play.wait(9_999);
    assert_eq!(play.peer.role(), Role::Following { leader: THREE, epoch: 10 });
    play.wait(1);
    assert!(play.resigned(Resignation::LeaderSilent));
}

#[test]
fn a_new_epoch_is_above_an_equal_one() {
    let mut play = Play::assembling(durable(4, 4, vec![]));
    play.take();
    play.learner_says(ONE, Packet::LearnerInfo { accepted_epoch: 5, voting: true });
    assert_eq!(play.writes()[0], Persist::AcceptedEpoch(6));
    assert!(play.sent(ONE).is_empty(), "told once it is on disk");
    play.persisted();
    assert_eq!(play.sent(ONE), [Packet::LeaderInfo { epoch: 6 }]);
}

#[test]
fn who_lost_its_disk_does_not_count_in_discovery() {
    let mut play = Play::assembling(durable(4, 4, vec![]));
    play.take();
    play.learner_says(ONE, Packet::LearnerInfo { accepted_epoch: 0, voting: false });
    assert!(play.writes().is_empty());
}

#[test]
fn a_leader_that_has_less_steps_down() {
    let mut play = Play::assembling(durable(4, 4, vec![]));
    play.learner_says(ONE, Packet::LearnerInfo { accepted_epoch: 4, voting: true });
    play.persisted();
    play.learner_says(ONE, Packet::AckEpoch { current_epoch: Some(4), last: Zxid::new(4, 1) });
    assert!(play.resigned(Resignation::FollowerMoreRecent));
}

#[test]
fn a_transaction_is_committed_by_two_disks() {
    let mut play = Play::leading(Config::new(ME, [ONE, ME, THREE]));
    play.step(Input::Propose { payload: Bytes::from_static(b"x"), tag: 7 });
    assert!(play.effects.contains(&Effect::Proposed { tag: 7, zxid: Zxid::new(1, 1) }));
    assert_eq!(play.sent(ONE), [Packet::Proposal(proposal(1, 1))]);
    play.learner_says(ONE, Packet::Ack { zxid: Zxid::new(1, 1) });
    assert_eq!(play.peer.committed(), Zxid::ZERO, "the leader's own disk has not answered");
    play.persisted();
    assert_eq!(play.peer.committed(), Zxid::new(1, 1));
    assert_eq!(play.sent(ONE).last(), Some(&Packet::Commit { zxid: Zxid::new(1, 1) }));
}

#[test]
fn an_epoch_without_numbers_ends() {
    let mut config = Config::new(ME, [ONE, ME, THREE]);
    config.counter_limit = 1;
    let mut play = Play::leading(config);
    play.step(Input::Propose { payload: Bytes::new(), tag: 1 });
    play.step(Input::Propose { payload: Bytes::new(), tag: 2 });
    assert!(play.effects.contains(&Effect::Refused { tag: 2, refusal: Refusal::EpochExhausted }));
    assert!(play.resigned(Resignation::EpochExhausted));
    assert_eq!(play.peer.role(), Role::Looking);
}

#[test]
fn a_voter_promised_to_a_higher_epoch_ends_the_reign() {
    let mut play = Play::leading(Config::new(ME, [ONE, ME, THREE]));
    play.learner_says(THREE, Packet::LearnerInfo { accepted_epoch: 8, voting: true });
    assert!(play.resigned(Resignation::EpochOutrun));
    assert_eq!(play.writes(), [Persist::AcceptedEpoch(8)]);
}

#[test]
fn a_leader_without_a_quorum_steps_down() {
    let mut play = Play::leading(Config::new(ME, [ONE, ME, THREE]));
    play.wait(9_000);
    assert_eq!(play.peer.role(), Role::Leading { epoch: 1 });
    play.wait(2_000);
    assert!(play.resigned(Resignation::QuorumLost));
    assert_eq!(play.sent(ONE).last(), Some(&Packet::Close));
}

#[test]
fn who_stops_takes_leave_and_is_silent() {
    let mut play = Play::leading(Config::new(ME, [ONE, ME, THREE]));
    play.step(Input::Shutdown);
    assert_eq!(play.sent(ONE), [Packet::Close]);
    play.take();
    play.wait(60_000);
    play.step(Input::Propose { payload: Bytes::new(), tag: 3 });
    assert_eq!(play.take(), [Effect::Refused { tag: 3, refusal: Refusal::NotLeading }]);
}
