//! The hand that puts faults into the world, and takes them out again.
//!
//! Faults overlap. What one has done, another's end must not undo: a node held down by two faults starts when the
//! later one ends, a link slowed by two is as slow as both make it. So the hand counts.

use std::collections::{BTreeMap, BTreeSet};

use history::{Event, FaultEvent, NodeName};
use host::sim::groups::{self, Links};
use host::sim::{Quality, World};

use crate::roles::Roles;
use crate::schedule::{Fault, FaultKind};

/// What holds a node down.
#[derive(Clone, Copy, Debug, Default)]
struct Holds {
    down: u32,
    unpowered: u32,
    stalled: u32,
}

/// The hand.
pub(crate) struct Hand {
    world: World,
    roles: Roles,
    holds: BTreeMap<String, Holds>,
    /// The faults that are in force, by their place in the schedule.
    active: BTreeMap<usize, Fault>,
}

impl Hand {
    pub(crate) fn new(world: World, roles: Roles) -> Hand {
        Hand { world, roles, holds: BTreeMap::new(), active: BTreeMap::new() }
    }

    /// Begins a fault.
    pub(crate) fn begin(&mut self, place: usize, fault: &Fault) {
        let index = u32::try_from(place).expect("schedules are shorter than that");
        let (family, what) = (fault.kind.family().name().to_owned(), fault.kind.to_string());
        self.world.tell(Event::Fault(FaultEvent::Begins { index, family, what }));
        if !fault.kind.is_instant() {
            self.active.insert(place, fault.clone());
        }
        match &fault.kind {
            FaultKind::Kill { node } => {
                self.hold(node).down += 1;
                self.world.kill(node);
            }
            FaultKind::Power { node } => {
                self.hold(node).unpowered += 1;
                self.world.power_off(node);
            }
            FaultKind::Pause { node } => {
                self.hold(node).stalled += 1;
                self.world.pause(node);
            }
            FaultKind::Step { node, milliseconds } => {
                self.world.clocks().step(node, milliseconds.saturating_mul(1_000_000));
            }
            FaultKind::FailSync { node, count } => self.world.disks().fail_next_syncs(node, *count),
            FaultKind::Drop { node } => self.reset_connections(node),
            FaultKind::AckLost { node } => {
                for server in &self.roles.servers {
                    self.world.network().swallow(server, node);
                }
            }
            FaultKind::Slow { .. } | FaultKind::Lossy { .. } | FaultKind::Narrow { .. } => self.bend_links(&fault.kind),
            FaultKind::Drift { node, .. } | FaultKind::Freeze { node } | FaultKind::Strobe { node, .. } => {
                self.bend_clock(&node.clone());
            }
            FaultKind::SlowSync { node, .. } | FaultKind::Full { node } => self.bend_disk(&node.clone()),
            FaultKind::Split { .. }
            | FaultKind::Isolate { .. }
            | FaultKind::Bridge { .. }
            | FaultKind::Ring { .. }
            | FaultKind::OneWay { .. }
            | FaultKind::Expire { .. } => self.world.network().cut_all(&self.links_cut_by(&fault.kind)),
        }
    }

    /// Ends a fault, if it is in force.
    pub(crate) fn end(&mut self, place: usize) {
        let Some(fault) = self.active.remove(&place) else {
            return;
        };
        let index = u32::try_from(place).expect("schedules are shorter than that");
        self.world.tell(Event::Fault(FaultEvent::Ends { index }));
        match &fault.kind {
            FaultKind::Kill { node } => {
                self.hold(node).down -= 1;
                self.start_if_nothing_holds(node);
            }
            FaultKind::Power { node } => {
                let hold = self.hold(node);
                hold.unpowered -= 1;
                if hold.unpowered == 0 {
                    self.world.power_on(node);
                }
                self.start_if_nothing_holds(node);
            }
            FaultKind::Pause { node } => {
                let hold = self.hold(node);
                hold.stalled -= 1;
                if hold.stalled == 0 {
                    self.world.resume(node);
                }
            }
            FaultKind::AckLost { node } => self.reset_connections(node),
            FaultKind::Slow { .. } | FaultKind::Lossy { .. } | FaultKind::Narrow { .. } => self.bend_links(&fault.kind),
            FaultKind::Drift { node, .. } | FaultKind::Freeze { node } | FaultKind::Strobe { node, .. } => {
                self.bend_clock(&node.clone());
            }
            FaultKind::SlowSync { node, .. } | FaultKind::Full { node } => self.bend_disk(&node.clone()),
            FaultKind::Split { .. }
            | FaultKind::Isolate { .. }
            | FaultKind::Bridge { .. }
            | FaultKind::Ring { .. }
            | FaultKind::OneWay { .. }
            | FaultKind::Expire { .. } => self.world.network().heal_each(&self.links_cut_by(&fault.kind)),
            FaultKind::Step { .. } | FaultKind::FailSync { .. } | FaultKind::Drop { .. } => {
                unreachable!("faults of an instant are never in force")
            }
        }
    }

    /// Ends all that is in force but what is to last forever, and asserts that nothing leaks past the switch.
    pub(crate) fn end_all(&mut self) {
        let passing = |fault: &Fault| fault.lasts != crate::schedule::Lasts::Forever;
        let places: Vec<usize> =
            self.active.iter().filter(|(_, fault)| passing(fault)).map(|(place, _)| *place).collect();
        for place in places {
            self.end(place);
        }
        for node in self.roles.servers.iter().chain(&self.roles.resources) {
            self.world.disks().restore(node);
        }
        let lost: Vec<&str> = self.active.values().filter_map(|fault| fault.kind.breaks_for_good()).collect();
        let core: Vec<&str> = self.roles.all().filter(|node| !lost.contains(node)).collect();
        for node in &core {
            assert!(
                self.world.is_powered(node) && !self.world.is_paused(node),
                "a fault on {node} leaks past the switch"
            );
            for other in &core {
                assert!(!self.world.network().is_cut(node, other), "the cut {node} -> {other} leaks past the switch");
            }
        }
    }

    /// Whether a fault keeps the process of a node from running.
    pub(crate) fn holds_down(&self, node: &str) -> bool {
        self.holds.get(node).is_some_and(|hold| hold.down > 0 || hold.unpowered > 0)
    }

    fn hold(&mut self, node: &str) -> &mut Holds {
        self.holds.entry(node.to_owned()).or_default()
    }

    fn start_if_nothing_holds(&mut self, node: &str) {
        if self.holds_down(node) {
            return;
        }
        self.world.start(node);
        if self.hold(node).stalled > 0 {
            self.world.pause(node);
        }
    }

    fn reset_connections(&self, node: &str) {
        for server in &self.roles.servers {
            self.world.network().reset_connections(node, server);
        }
    }

    /// The directed links that a fault cuts.
    fn links_cut_by(&self, kind: &FaultKind) -> Links {
        let everybody: Vec<NodeName> = self.roles.all().map(NodeName::new).collect();
        let servers = names(&self.roles.servers);
        let alone = |node: &String| [NodeName::new(node)];
        match kind {
            FaultKind::Split { groups: parts } => {
                let parts: Vec<Vec<NodeName>> = parts.iter().map(|part| names(part)).collect();
                groups::split(&parts)
            }
            FaultKind::Isolate { node } => groups::isolate(&NodeName::new(node), &everybody),
            FaultKind::Bridge { left, right } => groups::between(&names(left), &names(right)),
            FaultKind::Ring { nodes } => groups::majorities_ring(&names(nodes)),
            FaultKind::OneWay { from, to } => groups::one_way(&names(from), &names(to)),
            FaultKind::Expire { node } => groups::between(&alone(node), &servers),
            _ => Links::new(),
        }
    }

    /// Sets the quality of all links that a fault touches to what the faults in force make of it.
    fn bend_links(&self, kind: &FaultKind) {
        let Some(ends) = Ends::of(kind) else { return };
        let network = self.world.network();
        let bending: Vec<(Ends, &FaultKind)> =
            self.active.values().filter_map(|fault| Some((Ends::of(&fault.kind)?, &fault.kind))).collect();
        for (from, to) in ends.links() {
            // With no quality of its own the link shows the default, which is what the faults bend.
            network.restore_quality(from, to);
            let normal = network.quality(from, to);
            let mut quality = normal.clone();
            for (_, kind) in bending.iter().filter(|(ends, _)| ends.have(from, to)) {
                bend(&mut quality, kind);
            }
            if quality != normal {
                network.set_quality(from, to, quality);
            }
        }
    }

    /// Sets a node's clocks to what the faults in force make of them; of several drifts the latest counts.
    fn bend_clock(&self, node: &str) {
        let clocks = self.world.clocks();
        clocks.mend(node);
        for fault in self.active.values() {
            match &fault.kind {
                FaultKind::Drift { node: bent, parts_per_million } if bent == node => {
                    clocks.drift(node, *parts_per_million)
                }
                FaultKind::Freeze { node: bent } if bent == node => clocks.freeze(node),
                FaultKind::Strobe { node: bent, milliseconds, period } if bent == node => {
                    clocks.strobe(node, milliseconds.saturating_mul(1_000_000), *period);
                }
                _ => {}
            }
        }
    }

    /// Sets a node's disk to what the faults in force make of it.
    fn bend_disk(&self, node: &str) {
        let disks = self.world.disks();
        let mut extra = std::time::Duration::ZERO;
        let mut full = false;
        for fault in self.active.values() {
            match &fault.kind {
                FaultKind::SlowSync { node: bent, extra: more } if bent == node => extra += *more,
                FaultKind::Full { node: bent } if bent == node => full = true,
                _ => {}
            }
        }
        disks.slow_sync(node, extra);
        if full { disks.fill(node) } else { disks.drain(node) }
    }
}

fn names(nodes: &[String]) -> Vec<NodeName> {
    nodes.iter().map(|node| NodeName::new(node)).collect()
}

/// The two sets of nodes between which a fault bends all links, both ways.
struct Ends<'a> {
    from: BTreeSet<&'a str>,
    to: BTreeSet<&'a str>,
}

impl<'a> Ends<'a> {
    fn of(kind: &'a FaultKind) -> Option<Ends<'a>> {
        match kind {
            FaultKind::Slow { from, to, .. }
            | FaultKind::Lossy { from, to, .. }
            | FaultKind::Narrow { from, to, .. } => {
                let set = |nodes: &'a [String]| nodes.iter().map(String::as_str).collect();
                Some(Ends { from: set(from), to: set(to) })
            }
            _ => None,
        }
    }

    fn have(&self, from: &str, to: &str) -> bool {
        let one_way = |from, to| self.from.contains(from) && self.to.contains(to);
        one_way(from, to) || one_way(to, from)
    }

    /// Each link once.
    fn links(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        let pairs = self.from.iter().flat_map(|from| self.to.iter().map(move |to| (*from, *to)));
        let pairs = pairs.filter(|(from, to)| from != to);
        // A pair whose nodes are on both sides comes twice as it is.
        let is_mirrored = |from: &str, to: &str| self.from.contains(to) && self.to.contains(from);
        pairs.flat_map(move |(from, to)| {
            let back = (!is_mirrored(from, to)).then_some((to, from));
            std::iter::once((from, to)).chain(back)
        })
    }
}

/// Makes a quality worse by one fault.
fn bend(quality: &mut Quality, kind: &FaultKind) {
    match kind {
        FaultKind::Slow { extra, .. } => quality.spike += *extra,
        FaultKind::Lossy { percent, .. } => {
            let kept = (1.0 - quality.loss) * (1.0 - f64::from(*percent) / 100.0);
            quality.loss = 1.0 - kept;
        }
        FaultKind::Narrow { bytes_per_second, .. } => {
            let bytes_per_second = u64::from(*bytes_per_second);
            quality.bandwidth = Some(quality.bandwidth.map_or(bytes_per_second, |before| before.min(bytes_per_second)));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slow(from: &[&str], to: &[&str]) -> FaultKind {
        let names = |nodes: &[&str]| nodes.iter().map(|node| (*node).to_owned()).collect();
        FaultKind::Slow { from: names(from), to: names(to), extra: std::time::Duration::from_secs(1) }
    }

    #[test]
    fn each_bent_link_is_named_once_in_both_directions() {
        let kind = slow(&["a", "b"], &["b", "c"]);
        let ends = Ends::of(&kind).expect("it bends links");
        let links: Vec<_> = ends.links().collect();
        let once: BTreeSet<_> = links.iter().copied().collect();
        assert_eq!(links.len(), once.len());
        let pairs = [("a", "b"), ("a", "c"), ("b", "c")];
        let expected: BTreeSet<_> = pairs.into_iter().flat_map(|(from, to)| [(from, to), (to, from)]).collect();
        assert_eq!(once, expected);
        assert!(once.iter().all(|(from, to)| ends.have(from, to)) && !ends.have("a", "a"));
    }

    #[test]
    fn losses_add_up_as_independent_ones_do() {
        let mut quality = Quality::default();
        for percent in [50, 50] {
            bend(&mut quality, &FaultKind::Lossy { from: Vec::new(), to: Vec::new(), percent });
        }
        assert!((quality.loss - 0.75).abs() < 1e-9);
    }
}
