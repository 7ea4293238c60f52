//! What the hand does to whoever takes the step that a fault has lain in wait for, and how it lets go.

use std::time::Duration;

use history::{Event, NodeName};
use host::sim::groups::{self, Links};

use super::Hand;
use crate::role::Role;
use crate::schedule::{Ambush, Strike};

impl Hand {
    /// What the fault at this place lies in wait for, if it is in force and has struck nobody.
    pub(crate) fn ambush(&self, place: usize) -> Option<&Ambush> {
        self.active.get(&place).filter(|active| !active.has_struck)?.kind.ambush()
    }

    /// Lets a fault strike that lay in wait. Says who is to be down for how long; nobody, if the fault is no longer in
    /// force.
    pub(crate) fn strike(&mut self, place: usize, node: &NodeName) -> Vec<(NodeName, Duration)> {
        let Some(ambush) = self.ambush(place).cloned() else { return Vec::new() };
        let struck = match ambush.strike {
            Strike::Blackout => self.all_servers_from(node),
            _ => vec![node.clone()],
        };
        let active = self.active.get_mut(&place).expect("it is in force");
        (active.struck, active.has_struck) = (struck.clone(), true);
        self.note(format!("fault {place} strikes {node} at `{}`", ambush.step));
        if ambush.strike.is_crash() {
            let who = if ambush.step.is_of_candidates() { "candidate" } else { "server" };
            self.world.tell(Event::Sometimes(format!("{who} crashed at {}", ambush.step)));
        }
        for node in &struck {
            match ambush.strike {
                Strike::Kill => self.kill(node),
                Strike::Power | Strike::Blackout => self.cut_power(node),
                Strike::Isolate => self.world.network().cut_all(&self.all_links_of(node)),
                Strike::Pause => self.stall(node),
                Strike::AckLost => self.lose_answers_to(node),
                Strike::Expire => self.world.network().cut_all(&self.links_with_service(node)),
            }
        }
        (1..).zip(struck).map(|(turn, node)| (node, ambush.down * turn)).collect()
    }

    /// All servers, in the order in which power comes back: the one that was struck at its step first, the leader last.
    fn all_servers_from(&self, first: &NodeName) -> Vec<NodeName> {
        let leader = self.lookout.holder(Role::Leader);
        let mut servers = self.servers();
        servers.sort_by_key(|server| (server != first, Some(server) == leader.as_ref()));
        servers
    }

    /// Lets a node go that has been down for long enough; with the last of them the fault ends.
    pub(crate) fn release(&mut self, place: usize, node: &NodeName) {
        let Some(active) = self.active.get_mut(&place) else { return };
        let Some(index) = active.struck.iter().position(|struck| struck == node) else { return };
        if active.struck.len() == 1 {
            return self.finish(place);
        }
        active.struck.remove(index);
        let strike = active.kind.ambush().expect("nobody else strikes").strike;
        self.let_go(strike, node);
    }

    /// Undoes what a fault that lay in wait has done to a node.
    pub(super) fn let_go(&mut self, strike: Strike, node: &NodeName) {
        match strike {
            Strike::Kill => self.revive(node),
            Strike::Power | Strike::Blackout => self.give_power(node),
            Strike::Isolate => self.world.network().heal_each(&self.all_links_of(node)),
            Strike::Pause => self.wake(node),
            Strike::AckLost => self.reset_connections(node),
            Strike::Expire => self.world.network().heal_each(&self.links_with_service(node)),
        }
    }

    fn all_links_of(&self, node: &NodeName) -> Links {
        let everybody: Vec<NodeName> = self.roles.all().map(NodeName::new).collect();
        groups::isolate(node, &everybody)
    }

    fn links_with_service(&self, node: &NodeName) -> Links {
        groups::between(std::slice::from_ref(node), &self.servers())
    }

    fn servers(&self) -> Vec<NodeName> {
        self.roles.servers.iter().map(|name| NodeName::new(name)).collect()
    }
}
