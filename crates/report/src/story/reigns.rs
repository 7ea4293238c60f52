//! Who believes to lead, who leads in truth, and the times in which nobody does.
//!
//! *Belief* begins with `Elected` and ends with `Deposed` or with the process. *Truth* is what a person with the whole
//! history before them would say: of all terms won so far the newest counts, as long as the znode stands that it comes
//! from; a term that comes from no znode's creation (a lease's, an epoch) counts until it is given up. An *interregnum*
//! is measured as the monitor `failover` does: from when no believing process runs any more to the next election.

use std::collections::BTreeMap;
use std::time::Duration;

use history::{Event, LeadershipEvent, NodeName, Record, ServiceEvent, Term, Time};

use super::life::Life;
use super::track::{Span, Track};

/// A time without a leader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interregnum {
    /// When the last believing process stopped.
    pub begins: Time,
    /// When somebody was elected; nothing if nobody was.
    pub ends: Option<Time>,
    /// Who led before.
    pub after: NodeName,
    /// Who leads next.
    pub before: Option<NodeName>,
}

impl Interregnum {
    /// How long it lasted, if it ended.
    pub fn length(&self) -> Option<Duration> {
        self.ends.map(|ends| ends.since(self.begins))
    }
}

/// Follows leadership through the records.
#[derive(Default)]
pub(super) struct Reigns {
    lives: BTreeMap<NodeName, Life>,
    beliefs: BTreeMap<NodeName, BTreeMap<Term, Time>>,
    believed: BTreeMap<NodeName, Vec<Span<Term>>>,
    truths: BTreeMap<NodeName, Track<Term>>,
    true_term: Option<(Term, NodeName)>,
    newest: Option<Term>,
    /// The znode that the true leader's term comes from.
    true_znode: Option<String>,
    /// The znode that each transaction created, as long as it stands.
    made: BTreeMap<i64, String>,
    crowd: Track<Vec<NodeName>>,
    vacant: Option<(Time, NodeName)>,
    is_led: bool,
    interregna: Vec<Interregnum>,
}

/// What became of leadership in the whole run.
pub(super) struct Leadership {
    pub(super) believed: BTreeMap<NodeName, Vec<Span<Term>>>,
    pub(super) truths: BTreeMap<NodeName, Vec<Span<Term>>>,
    /// When more than one believed.
    pub(super) crowds: Vec<Span<Vec<NodeName>>>,
    pub(super) interregna: Vec<Interregnum>,
}

impl Reigns {
    /// Who believes to lead.
    pub(super) fn believers(&self) -> impl Iterator<Item = &NodeName> {
        self.beliefs.keys()
    }

    /// Who leads in truth, and under which term.
    pub(super) fn true_leader(&self) -> Option<&(Term, NodeName)> {
        self.true_term.as_ref()
    }

    pub(super) fn observe(&mut self, record: &Record) {
        match (&record.node, &record.event) {
            (Some(node), Event::Machine(event)) => {
                self.lives.insert(node.clone(), Life::after(event));
                if Life::forgets(event) {
                    for term in self.beliefs.get(node).into_iter().flat_map(BTreeMap::keys).copied().collect::<Vec<_>>()
                    {
                        self.stop(record.at, node, term);
                    }
                }
            }
            (Some(node), Event::Leadership(LeadershipEvent::Elected { term })) => {
                self.beliefs.entry(node.clone()).or_default().entry(*term).or_insert(record.at);
                if self.newest.is_none_or(|newest| newest <= *term) {
                    self.newest = Some(*term);
                    self.crown(record.at, Some((*term, node.clone())));
                }
            }
            (Some(node), Event::Leadership(LeadershipEvent::Deposed { term, .. })) => {
                self.stop(record.at, node, *term);
                let gives_up =
                    self.true_term.as_ref().is_some_and(|(true_term, leader)| true_term == term && leader == node);
                if gives_up && self.true_znode.is_none() {
                    self.crown(record.at, None);
                }
            }
            (_, Event::Service(ServiceEvent::Created { path, zxid, .. })) => {
                self.made.insert(*zxid, path.clone());
            }
            (_, Event::Service(ServiceEvent::Deleted { path, zxid })) => self.deleted(record.at, path, *zxid),
            _ => return,
        }
        self.count(record);
    }

    fn crown(&mut self, at: Time, leader: Option<(Term, NodeName)>) {
        if let Some((_, before)) = &self.true_term {
            self.truths.entry(before.clone()).or_default().set(at, None);
        }
        if let Some((term, node)) = &leader {
            self.truths.entry(node.clone()).or_default().set(at, Some(*term));
        }
        self.true_znode = leader.as_ref().and_then(|(term, _)| self.made.get(&term.0).cloned());
        self.true_term = leader;
    }

    fn deleted(&mut self, at: Time, path: &str, zxid: i64) {
        self.made.retain(|made, there| there != path || *made > zxid);
        // A server that lags tells again of what went before the znode was made anew: that is not meant.
        let is_meant = self.true_znode.as_deref() == Some(path);
        if is_meant && self.true_term.as_ref().is_some_and(|(term, _)| term.0 < zxid) {
            self.crown(at, None);
        }
    }

    fn stop(&mut self, at: Time, node: &NodeName, term: Term) {
        let Some(terms) = self.beliefs.get_mut(node) else { return };
        if let Some(begins) = terms.remove(&term) {
            self.believed.entry(node.clone()).or_default().push(Span { begins, ends: at, what: term });
        }
        if terms.is_empty() {
            self.beliefs.remove(node);
        }
    }

    fn count(&mut self, record: &Record) {
        let at = record.at;
        let crowd: Vec<NodeName> = self.beliefs.keys().cloned().collect();
        self.crowd.set(at, (crowd.len() > 1).then_some(crowd));
        let runs = |node: &NodeName| self.lives.get(node).is_none_or(|life| *life == Life::Runs);
        let is_led = self.beliefs.keys().any(runs);
        if is_led == self.is_led {
            return;
        }
        self.is_led = is_led;
        if !is_led {
            self.vacant = record.node.clone().map(|last| (at, last));
        } else if let Some((begins, after)) = self.vacant.take()
            && matches!(record.event, Event::Leadership(LeadershipEvent::Elected { .. }))
        {
            self.interregna.push(Interregnum { begins, ends: Some(at), after, before: record.node.clone() });
        }
    }

    pub(super) fn finish(mut self, end: Time) -> Leadership {
        if let Some((begins, after)) = self.vacant.take() {
            self.interregna.push(Interregnum { begins, ends: None, after, before: None });
        }
        let open: Vec<(NodeName, Term)> =
            self.beliefs.iter().flat_map(|(node, terms)| terms.keys().map(|term| (node.clone(), *term))).collect();
        for (node, term) in open {
            self.stop(end, &node, term);
        }
        Leadership {
            believed: self.believed,
            truths: self.truths.into_iter().map(|(node, track)| (node, track.finish(end))).collect(),
            crowds: self.crowd.finish(end),
            interregna: self.interregna,
        }
    }
}
