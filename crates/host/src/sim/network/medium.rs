//! What lies between the machines: links, power at their ends, and the way to wake somebody at an instant.
//!
//! Each directed link draws from a random stream of its own, so that traffic on one never moves the draws of another.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Waker};
use std::time::Duration;

use history::{Event, NetworkEvent, NodeName, Record, Time};

use super::quality::{Quality, Tcp, draw_chance};
use crate::random::Stream;
use crate::sim::core::{Core, NodeIndex};

/// What a packet takes from a node to itself. Loopback is never cut, never loses, never varies.
const LOOPBACK_LATENCY: Duration = Duration::from_micros(20);

/// The links and all that bounds what they carry.
pub(super) struct Medium {
    core: Arc<Core>,
    pub(super) tcp: Tcp,
    pub(super) default_quality: Quality,
    names: Vec<NodeName>,
    powered: Vec<bool>,
    /// By sender, then by receiver.
    links: Vec<Vec<Link>>,
    /// One timer is set anew for every wake-up: madsim's timers fire even if their maker is gone.
    alarm: madsim::time::Sleep,
    /// madsim's reading at true time zero.
    start: std::time::Instant,
}

/// A directed link.
#[derive(Default)]
struct Link {
    /// How many faults cut it at present.
    cuts: u32,
    /// Nothing means the default quality.
    quality: Option<Quality>,
    /// Made when first drawn from.
    draws: Option<Box<Stream>>,
    /// Until then bandwidth is taken by what was sent before.
    busy_until: Time,
}

impl Medium {
    pub(super) fn new(core: Arc<Core>) -> Medium {
        let time = core.time();
        let start = time.now_instant() - time.elapsed();
        let alarm = time.sleep(Duration::ZERO);
        Medium {
            tcp: Tcp::default(),
            default_quality: Quality::default(),
            names: Vec::new(),
            powered: Vec::new(),
            links: Vec::new(),
            alarm,
            start,
            core,
        }
    }

    pub(super) fn add_node(&mut self, node: NodeIndex) {
        assert_eq!(node.position(), self.names.len(), "nodes come in the order of the roster");
        self.names.push(self.core.name(node));
        self.powered.push(true);
        for row in &mut self.links {
            row.push(Link::default());
        }
        self.links.push((0..=node.position()).map(|_| Link::default()).collect());
    }

    pub(super) fn now(&self) -> Time {
        self.core.now()
    }

    pub(super) fn core(&self) -> &Arc<Core> {
        &self.core
    }

    pub(super) fn nodes(&self) -> impl Iterator<Item = NodeIndex> + use<> {
        let count = u16::try_from(self.names.len()).expect("no more than 65,536 nodes");
        (0..count).map(NodeIndex)
    }

    pub(super) fn name(&self, node: NodeIndex) -> NodeName {
        self.names[node.position()].clone()
    }

    /// Writes an event, as seen by a node or (nothing) by the world as a whole.
    pub(super) fn tell(&self, node: Option<NodeIndex>, event: NetworkEvent) {
        let node = node.map(|node| self.name(node));
        self.core.append(Record { at: self.now(), node, event: Event::Network(event) });
    }

    /// Wakes at true time `at`, or now if that is over. Nothing can take it back.
    pub(super) fn wake_at(&mut self, at: Time, waker: &Waker) {
        Pin::new(&mut self.alarm).reset(self.start + at.elapsed());
        if Pin::new(&mut self.alarm).poll(&mut Context::from_waker(waker)).is_ready() {
            waker.wake_by_ref();
        }
    }

    pub(super) fn is_powered(&self, node: NodeIndex) -> bool {
        self.powered[node.position()]
    }

    pub(super) fn set_powered(&mut self, node: NodeIndex, powered: bool) {
        self.powered[node.position()] = powered;
    }

    fn link(&self, from: NodeIndex, to: NodeIndex) -> &Link {
        &self.links[from.position()][to.position()]
    }

    fn link_mut(&mut self, from: NodeIndex, to: NodeIndex) -> &mut Link {
        &mut self.links[from.position()][to.position()]
    }

    pub(super) fn is_cut(&self, from: NodeIndex, to: NodeIndex) -> bool {
        self.link(from, to).cuts > 0
    }

    /// Whether what is sent now would find somebody at the other end.
    pub(super) fn carries(&self, from: NodeIndex, to: NodeIndex) -> bool {
        !self.is_cut(from, to) && self.powered[to.position()]
    }

    /// Adds a cut; true if it is the first.
    pub(super) fn cut(&mut self, from: NodeIndex, to: NodeIndex) -> bool {
        if from == to {
            return false;
        }
        let now = self.now();
        let link = self.link_mut(from, to);
        link.cuts += 1;
        link.busy_until = link.busy_until.min(now);
        link.cuts == 1
    }

    /// Lifts one cut, or all of them; true if the link carries again.
    pub(super) fn heal(&mut self, from: NodeIndex, to: NodeIndex, all: bool) -> bool {
        let link = self.link_mut(from, to);
        let was_cut = link.cuts > 0;
        link.cuts = if all { 0 } else { link.cuts.saturating_sub(1) };
        was_cut && link.cuts == 0
    }

    /// The quality that holds for a link at present.
    pub(super) fn quality(&self, from: NodeIndex, to: NodeIndex) -> &Quality {
        self.link(from, to).quality.as_ref().unwrap_or(&self.default_quality)
    }

    /// Gives a link a quality of its own, or (nothing) takes it away; false if nothing changed.
    pub(super) fn set_quality(&mut self, from: NodeIndex, to: NodeIndex, quality: Option<Quality>) -> bool {
        let link = self.link_mut(from, to);
        let changed = link.quality != quality;
        link.quality = quality;
        changed
    }

    /// The least time from one node to the other.
    pub(super) fn floor(&self, from: NodeIndex, to: NodeIndex) -> Duration {
        if from == to { LOOPBACK_LATENCY } else { self.quality(from, to).floor() }
    }

    /// The link's draws, with the quality that holds and the instant its bandwidth is free.
    fn parts(&mut self, from: NodeIndex, to: NodeIndex) -> (&mut Stream, &Quality, &mut Time) {
        let link = &mut self.links[from.position()][to.position()];
        let draws = link.draws.get_or_insert_with(|| {
            let name = format!("link/{}/{}", self.names[from.position()], self.names[to.position()]);
            Box::new(self.core.stream(&name))
        });
        (draws, link.quality.as_ref().unwrap_or(&self.default_quality), &mut link.busy_until)
    }

    /// When a segment of a stream that is sent at `at` arrives. A lost one is sent again until it comes through.
    pub(super) fn transit(&mut self, from: NodeIndex, to: NodeIndex, at: Time, bytes: usize) -> Time {
        if from == to {
            return at + LOOPBACK_LATENCY;
        }
        let (mut backoff, maximum) = (self.tcp.retransmission_first, self.tcp.retransmission_maximum);
        let (draws, quality, busy_until) = self.parts(from, to);
        let mut sent = departure(quality, busy_until, at, bytes);
        while quality.draw_loss(draws) {
            sent = sent + backoff;
            backoff = (backoff * 2).min(maximum);
        }
        sent + quality.draw_latency(draws)
    }

    /// When a packet that nobody sends again arrives, if it does: a part of a handshake, or a datagram.
    pub(super) fn transit_once(&mut self, from: NodeIndex, to: NodeIndex, at: Time, bytes: usize) -> Option<Time> {
        if !self.carries(from, to) {
            return None;
        }
        if from == to {
            return Some(at + LOOPBACK_LATENCY);
        }
        let (draws, quality, busy_until) = self.parts(from, to);
        let sent = departure(quality, busy_until, at, bytes);
        let lost = quality.draw_loss(draws);
        let latency = quality.draw_latency(draws);
        (!lost).then(|| sent + latency)
    }

    /// Draws how a datagram that arrives at `arrival` is mistreated on top: held back, and when its double comes.
    pub(super) fn mistreat(&mut self, from: NodeIndex, to: NodeIndex, arrival: Time) -> (Time, Option<Time>) {
        if from == to {
            return (arrival, None);
        }
        let (draws, quality, _) = self.parts(from, to);
        let held_back = if draw_chance(draws, quality.reorder) {
            arrival + quality.draw_latency(draws) + quality.draw_latency(draws) + quality.jitter
        } else {
            arrival
        };
        let double = draw_chance(draws, quality.duplicate).then(|| arrival + quality.draw_latency(draws));
        (held_back, double)
    }
}

/// When the last byte leaves the sender.
fn departure(quality: &Quality, busy_until: &mut Time, at: Time, bytes: usize) -> Time {
    let Some(bandwidth) = quality.bandwidth else { return at };
    let nanoseconds = bytes as u128 * 1_000_000_000 / u128::from(bandwidth);
    let taken = Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(u64::MAX));
    *busy_until = at.max(*busy_until) + taken;
    *busy_until
}
