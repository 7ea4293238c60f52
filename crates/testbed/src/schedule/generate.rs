//! A seed makes a schedule.
//!
//! Swarm-wise: each run draws which families are on at all, how dense and how long its faults are, so that some runs
//! are all partitions and others a few long stalls. Depth comes from what is left out as much as from what is put in.

use std::collections::BTreeSet;
use std::time::Duration;

use host::random::Stream;
use rand::Rng;
use rand::seq::SliceRandom;

use super::{Family, Fault, FaultKind, Lasts, Schedule};
use crate::roles::Roles;

/// What a schedule is made for.
#[derive(Clone, Debug)]
pub struct Weather<'a> {
    /// Who can be hit.
    pub roles: &'a Roles,
    /// The families that may occur.
    pub families: &'a BTreeSet<Family>,
    /// Faults begin before this time.
    pub until: Duration,
    /// The session timeout: durations are drawn around it, for that is where elections break.
    pub session_timeout: Duration,
}

/// Makes a schedule out of a stream of random numbers.
pub fn generate(weather: &Weather<'_>, random: &mut Stream) -> Schedule {
    let families = draw_families(weather.families, random);
    if families.is_empty() || weather.roles.count() == 0 {
        return Schedule::default();
    }
    // Between a fault every second and a half and one every forty seconds.
    let mean_gap = Duration::from_secs_f64(1.5 * 27f64.powf(random.gen_range(0.0..1.0)));
    let mut faults = Vec::new();
    let mut lost_for_good = 0;
    let mut at = draw_gap(mean_gap, random);
    while at < weather.until {
        let family = *families.choose(random).expect("there is one family at least");
        let kind = draw_kind(family, weather, random);
        let mut lasts = Lasts::For(draw_duration(weather.session_timeout, random));
        let may_be_lost =
            kind.breaks_for_good().is_some_and(|node| weather.roles.candidates.iter().any(|name| name == node));
        // At least two candidates stay in the core, so that the liveness phase still sees an election.
        if may_be_lost && lost_for_good + 2 < weather.roles.candidates.len() && random.gen_bool(0.02) {
            lasts = Lasts::Forever;
            lost_for_good += 1;
        }
        if kind.is_instant() {
            lasts = Lasts::For(Duration::ZERO);
        }
        faults.push(Fault { at: round(at), lasts, kind });
        at += draw_gap(mean_gap, random);
    }
    Schedule::new(faults)
}

/// Each family is on in half of the runs; now and then all are, and a run without any draws again.
fn draw_families(allowed: &BTreeSet<Family>, random: &mut Stream) -> Vec<Family> {
    if allowed.is_empty() {
        return Vec::new();
    }
    if random.gen_bool(0.1) {
        return allowed.iter().copied().collect();
    }
    loop {
        let drawn: Vec<Family> = allowed.iter().copied().filter(|_| random.gen_bool(0.5)).collect();
        if !drawn.is_empty() {
            return drawn;
        }
    }
}

/// Exponential, so that faults come in clusters and leave quiet stretches.
fn draw_gap(mean: Duration, random: &mut Stream) -> Duration {
    let uniform: f64 = random.gen_range(f64::EPSILON..1.0);
    mean.mul_f64(-uniform.ln()).max(Duration::from_millis(1))
}

/// Between 30 ms and five session timeouts, evenly on a logarithmic scale; one in four right around the timeout.
fn draw_duration(session_timeout: Duration, random: &mut Stream) -> Duration {
    if random.gen_bool(0.25) {
        return round(session_timeout.mul_f64(random.gen_range(0.5..1.7)));
    }
    let (shortest, longest) = (0.03f64, session_timeout.as_secs_f64() * 5.0);
    let exponent: f64 = random.gen_range(0.0..1.0);
    round(Duration::from_secs_f64(shortest * (longest / shortest).powf(exponent)))
}

/// Files hold whole milliseconds: people read and edit them.
fn round(duration: Duration) -> Duration {
    Duration::from_millis(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX).max(1))
}

fn draw_kind(family: Family, weather: &Weather<'_>, random: &mut Stream) -> FaultKind {
    match family {
        Family::Partition => draw_partition(weather.roles, random),
        Family::Link => draw_link(weather.roles, random),
        Family::Crash => FaultKind::Kill { node: draw_node(weather.roles, random) },
        Family::Power => FaultKind::Power { node: draw_node(weather.roles, random) },
        Family::Pause => FaultKind::Pause { node: draw_node(weather.roles, random) },
        Family::Clock => draw_clock(weather.roles, random),
        Family::Disk => draw_disk(weather.roles, random),
        Family::Session => draw_session(weather.roles, random),
    }
}

/// Candidates are hit most, for they are what is tested; the service and the resource often enough.
fn draw_node(roles: &Roles, random: &mut Stream) -> String {
    let sets = [(&roles.candidates, 6), (&roles.servers, 3), (&roles.resources, 1)];
    let sets: Vec<_> = sets.into_iter().filter(|(nodes, _)| !nodes.is_empty()).collect();
    let (nodes, _) = sets.choose_weighted(random, |(_, weight)| *weight).expect("some role has a node");
    nodes.choose(random).expect("the set is not empty").clone()
}

fn shuffled(roles: &Roles, random: &mut Stream) -> Vec<String> {
    let mut nodes: Vec<String> = roles.all().map(str::to_owned).collect();
    nodes.shuffle(random);
    nodes
}

/// Some of the nodes, neither none nor all.
fn draw_some(nodes: &[String], random: &mut Stream) -> (Vec<String>, Vec<String>) {
    let mut nodes = nodes.to_vec();
    nodes.shuffle(random);
    let rest = nodes.split_off(random.gen_range(1..nodes.len().max(2)).min(nodes.len()));
    (nodes, rest)
}

fn draw_partition(roles: &Roles, random: &mut Stream) -> FaultKind {
    let nodes = shuffled(roles, random);
    match random.gen_range(0..10) {
        0..4 => FaultKind::Isolate { node: draw_node(roles, random) },
        4..6 if nodes.len() >= 2 => {
            let (one, two) = draw_some(&nodes, random);
            FaultKind::Split { groups: vec![one, two] }
        }
        6 if nodes.len() >= 3 => {
            let half = (nodes.len() - 1) / 2;
            FaultKind::Bridge { left: nodes[..half].to_vec(), right: nodes[half + 1..].to_vec() }
        }
        7 if nodes.len() >= 4 => FaultKind::Ring { nodes },
        _ if !roles.servers.is_empty() && !roles.candidates.is_empty() => {
            let candidate = roles.candidates.choose(random).expect("there is one").clone();
            let (from, to) = (vec![candidate], roles.servers.clone());
            if random.gen_bool(0.5) { FaultKind::OneWay { from, to } } else { FaultKind::OneWay { from: to, to: from } }
        }
        _ => FaultKind::Isolate { node: draw_node(roles, random) },
    }
}

fn draw_link(roles: &Roles, random: &mut Stream) -> FaultKind {
    let (from, to) = if random.gen_bool(0.6) && !roles.servers.is_empty() && !roles.candidates.is_empty() {
        (vec![roles.candidates.choose(random).expect("there is one").clone()], roles.servers.clone())
    } else {
        draw_some(&shuffled(roles, random), random)
    };
    match random.gen_range(0..3) {
        0 => {
            let extra = Duration::from_millis((10f64 * 300f64.powf(random.gen_range(0.0..1.0))) as u64);
            FaultKind::Slow { from, to, extra }
        }
        1 => FaultKind::Lossy { from, to, percent: random.gen_range(1..=60) },
        _ => FaultKind::Narrow { from, to, bytes_per_second: random.gen_range(1_000..20_000) },
    }
}

fn draw_clock(roles: &Roles, random: &mut Stream) -> FaultKind {
    let node = draw_node(roles, random);
    let away = (20f64 * 10_000f64.powf(random.gen_range(0.0..1.0))) as i64;
    let milliseconds = if random.gen_bool(0.5) { away } else { -away };
    match random.gen_range(0..4) {
        0 => FaultKind::Step { node, milliseconds },
        // Up to 5 %: worse than any quartz, within what careful lease arithmetic must bear.
        1 => FaultKind::Drift { node, parts_per_million: random.gen_range(-50_000..=50_000) },
        2 => FaultKind::Freeze { node },
        _ => {
            let period = Duration::from_millis(random.gen_range(5..2_000));
            FaultKind::Strobe { node, milliseconds, period }
        }
    }
}

/// Disks are the servers' and the resources': candidates keep nothing.
///
/// No bit rots here: one server alone cannot recover what only it had, so such a run would prove nothing.
fn draw_disk(roles: &Roles, random: &mut Stream) -> FaultKind {
    let owners: Vec<&String> = roles.servers.iter().chain(&roles.resources).collect();
    let Some(node) = owners.choose(random).map(|node| (*node).clone()) else {
        return FaultKind::Isolate { node: draw_node(roles, random) };
    };
    match random.gen_range(0..3) {
        0 => {
            let extra = Duration::from_millis((5f64 * 400f64.powf(random.gen_range(0.0..1.0))) as u64);
            FaultKind::SlowSync { node, extra }
        }
        1 => FaultKind::FailSync { node, count: random.gen_range(1..=3) },
        _ => FaultKind::Full { node },
    }
}

fn draw_session(roles: &Roles, random: &mut Stream) -> FaultKind {
    let Some(node) = roles.candidates.choose(random).cloned() else {
        return FaultKind::Isolate { node: draw_node(roles, random) };
    };
    match random.gen_range(0..3) {
        0 => FaultKind::Drop { node },
        1 => FaultKind::AckLost { node },
        _ => FaultKind::Expire { node },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parameters::Parameters;
    use crate::schedule::SavedRun;
    use rand::SeedableRng;
    use std::path::Path;

    fn schedule(seed: u64, families: &BTreeSet<Family>) -> Schedule {
        let roles = Roles::election(&Parameters::standard());
        let (until, session_timeout) = (Duration::from_secs(250), Duration::from_secs(6));
        let weather = Weather { roles: &roles, families, until, session_timeout };
        generate(&weather, &mut Stream::seed_from_u64(seed))
    }

    #[test]
    fn every_generated_schedule_is_valid_and_survives_its_file() {
        let roles = Roles::election(&Parameters::standard());
        let all = BTreeSet::from(Family::ALL);
        for seed in 0..300 {
            let schedule = schedule(seed, &all);
            schedule.validate(&roles, Duration::from_secs(250)).unwrap();
            let saved = SavedRun {
                scenario: "election/docs".into(),
                seed,
                scheduler_seed: None,
                parameters: vec![("candidates".into(), "5".into())],
                schedule,
                found: None,
                lines: Vec::new(),
            };
            let again = SavedRun::parse(&saved.to_text(), Path::new("again.toml")).unwrap();
            assert_eq!(again.schedule, saved.schedule);
        }
    }

    #[test]
    fn over_some_seeds_every_kind_occurs_and_families_are_off_now_and_then() {
        let all = BTreeSet::from(Family::ALL);
        let schedules: Vec<Schedule> = (0..200).map(|seed| schedule(seed, &all)).collect();
        let kinds: BTreeSet<&str> =
            schedules.iter().flat_map(|schedule| schedule.faults.iter().map(|fault| fault.kind.name())).collect();
        let of_an_ensemble = ["cut_leader", "cut_follower", "kill_at", "blackout", "power_at", "wipe", "rot", "move"];
        let expected: BTreeSet<&str> =
            FaultKind::NAMES.into_iter().filter(|name| !of_an_ensemble.contains(name)).collect();
        assert_eq!(kinds, expected);
        for family in Family::ALL {
            let with = schedules.iter().filter(|schedule| schedule.families().contains(&family)).count();
            assert!((40..180).contains(&with), "{family} occurs in {with} of 200");
        }
    }

    /// Saved commands name seeds: what a seed means must not change without need.
    #[test]
    fn for_one_server_a_seed_means_what_it_meant() {
        let all = BTreeSet::from(Family::ALL);
        let text: String = (0..100).map(|seed| format!("{:?}", schedule(seed, &all))).collect();
        // FNV-1a.
        let hash = text
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        assert_eq!(hash, 1_867_854_068_537_002_294);
    }

    #[test]
    fn only_what_is_allowed_occurs() {
        let only = BTreeSet::from([Family::Pause]);
        for seed in 0..50 {
            assert!(schedule(seed, &only).families().is_subset(&only));
        }
        assert!(schedule(1, &BTreeSet::new()).faults.is_empty());
    }
}
