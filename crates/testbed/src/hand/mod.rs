//! The hand that puts faults into the world, and takes them out again.
//!
//! Faults overlap. What one has done, another's end must not undo: a node held down by two faults starts when the
//! later one ends, a link slowed by two is as slow as both make it. So the hand counts.

mod aim;
mod links;
mod strike;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use history::{Event, FaultEvent, NodeName};
use host::sim::World;
use host::sim::groups::Links;

use crate::lookout::Lookout;
use crate::role::Role;
use crate::roles::Roles;
use crate::schedule::{Fault, FaultKind, Lasts, Step};
use aim::{Aim, Sight};

/// What holds a node down.
#[derive(Clone, Copy, Debug, Default)]
struct Holds {
    down: u32,
    unpowered: u32,
    stalled: u32,
}

/// A fault in force.
struct Active {
    /// With nodes in the place of roles.
    kind: FaultKind,
    lasts: Lasts,
    /// What it has cut.
    links: Links,
    /// Whom it has struck, if it lay in wait; those that are still down.
    struck: Vec<NodeName>,
    has_struck: bool,
}

/// The hand.
pub(crate) struct Hand {
    world: World,
    roles: Roles,
    lookout: Lookout,
    holds: BTreeMap<String, Holds>,
    /// The faults that are in force, by their place in the schedule.
    active: BTreeMap<usize, Active>,
    /// Servers on whose disks bits flipped.
    rotten: BTreeSet<String>,
}

impl Sight for Hand {
    fn holder(&self, role: Role) -> Option<NodeName> {
        self.lookout.holder(role)
    }

    fn last_step(&self, node: &str) -> Option<Step> {
        self.lookout.last_step(node)
    }

    fn is_connected(&self, client: &str, server: &str) -> bool {
        self.world.network().connections(client, server) > 0
    }
}

impl Hand {
    pub(crate) fn new(world: World, roles: Roles, lookout: Lookout) -> Hand {
        let (holds, active, rotten) = (BTreeMap::new(), BTreeMap::new(), BTreeSet::new());
        Hand { world, roles, lookout, holds, active, rotten }
    }

    /// Begins a fault, if there is anybody to hit.
    pub(crate) fn begin(&mut self, place: usize, fault: &Fault) {
        let aim = match Aim::take(&fault.kind, &self.roles, self) {
            Ok(aim) => aim,
            Err(miss) => {
                self.note(format!("fault {place} does nothing, for {miss}: {}", fault.kind));
                return;
            }
        };
        let (family, what) = (fault.kind.family().name().to_owned(), aim.words(&fault.kind));
        self.world.tell(Event::Fault(FaultEvent::Begins { index: index(place), family, what }));
        let Aim { kind, links, .. } = aim;
        if !kind.is_instant() {
            let (lasts, links, struck) = (fault.lasts, links.clone(), Vec::new());
            let active = Active { kind: kind.clone(), lasts, links, struck, has_struck: false };
            self.active.insert(place, active);
        }
        match &kind {
            FaultKind::Kill { node } => self.kill(node),
            FaultKind::Power { node } => self.cut_power(node),
            FaultKind::Blackout { nodes } => nodes.iter().for_each(|node| self.cut_power(node)),
            FaultKind::Ambush(ambush) => self.lookout.lie_in_wait(place, ambush),
            FaultKind::Wipe { node } => {
                self.cut_power(node);
                self.world.disks().wipe(node);
            }
            FaultKind::Rot { node, bits } => {
                self.kill(node);
                for _ in 0..*bits {
                    self.world.disks().rot_anywhere(node);
                }
                self.rotten.insert(node.clone());
            }
            FaultKind::Pause { node } => self.stall(node),
            FaultKind::Step { node, milliseconds } => {
                self.world.clocks().step(node, milliseconds.saturating_mul(1_000_000));
            }
            FaultKind::FailSync { node, count } => self.world.disks().fail_next_syncs(node, *count),
            FaultKind::Drop { node } => self.reset_connections(node),
            FaultKind::Move { node } => {
                self.reset_connections(node);
                self.world.network().cut_all(&links);
            }
            FaultKind::AckLost { node } => self.lose_answers_to(node),
            FaultKind::Slow { .. }
            | FaultKind::SlowOneWay { .. }
            | FaultKind::Lossy { .. }
            | FaultKind::Narrow { .. } => self.bend_links(&kind),
            FaultKind::Drift { node, .. } | FaultKind::Freeze { node } | FaultKind::Strobe { node, .. } => {
                self.bend_clock(node);
            }
            FaultKind::SlowSync { node, .. } | FaultKind::Full { node } => self.bend_disk(node),
            FaultKind::Split { .. }
            | FaultKind::Isolate { .. }
            | FaultKind::Bridge { .. }
            | FaultKind::Ring { .. }
            | FaultKind::OneWay { .. }
            | FaultKind::CutLeader
            | FaultKind::CutFollower { .. }
            | FaultKind::Expire { .. } => self.world.network().cut_all(&links),
        }
    }

    /// Ends a fault, if it is in force. One that lay in wait and whose step has come ends when its node is back.
    pub(crate) fn end(&mut self, place: usize) {
        let lies_in_wait = self.active.get(&place).is_some_and(|active| active.kind.ambush().is_some());
        if lies_in_wait && !self.lookout.gives_up(place) {
            return;
        }
        self.finish(place);
    }

    fn finish(&mut self, place: usize) {
        let Some(Active { kind, links, struck, .. }) = self.active.remove(&place) else {
            return;
        };
        self.world.tell(Event::Fault(FaultEvent::Ends { index: index(place) }));
        self.lookout.gives_up(place);
        match &kind {
            FaultKind::Kill { node } | FaultKind::Rot { node, .. } => self.revive(node),
            FaultKind::Power { node } | FaultKind::Wipe { node } => self.give_power(node),
            FaultKind::Blackout { nodes } => nodes.iter().for_each(|node| self.give_power(node)),
            FaultKind::Ambush(ambush) => struck.iter().for_each(|node| self.let_go(ambush.strike, node)),
            FaultKind::Pause { node } => self.wake(node),
            FaultKind::AckLost { node } => self.reset_connections(node),
            FaultKind::Slow { .. }
            | FaultKind::SlowOneWay { .. }
            | FaultKind::Lossy { .. }
            | FaultKind::Narrow { .. } => self.bend_links(&kind),
            FaultKind::Drift { node, .. } | FaultKind::Freeze { node } | FaultKind::Strobe { node, .. } => {
                self.bend_clock(node);
            }
            FaultKind::SlowSync { node, .. } | FaultKind::Full { node } => self.bend_disk(node),
            FaultKind::Split { .. }
            | FaultKind::Isolate { .. }
            | FaultKind::Bridge { .. }
            | FaultKind::Ring { .. }
            | FaultKind::OneWay { .. }
            | FaultKind::CutLeader
            | FaultKind::CutFollower { .. }
            | FaultKind::Move { .. }
            | FaultKind::Expire { .. } => self.world.network().heal_each(&links),
            FaultKind::Step { .. } | FaultKind::FailSync { .. } | FaultKind::Drop { .. } => {
                unreachable!("faults of an instant are never in force")
            }
        }
    }

    /// Ends all that is in force but what is to last forever, and asserts that nothing leaks past the switch.
    pub(crate) fn end_all(&mut self) {
        let passing = |active: &Active| active.lasts != Lasts::Forever;
        let places: Vec<usize> =
            self.active.iter().filter(|(_, active)| passing(active)).map(|(place, _)| *place).collect();
        for place in places {
            self.finish(place);
        }
        for node in self.roles.servers.iter().chain(&self.roles.resources) {
            self.world.disks().restore(node);
        }
        let lost: Vec<&str> = self.active.values().filter_map(|active| active.kind.breaks_for_good()).collect();
        let core: Vec<&str> = self.roles.all().filter(|node| !lost.contains(node)).collect();
        for node in &core {
            assert!(
                self.world.is_powered(node) && !self.world.is_paused(node) && !self.holds_down(node),
                "a fault on {node} leaks past the switch"
            );
            for other in &core {
                assert!(!self.world.network().is_cut(node, other), "the cut {node} -> {other} leaks past the switch");
            }
        }
        let servers_in_core = self.roles.servers.iter().filter(|server| core.contains(&server.as_str())).count();
        assert_eq!(servers_in_core, self.roles.servers.len(), "every server is in the core");
    }

    /// A process returned by itself. Gives a server that does so with a rotten disk an empty one, as an operator would:
    /// what a server refuses to read no restart makes readable.
    pub(crate) fn process_exited(&mut self, node: &str) {
        if self.rotten.remove(node) {
            self.note(format!("{node} ends on a rotten disk: it gets an empty one"));
            self.world.disks().wipe(node);
        }
    }

    /// Whether a fault keeps the process of a node from running.
    pub(crate) fn holds_down(&self, node: &str) -> bool {
        self.holds.get(node).is_some_and(|hold| hold.down > 0 || hold.unpowered > 0)
    }

    fn hold(&mut self, node: &str) -> &mut Holds {
        self.holds.entry(node.to_owned()).or_default()
    }

    fn kill(&mut self, node: &str) {
        self.hold(node).down += 1;
        self.world.kill(node);
    }

    fn revive(&mut self, node: &str) {
        self.hold(node).down -= 1;
        self.start_if_nothing_holds(node);
    }

    fn stall(&mut self, node: &str) {
        self.hold(node).stalled += 1;
        self.world.pause(node);
    }

    fn wake(&mut self, node: &str) {
        let hold = self.hold(node);
        hold.stalled -= 1;
        if hold.stalled == 0 {
            self.world.resume(node);
        }
    }

    /// What the service answers a node is lost until its connections are reset.
    fn lose_answers_to(&self, node: &str) {
        for server in &self.roles.servers {
            self.world.network().swallow(server, node);
        }
    }

    fn cut_power(&mut self, node: &str) {
        self.hold(node).unpowered += 1;
        self.world.power_off(node);
    }

    fn give_power(&mut self, node: &str) {
        let hold = self.hold(node);
        hold.unpowered -= 1;
        if hold.unpowered == 0 {
            self.world.power_on(node);
        }
        self.start_if_nothing_holds(node);
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

    fn bend_links(&self, kind: &FaultKind) {
        links::bend_links(self.world.network(), kind, self.active.values().map(|active| &active.kind));
    }

    /// Sets a node's clocks to what the faults in force make of them; of several drifts the latest counts.
    fn bend_clock(&self, node: &str) {
        let clocks = self.world.clocks();
        clocks.mend(node);
        for active in self.active.values() {
            match &active.kind {
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
        let mut extra = Duration::ZERO;
        let mut full = false;
        for active in self.active.values() {
            match &active.kind {
                FaultKind::SlowSync { node: bent, extra: more } if bent == node => extra += *more,
                FaultKind::Full { node: bent } if bent == node => full = true,
                _ => {}
            }
        }
        disks.slow_sync(node, extra);
        if full { disks.fill(node) } else { disks.drain(node) }
    }

    fn note(&self, text: String) {
        self.world.tell(Event::Note { topic: "fault".into(), text });
    }
}

fn index(place: usize) -> u32 {
    u32::try_from(place).expect("schedules are shorter than that")
}
