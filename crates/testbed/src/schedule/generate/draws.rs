//! Which fault of a family, and whom it hits.

use std::time::Duration;

use host::random::Stream;
use rand::Rng;
use rand::seq::SliceRandom;

use super::{Weather, ensemble};
use crate::roles::Roles;
use crate::schedule::{Family, FaultKind};

/// Draws a fault of a family; `may_damage` says whether a server's disk may forget.
pub(super) fn draw_kind(family: Family, weather: &Weather<'_>, may_damage: bool, random: &mut Stream) -> FaultKind {
    if weather.roles.is_ensemble()
        && let Some(kind) = ensemble::draw_kind(family, weather, may_damage, random)
    {
        return kind;
    }
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
pub(super) fn draw_node(roles: &Roles, random: &mut Stream) -> String {
    if roles.is_ensemble() {
        return ensemble::draw_node(roles, random);
    }
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
pub(super) fn draw_some(nodes: &[String], random: &mut Stream) -> (Vec<String>, Vec<String>) {
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
    draw_quality(from, to, random)
}

/// Links between two sets of nodes become slow, lossy or narrow.
pub(super) fn draw_quality(from: Vec<String>, to: Vec<String>, random: &mut Stream) -> FaultKind {
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
    let owner = if roles.is_ensemble() {
        Some(ensemble::draw_owner(roles, random))
    } else {
        let owners: Vec<&String> = roles.servers.iter().chain(&roles.resources).collect();
        owners.choose(random).map(|node| (*node).clone())
    };
    let Some(node) = owner else {
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
