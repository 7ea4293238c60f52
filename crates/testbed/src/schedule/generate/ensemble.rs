//! Faults around an ensemble: by role, at the steps of its protocol, and on the disks of a minority.

use std::num::NonZeroU32;
use std::time::Duration;

use host::random::Stream;
use rand::Rng;
use rand::seq::SliceRandom;

use super::draws::{draw_quality, draw_some};
use super::{Weather, draw_duration, round};
use crate::role::Role;
use crate::roles::Roles;
use crate::schedule::{Ambush, Family, FaultKind, Step, Strike};

/// Which servers' disks may still forget what is on them: in a whole run those of a minority, one long after the other.
///
/// A server that forgot counts as new, and has no vote until it has synchronised. Whatever is acknowledged is on a
/// quorum of disks, so at least one that did not forget has it and is in every quorum that can elect.
pub(super) struct Damage {
    left: usize,
    not_before: Duration,
    apart: Duration,
}

impl Damage {
    pub(super) fn allowed(weather: &Weather<'_>) -> Damage {
        let apart = weather.session_timeout * 10;
        Damage { left: weather.roles.minority(), not_before: Duration::ZERO, apart }
    }

    pub(super) fn is_allowed_at(&self, at: Duration) -> bool {
        self.left > 0 && at >= self.not_before
    }

    pub(super) fn note(&mut self, at: Duration, kind: &FaultKind) {
        if kind.damages().is_some() {
            self.left -= 1;
            self.not_before = at + self.apart;
        }
    }
}

/// A fault that only an ensemble knows; nothing if it is to be one like any other.
pub(super) fn draw_kind(
    family: Family,
    weather: &Weather<'_>,
    may_damage: bool,
    random: &mut Stream,
) -> Option<FaultKind> {
    let roles = weather.roles;
    match family {
        Family::Partition => random.gen_bool(0.5).then(|| draw_partition(roles, random)),
        Family::Link => random.gen_bool(0.4).then(|| {
            let one = draw_server(roles, random);
            draw_quality(vec![one], roles.servers.clone(), random)
        }),
        Family::Crash => random.gen_bool(0.4).then(|| draw_ambush(Strike::Kill, weather, random)),
        Family::Power => match random.gen_range(0..10) {
            0..2 => Some(draw_ambush(Strike::Power, weather, random)),
            2..4 => Some(draw_ambush(Strike::Blackout, weather, random)),
            4..6 => Some(draw_blackout(roles, random)),
            _ => None,
        },
        Family::Disk => (may_damage && random.gen_bool(0.3)).then(|| {
            let node = draw_server(roles, random);
            if random.gen_bool(0.5) {
                FaultKind::Wipe { node }
            } else {
                FaultKind::Rot { node, bits: random.gen_range(1..=4) }
            }
        }),
        Family::Session if random.gen_bool(0.3) && !roles.candidates.is_empty() => {
            Some(FaultKind::Move { node: draw_candidate(roles, random) })
        }
        Family::Session | Family::Pause | Family::Clock => None,
    }
}

/// Both the service and those who elect on it are tested.
pub(super) fn draw_node(roles: &Roles, random: &mut Stream) -> String {
    match random.gen_range(0..10) {
        0..5 if !roles.candidates.is_empty() => draw_candidate(roles, random),
        9 if !roles.resources.is_empty() => roles.resources.choose(random).expect("there is one").clone(),
        _ => draw_server(roles, random),
    }
}

/// Somebody who has a disk.
pub(super) fn draw_owner(roles: &Roles, random: &mut Stream) -> String {
    match roles.resources.choose(random) {
        Some(resource) if random.gen_bool(0.15) => resource.clone(),
        _ => draw_server(roles, random),
    }
}

/// A server by name or by role: the leader is hit more often than chance would have it.
fn draw_server(roles: &Roles, random: &mut Stream) -> String {
    match random.gen_range(0..10) {
        0..3 => Role::Leader.to_string(),
        3..5 => draw_follower(roles, random),
        _ => roles.servers.choose(random).expect("an ensemble has servers").clone(),
    }
}

fn draw_follower(roles: &Roles, random: &mut Stream) -> String {
    let followers = u32::try_from(roles.servers.len() - 1).expect("an ensemble is small");
    let number = NonZeroU32::new(random.gen_range(1..=followers)).expect("it is counted from one");
    Role::Follower(number).to_string()
}

fn draw_candidate(roles: &Roles, random: &mut Stream) -> String {
    if random.gen_bool(0.2) {
        return Role::CandidateLeader.to_string();
    }
    roles.candidates.choose(random).expect("somebody looked").clone()
}

/// Cuts between servers: each keeps its clients.
fn draw_partition(roles: &Roles, random: &mut Stream) -> FaultKind {
    let leader = || vec![Role::Leader.to_string()];
    let mut servers = roles.servers.clone();
    servers.shuffle(random);
    match random.gen_range(0..10) {
        0..3 => FaultKind::CutLeader,
        3..6 => {
            let by_role = random.gen_bool(0.7);
            let node = if by_role { draw_follower(roles, random) } else { servers.swap_remove(0) };
            FaultKind::CutFollower { node }
        }
        6 => FaultKind::OneWay { from: leader(), to: servers },
        7 => FaultKind::OneWay { from: servers, to: leader() },
        8 if servers.len() >= 4 => FaultKind::Ring { nodes: servers },
        8 if servers.len() == 3 => FaultKind::Bridge { left: servers[..1].to_vec(), right: servers[2..].to_vec() },
        _ => {
            let (one, two) = draw_some(&servers, random);
            FaultKind::Split { groups: vec![one, two] }
        }
    }
}

/// All servers, or just a quorum.
fn draw_blackout(roles: &Roles, random: &mut Stream) -> FaultKind {
    let mut nodes = roles.servers.clone();
    if random.gen_bool(0.5) {
        nodes.shuffle(random);
        nodes.truncate(random.gen_range(nodes.len() / 2 + 1..=nodes.len()));
    }
    FaultKind::Blackout { nodes }
}

fn draw_ambush(strike: Strike, weather: &Weather<'_>, random: &mut Stream) -> FaultKind {
    let step = *STEPS.choose_weighted(random, |(_, weight)| *weight).map(|(step, _)| step).expect("there are steps");
    let node = draw_whom(step, weather.roles, random);
    let nth = match is_of_every_day(step) {
        // Far apart on a logarithmic scale.
        true => 30f64.powf(random.gen_range(0.0..1.0)) as u32,
        // Log and epochs, of one server or of all.
        false if step == Step::JoiningFsync => random.gen_range(1..=8),
        false if random.gen_bool(0.7) => 1,
        false => random.gen_range(2..=3),
    };
    let after = if random.gen_bool(0.5) {
        Duration::ZERO
    } else {
        // An fsync takes one or two milliseconds, a message as much or less.
        Duration::from_micros(10 * 500f64.powf(random.gen_range(0.2..1.0)) as u64)
    };
    let down = draw_duration(weather.session_timeout, random);
    FaultKind::Ambush(Ambush { strike, node, step, nth, after, down })
}

/// The steps and how often each is waited for. Those of a synchronisation are few and each may break something of its
/// own; so they are waited for as often as those of every day.
const STEPS: [(Step, u32); 16] = [
    (Step::Broadcast, 5),
    (Step::Delivered, 3),
    (Step::Fsync, 6),
    (Step::JoiningFsync, 6),
    (Step::Elected, 2),
    (Step::EpochProposed, 2),
    (Step::EpochAccepted, 2),
    (Step::Synchronising, 2),
    (Step::Synchronised, 2),
    (Step::EpochEntered, 3),
    (Step::Established, 2),
    (Step::UpToDate, 2),
    (Step::Recovered, 1),
    (Step::Restored, 1),
    (Step::Truncated, 1),
    (Step::Resigned, 1),
];

/// Whether an ensemble that is at peace takes this step all the time.
const fn is_of_every_day(step: Step) -> bool {
    matches!(step, Step::Broadcast | Step::Delivered | Step::Fsync)
}

fn draw_whom(step: Step, roles: &Roles, random: &mut Stream) -> String {
    match (step, random.gen_range(0..10)) {
        (Step::Broadcast, _) => Role::Leader.to_string(),
        (Step::Delivered | Step::Fsync, 0..4) => Role::Leader.to_string(),
        (Step::Delivered | Step::Fsync, 4..7) => draw_follower(roles, random),
        // While a leader is sought nobody has a role.
        (_, 0..8) => Role::AnyServer.to_string(),
        _ => roles.servers.choose(random).expect("an ensemble has servers").clone(),
    }
}

/// How long to lie in wait.
pub(super) fn draw_patience(session_timeout: Duration, random: &mut Stream) -> Duration {
    round(session_timeout.mul_f64(random.gen_range(1.0..8.0)))
}

/// What brings about a step that does not come by itself: the leader goes, and another one must be found.
pub(super) fn draw_provocation(family: Family, ambush: &Ambush, random: &mut Stream) -> Option<FaultKind> {
    if is_of_every_day(ambush.step) || random.gen_bool(0.4) {
        return None;
    }
    let node = Role::Leader.to_string();
    Some(if family == Family::Power { FaultKind::Power { node } } else { FaultKind::Kill { node } })
}
