//! Who believes to lead, under which term, since when.

use std::collections::BTreeMap;

use history::{Event, LeadershipEvent, NodeName, Record, Term, Time};

use crate::processes::life_ended;

/// The beliefs of all nodes. A belief begins with `Elected` and ends with `Deposed` of the same term or with the
/// process; a stalled process still believes.
#[derive(Debug, Default)]
pub(crate) struct Reigns(BTreeMap<NodeName, BTreeMap<Term, Time>>);

impl Reigns {
    pub(crate) fn observe(&mut self, record: &Record) {
        if let Some(node) = life_ended(record) {
            self.0.remove(node);
        }
        let (Some(node), Event::Leadership(event)) = (&record.node, &record.event) else { return };
        match event {
            LeadershipEvent::Elected { term } => {
                self.0.entry(node.clone()).or_default().entry(*term).or_insert(record.at);
            }
            LeadershipEvent::Deposed { term, .. } => {
                if let Some(terms) = self.0.get_mut(node) {
                    terms.remove(term);
                    if terms.is_empty() {
                        self.0.remove(node);
                    }
                }
            }
            _ => {}
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&NodeName, Term, Time)> {
        self.0.iter().flat_map(|(node, terms)| terms.iter().map(move |(term, since)| (node, *term, *since)))
    }

    pub(crate) fn nodes(&self) -> impl Iterator<Item = &NodeName> {
        self.0.keys()
    }

    pub(crate) fn believes(&self, node: &NodeName) -> bool {
        self.0.contains_key(node)
    }

    pub(crate) fn believes_under(&self, node: &NodeName, term: Term) -> bool {
        self.0.get(node).is_some_and(|terms| terms.contains_key(&term))
    }
}
