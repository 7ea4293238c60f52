//! What the testbed does to links and connections.

use history::{NetworkEvent, NodeName};

use super::connection::Connection;
use super::medium::Medium;
use super::state::State;
use super::{Network, Quality, Tcp};
use crate::sim::core::NodeIndex;

impl Network {
    /// Cuts the directed link. Cuts are counted: it carries again when each of them is lifted. A node is never cut
    /// from itself.
    ///
    /// # Panics
    /// If there is no such node.
    pub fn cut(&self, from: &str, to: &str) {
        let (from, to) = (self.index(from), self.index(to));
        self.shared.lock().cut(from, to);
    }

    /// Lifts one cut of the directed link. Nothing happens if there is none.
    ///
    /// # Panics
    /// If there is no such node.
    pub fn heal(&self, from: &str, to: &str) {
        let (from, to) = (self.index(from), self.index(to));
        self.shared.lock().heal(from, to, false);
    }

    /// Cuts each of the links, as [`Network::cut`] does; see [`super::groups`] for shapes.
    ///
    /// # Panics
    /// If there is no such node.
    pub fn cut_all<'a>(&self, links: impl IntoIterator<Item = &'a (NodeName, NodeName)>) {
        for (from, to) in links {
            self.cut(from, to);
        }
    }

    /// Lifts one cut of each of the links.
    ///
    /// # Panics
    /// If there is no such node.
    pub fn heal_each<'a>(&self, links: impl IntoIterator<Item = &'a (NodeName, NodeName)>) {
        for (from, to) in links {
            self.heal(from, to);
        }
    }

    /// Lifts all cuts of all links.
    pub fn heal_all(&self) {
        let state = &mut *self.shared.lock();
        for from in state.medium.nodes() {
            for to in state.medium.nodes() {
                state.heal(from, to, true);
            }
        }
    }

    /// Whether the directed link is cut.
    ///
    /// # Panics
    /// If there is no such node.
    pub fn is_cut(&self, from: &str, to: &str) -> bool {
        let (from, to) = (self.index(from), self.index(to));
        self.shared.lock().medium.is_cut(from, to)
    }

    /// Sets the quality of all links that have none of their own. What is under way keeps its pace.
    ///
    /// # Panics
    /// If the quality is impossible.
    pub fn set_default_quality(&self, quality: Quality) {
        quality.validate();
        self.shared.lock().medium.default_quality = quality;
    }

    /// The quality of a directed link, its own or the default.
    ///
    /// # Panics
    /// If there is no such node.
    pub fn quality(&self, from: &str, to: &str) -> Quality {
        let (from, to) = (self.index(from), self.index(to));
        self.shared.lock().medium.quality(from, to).clone()
    }

    /// Gives a directed link a quality of its own. What is under way keeps its pace.
    ///
    /// # Panics
    /// If there is no such node, or the quality is impossible.
    pub fn set_quality(&self, from: &str, to: &str, quality: Quality) {
        quality.validate();
        self.change_quality(from, to, Some(quality));
    }

    /// Gives a directed link the default quality again.
    ///
    /// # Panics
    /// If there is no such node.
    pub fn restore_quality(&self, from: &str, to: &str) {
        self.change_quality(from, to, None);
    }

    fn change_quality(&self, from: &str, to: &str, quality: Option<Quality>) {
        let (from, to) = (self.index(from), self.index(to));
        let medium = &mut self.shared.lock().medium;
        let words = quality.as_ref().map(Quality::to_string).unwrap_or_default();
        if medium.set_quality(from, to, quality) {
            let event = NetworkEvent::Quality { from: medium.name(from), to: medium.name(to), quality: words };
            medium.tell(None, event);
        }
    }

    /// Sets the patience of all kernels. Attempts under way keep theirs.
    ///
    /// # Panics
    /// If a duration that must not be zero is.
    pub fn set_tcp(&self, tcp: Tcp) {
        tcp.validate();
        self.shared.lock().medium.tcp = tcp;
    }

    /// The patience of all kernels.
    pub fn tcp(&self) -> Tcp {
        self.shared.lock().medium.tcp.clone()
    }

    /// Resets all connections between two nodes, as a box in between does that lost its table: both sides get a reset
    /// at once, cut or not, and what was under way is lost. Gives the number of connections.
    ///
    /// # Panics
    /// If there is no such node.
    pub fn reset_connections(&self, a: &str, b: &str) -> usize {
        self.for_each_between(a, b, |medium, connection, _| connection.inject_reset(medium))
    }

    /// Lets a box in between take all that one node sends to the other over the connections open now, acknowledge it,
    /// and pass none of it on, what is in flight included. With [`Network::reset_connections`] after a while, this is
    /// how the acknowledgement of a write is lost that took effect. Only a reset ends it: a stream with a hole never
    /// goes on. Gives the number of connections.
    ///
    /// # Panics
    /// If there is no such node.
    pub fn swallow(&self, from: &str, to: &str) -> usize {
        self.for_each_between(from, to, |medium, connection, from| connection.swallow(medium, from))
    }

    /// How many live connections join two nodes, whoever began them.
    ///
    /// # Panics
    /// If there is no such node.
    pub fn connections(&self, a: &str, b: &str) -> usize {
        self.for_each_between(a, b, |_, _, _| {})
    }

    fn for_each_between(
        &self,
        a: &str,
        b: &str,
        mut act: impl FnMut(&mut Medium, &mut Connection, NodeIndex),
    ) -> usize {
        let (a, b) = (self.index(a), self.index(b));
        let mut count = 0;
        self.shared.lock().for_each_connection(|medium, connection| {
            if connection.joins(a, b) && connection.is_alive() {
                act(medium, connection, a);
                count += 1;
            }
        });
        count
    }

    fn index(&self, node: &str) -> NodeIndex {
        self.core.find(node).unwrap_or_else(|| panic!("there is no node `{node}`"))
    }
}

impl State {
    fn cut(&mut self, from: NodeIndex, to: NodeIndex) {
        if !self.medium.cut(from, to) {
            return;
        }
        let now = self.medium.now();
        for mailbox in self.hosts[to.position()].mailboxes.values_mut() {
            mailbox.lose_unarrived(from, now);
        }
        self.for_each_connection(|medium, connection| {
            if connection.joins(from, to) {
                connection.halt(medium, from, to);
            }
        });
        let event = NetworkEvent::Cut { from: self.medium.name(from), to: self.medium.name(to) };
        self.medium.tell(None, event);
    }

    fn heal(&mut self, from: NodeIndex, to: NodeIndex, all: bool) {
        if !self.medium.heal(from, to, all) {
            return;
        }
        let event = NetworkEvent::Healed { from: self.medium.name(from), to: self.medium.name(to) };
        self.medium.tell(None, event);
        self.for_each_connection(|medium, connection| {
            if connection.joins(from, to) {
                connection.resume(medium);
            }
        });
        self.wake_listeners(from);
        self.wake_listeners(to);
    }

    /// Lets whoever accepts look again: what is due in the backlog has changed.
    fn wake_listeners(&self, node: NodeIndex) {
        for listening in self.hosts[node.position()].listening.values() {
            if let Some(waker) = &listening.waker {
                waker.wake_by_ref();
            }
        }
    }
}
