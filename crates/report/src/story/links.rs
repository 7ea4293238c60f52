//! Links that are cut or bad, seen from each of their two ends.

use std::collections::{BTreeMap, BTreeSet};

use history::{NetworkEvent, NodeName, Time};

use super::track::{Span, Track};

/// What a node cannot do over its links.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CutOff {
    /// Whom it cannot reach.
    pub to: BTreeSet<NodeName>,
    /// Whom it cannot hear.
    pub from: BTreeSet<NodeName>,
    /// What is worse than normal, by the other side, in words.
    pub worse: BTreeMap<NodeName, String>,
}

impl CutOff {
    fn is_nothing(&self) -> bool {
        self.to.is_empty() && self.from.is_empty() && self.worse.is_empty()
    }
}

/// Follows the links through the records.
#[derive(Default)]
pub(super) struct Links(BTreeMap<NodeName, Track<CutOff>>);

impl Links {
    pub(super) fn observe(&mut self, at: Time, event: &NetworkEvent) {
        match event {
            NetworkEvent::Cut { from, to } => {
                self.change(at, from, |off| {
                    off.to.insert(to.clone());
                });
                self.change(at, to, |off| {
                    off.from.insert(from.clone());
                });
            }
            NetworkEvent::Healed { from, to } => {
                self.change(at, from, |off| {
                    off.to.remove(to);
                });
                self.change(at, to, |off| {
                    off.from.remove(from);
                });
            }
            NetworkEvent::Quality { from, to, quality } => {
                for (node, other) in [(from, to), (to, from)] {
                    self.change(at, node, |off| match quality.as_str() {
                        "" => drop(off.worse.remove(other)),
                        _ => drop(off.worse.insert(other.clone(), quality.clone())),
                    });
                }
            }
            _ => {}
        }
    }

    fn change(&mut self, at: Time, node: &NodeName, change: impl FnOnce(&mut CutOff)) {
        let track = self.0.entry(node.clone()).or_default();
        let mut off = track.now().cloned().unwrap_or_default();
        change(&mut off);
        track.set(at, (!off.is_nothing()).then_some(off));
    }

    /// What held for any time at all: a fault that cuts many links makes many states of one instant.
    pub(super) fn finish(self, end: Time) -> BTreeMap<NodeName, Vec<Span<CutOff>>> {
        let lasting = |spans: Vec<Span<CutOff>>| spans.into_iter().filter(|span| span.begins < span.ends).collect();
        self.0.into_iter().map(|(node, track)| (node, lasting(track.finish(end)))).collect()
    }
}
