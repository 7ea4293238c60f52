//! Faults that are aimed: at a step of the protocol or of an election, or at a target of one's choice.

use std::collections::BTreeMap;
use std::time::Duration;

use host::random::Stream;
use rand::Rng;
use rand::seq::SliceRandom;

use super::swarm::round;
use crate::role::Role;
use crate::roles::Roles;
use crate::schedule::{Ambush, Family, Fault, FaultKind, Lasts, Step, Strike, Weather, draw_duration};

/// A fault of a family that lies in wait for a step, and often another one that brings the step about; nothing if the
/// family has none, or nobody takes steps here.
pub(super) fn draw(family: Family, at: Duration, weather: &Weather<'_>, random: &mut Stream) -> Vec<Fault> {
    let Some(aimed) = draw_one(family, at, weather, random) else { return Vec::new() };
    let step = aimed.kind.ambush().expect("it lies in wait").step;
    // What comes all the time needs no help.
    let comes_by_itself = matches!(step, Step::Broadcast | Step::Delivered | Step::Fsync | Step::Notified);
    if comes_by_itself || random.gen_bool(0.3) {
        return vec![aimed];
    }
    let role = if step.is_of_candidates() { Role::CandidateLeader } else { Role::Leader };
    let node = role.to_string();
    let kind = match family {
        Family::Partition if !step.is_of_candidates() && random.gen_bool(0.5) => FaultKind::CutLeader,
        Family::Partition => FaultKind::Isolate { node },
        Family::Crash => FaultKind::Kill { node },
        Family::Power if !step.is_of_candidates() && random.gen_bool(0.5) => {
            FaultKind::Blackout { nodes: weather.roles.servers.clone() }
        }
        Family::Power => FaultKind::Power { node },
        Family::Pause => FaultKind::Pause { node },
        _ => FaultKind::Expire { node },
    };
    let lasts = Lasts::For(draw_duration(weather.session_timeout, random));
    vec![aimed, Fault { at, lasts, kind }]
}

fn draw_one(family: Family, at: Duration, weather: &Weather<'_>, random: &mut Stream) -> Option<Fault> {
    let of_candidates = !weather.roles.candidates.is_empty() && (!weather.roles.is_ensemble() || random.gen_bool(0.5));
    if !of_candidates && !weather.roles.is_ensemble() {
        return None;
    }
    let steps: Vec<Step> = Step::ALL.into_iter().filter(|step| step.is_of_candidates() == of_candidates).collect();
    let step = *steps.choose(random)?;
    let node = whom(of_candidates, weather.roles, random);
    let nth = 8f64.powf(random.gen_range(0.0..1.0)) as u32;
    let after = match random.gen_bool(0.4) {
        true => Duration::ZERO,
        // From within an fsync to about a second: what a step sets going takes messages, and they take milliseconds.
        false => Duration::from_micros(100 * 10_000f64.powf(random.gen_range(0.0..1.0)) as u64),
    };
    let down = draw_duration(weather.session_timeout, random);
    let strike = match family {
        Family::Partition => Strike::Isolate,
        Family::Crash => Strike::Kill,
        Family::Power if !of_candidates && random.gen_bool(0.4) => Strike::Blackout,
        Family::Power => Strike::Power,
        Family::Pause => Strike::Pause,
        Family::Session if of_candidates && random.gen_bool(0.5) => Strike::AckLost,
        Family::Session if of_candidates => Strike::Expire,
        Family::Session | Family::Link | Family::Clock | Family::Disk => return None,
    };
    let kind = FaultKind::Ambush(Ambush { strike, node, step, nth, after, down });
    let patience = round(weather.session_timeout.mul_f64(random.gen_range(1.0..12.0)));
    Some(Fault { at, lasts: Lasts::For(patience), kind })
}

fn whom(of_candidates: bool, roles: &Roles, random: &mut Stream) -> String {
    let (named, anybody, first) = match of_candidates {
        true => (&roles.candidates, Role::AnyCandidate, Role::CandidateLeader),
        false => (&roles.servers, Role::AnyServer, Role::Leader),
    };
    match random.gen_range(0..10) {
        0..5 => anybody.to_string(),
        5..8 => first.to_string(),
        _ => named.choose(random).expect("somebody looked").clone(),
    }
}

/// Lets a fault hit others, in proportion to how much they attract. It stays a fault of its kind: a server is replaced by
/// a server, a candidate by a candidate. What hits groups of nodes stays as it is.
pub(super) fn retarget(kind: &mut FaultKind, targets: &BTreeMap<String, f64>, roles: &Roles, random: &mut Stream) {
    if matches!(
        kind,
        FaultKind::Split { .. } | FaultKind::Ring { .. } | FaultKind::Bridge { .. } | FaultKind::Blackout { .. }
    ) {
        return;
    }
    let kept = kind.clone();
    let may_be = |node: &str| is_for(&kept, node, roles);
    let eligible: Vec<(&String, f64)> =
        targets.iter().filter(|(node, _)| may_be(node)).map(|(node, weight)| (node, *weight)).collect();
    let Ok((target, _)) = eligible.choose_weighted(random, |(_, weight)| *weight) else { return };
    let mut nodes = kind.nodes_mut();
    if let [node] = nodes.as_mut_slice() {
        (**node).clone_from(target);
    }
}

/// Whether a kind of fault can hit a node.
fn is_for(kind: &FaultKind, node: &str, roles: &Roles) -> bool {
    let is_server = roles.is_server(node);
    let is_candidate = match Role::parse(node) {
        Some(role) => !role.is_of_servers(),
        None => roles.candidates.iter().any(|candidate| candidate == node),
    };
    match kind {
        FaultKind::CutFollower { .. } | FaultKind::Wipe { .. } | FaultKind::Rot { .. } => is_server,
        FaultKind::Drop { .. } | FaultKind::AckLost { .. } | FaultKind::Expire { .. } | FaultKind::Move { .. } => {
            is_candidate
        }
        FaultKind::SlowSync { .. } | FaultKind::FailSync { .. } | FaultKind::Full { .. } => !is_candidate,
        _ => match kind.ambush() {
            Some(ambush) if ambush.step.is_of_candidates() => is_candidate,
            Some(_) => is_server,
            None => true,
        },
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use rand::SeedableRng;

    use super::*;
    use crate::parameters::Parameters;
    use crate::schedule::{Schedule, draw_fault_kind};

    const UNTIL: Duration = Duration::from_secs(200);

    fn with_weather(servers: u32, act: impl FnOnce(&Weather<'_>)) {
        let mut parameters = Parameters::standard();
        parameters.set("servers", &servers.to_string()).unwrap();
        let (roles, families) = (Roles::election(&parameters), BTreeSet::from(Family::ALL));
        act(&Weather { roles: &roles, families: &families, until: UNTIL, session_timeout: Duration::from_secs(6) });
    }

    fn is_valid(fault: &Fault, roles: &Roles) -> Result<(), (usize, crate::UserError)> {
        Schedule::new(vec![fault.clone()]).validate(roles, UNTIL)
    }

    #[test]
    fn what_is_aimed_is_valid_and_reaches_every_step() {
        for servers in [1, 3] {
            with_weather(servers, |weather| {
                let mut random = Stream::seed_from_u64(4);
                let mut steps = BTreeSet::new();
                for _ in 0..400 {
                    let family = *Family::ALL.choose(&mut random).unwrap();
                    for fault in draw(family, Duration::from_secs(9), weather, &mut random) {
                        assert_eq!(is_valid(&fault, weather.roles), Ok(()), "{}", fault.kind);
                        assert_eq!(fault.kind.family(), family);
                        steps.extend(fault.kind.ambush().map(|ambush| ambush.step));
                    }
                }
                let reached = Step::ALL.into_iter().filter(|step| servers > 1 || step.is_of_candidates());
                assert_eq!(steps, reached.collect());
            });
        }
    }

    #[test]
    fn a_fault_that_hits_others_is_still_valid() {
        with_weather(3, |weather| {
            let targets: BTreeMap<String, f64> = weather
                .roles
                .all()
                .chain(["@leader", "@follower", "@candidate-leader"])
                .map(|node| (node.to_owned(), 1.0))
                .collect();
            let mut random = Stream::seed_from_u64(5);
            let mut changed = 0;
            for turn in 0..600 {
                let family = Family::ALL[turn % Family::ALL.len()];
                let mut kind = draw_fault_kind(family, weather, &mut random);
                let before = kind.clone();
                retarget(&mut kind, &targets, weather.roles, &mut random);
                changed += u32::from(kind != before);
                let fault = Fault { at: Duration::from_secs(1), lasts: Lasts::For(Duration::from_secs(1)), kind };
                assert_eq!(is_valid(&fault, weather.roles), Ok(()), "{before} became {}", fault.kind);
            }
            assert!(changed > 250, "{changed} of 600");
        });
    }
}
