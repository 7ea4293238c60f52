//! The service's own history as one: each transaction once, whoever of the replicas tells it, and the znodes it made.

use std::collections::{BTreeMap, BTreeSet};

use history::{Event, NodeName, Record, ServiceEvent};

/// Lets every transaction through once.
///
/// In an ensemble each replica may tell what it applies, and each in the order of zxids. The first to tell a zxid is
/// the one who is heard; all that it tells under that zxid belongs together (a `multi`, a session's close).
#[derive(Debug, Default)]
pub(crate) struct Transactions {
    last: i64,
    teller: Option<NodeName>,
    servers: BTreeSet<NodeName>,
}

/// What an event means for somebody who follows the service's history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    /// A transaction, told for the first time (or an event without one).
    News,
    /// Another replica has told it.
    Known,
    /// The only server came back from its disk without the transactions above this one.
    LostAbove(i64),
}

impl Transactions {
    pub(crate) fn take(&mut self, record: &Record) -> Told {
        let Event::Service(event) = &record.event else { return Told::News };
        let zxid = match event {
            ServiceEvent::Created { zxid, .. }
            | ServiceEvent::Deleted { zxid, .. }
            | ServiceEvent::Changed { zxid, .. }
            | ServiceEvent::SessionClosed { zxid, .. } => *zxid,
            ServiceEvent::Serving { zxid } | ServiceEvent::Recovered { zxid, .. } => {
                self.servers.extend(record.node.clone());
                // Of an ensemble one server may well come back with less than others have.
                if self.servers.len() == 1 && *zxid < self.last {
                    self.last = *zxid;
                    self.teller = None;
                    return Told::LostAbove(*zxid);
                }
                return Told::News;
            }
            _ => return Told::News,
        };
        if zxid > self.last {
            self.last = zxid;
            self.teller = record.node.clone();
            return Told::News;
        }
        if zxid == self.last && self.teller == record.node { Told::News } else { Told::Known }
    }

    /// The newest transaction told so far.
    pub(crate) fn last(&self) -> i64 {
        self.last
    }
}

/// A znode that is there.
#[derive(Clone, Debug)]
pub(crate) struct Znode {
    /// The session it lives and dies with, or 0.
    pub(crate) owner: i64,
    /// The transaction that made it.
    pub(crate) created: i64,
}

/// The znodes that are there.
#[derive(Debug, Default)]
pub(crate) struct Znodes(BTreeMap<String, Znode>);

impl Znodes {
    /// Follows one event that [`Transactions`] found to be [`Told::News`] or [`Told::LostAbove`].
    pub(crate) fn apply(&mut self, record: &Record, told: Told) {
        if let Told::LostAbove(zxid) = told {
            // What was deleted above `zxid` is back as well, but who owned it is forgotten: it is not judged.
            self.0.retain(|_, znode| znode.created <= zxid);
        }
        match &record.event {
            Event::Service(ServiceEvent::Created { path, zxid, owner, .. }) => {
                self.0.insert(path.clone(), Znode { owner: *owner, created: *zxid });
            }
            Event::Service(ServiceEvent::Deleted { path, .. }) => drop(self.0.remove(path)),
            _ => {}
        }
    }

    /// The ephemeral znodes, in the order of their paths.
    pub(crate) fn ephemerals(&self) -> impl Iterator<Item = (&str, &Znode)> {
        self.0.iter().filter(|(_, znode)| znode.owner != 0).map(|(path, znode)| (path.as_str(), znode))
    }

    /// Forgets the ephemerals of a session; gives their paths.
    pub(crate) fn forget_owned_by(&mut self, session: i64) -> Vec<String> {
        let owned = self.0.extract_if(.., |_, znode| znode.owner == session);
        owned.map(|(path, _)| path).collect()
    }
}

/// The path of the parent; nothing for the root.
pub(crate) fn parent(path: &str) -> Option<&str> {
    match path.rfind('/')? {
        0 if path.len() == 1 => None,
        0 => Some("/"),
        cut => Some(&path[..cut]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{created, secs, serving};

    fn told(transactions: &mut Transactions, node: &str, event: Event) -> Told {
        transactions.take(&Record { at: secs(0.0), node: Some(node.into()), event })
    }

    #[test]
    fn a_transaction_told_by_each_replica_is_heard_once() {
        let mut transactions = Transactions::default();
        assert_eq!(told(&mut transactions, "zk1", created("/a", 5, 0)), Told::News);
        assert_eq!(told(&mut transactions, "zk1", created("/b", 5, 0)), Told::News);
        assert_eq!(told(&mut transactions, "zk2", created("/a", 5, 0)), Told::Known);
        assert_eq!(told(&mut transactions, "zk2", created("/c", 6, 0)), Told::News);
        assert_eq!(told(&mut transactions, "zk1", created("/c", 6, 0)), Told::Known);
    }

    #[test]
    fn only_the_one_server_can_lose_history() {
        let mut transactions = Transactions::default();
        told(&mut transactions, "zk1", serving(0));
        told(&mut transactions, "zk1", created("/a", 5, 0));
        assert_eq!(told(&mut transactions, "zk1", serving(4)), Told::LostAbove(4));
        assert_eq!(told(&mut transactions, "zk1", created("/a", 5, 0)), Told::News);
        assert_eq!(told(&mut transactions, "zk2", serving(0)), Told::News);
        assert_eq!(transactions.last(), 5);
    }

    #[test]
    fn parents() {
        assert_eq!(parent("/a/b"), Some("/a"));
        assert_eq!(parent("/a"), Some("/"));
        assert_eq!(parent("/"), None);
    }
}
