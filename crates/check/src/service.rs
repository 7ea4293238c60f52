//! The znodes that the service's own history has made.

use std::collections::BTreeMap;

use history::{Event, Record, ServiceEvent};

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
    /// Follows one event that is news.
    pub(crate) fn apply(&mut self, record: &Record) {
        match &record.event {
            Event::Service(ServiceEvent::Created { path, zxid, owner, .. }) => {
                self.0.insert(path.clone(), Znode { owner: *owner, created: *zxid });
            }
            Event::Service(ServiceEvent::Deleted { path, .. }) => drop(self.0.remove(path)),
            _ => {}
        }
    }

    /// The transactions above this one are gone. What they deleted is back as well, but who owned it is forgotten: it is
    /// not judged.
    pub(crate) fn forget_above(&mut self, zxid: i64) {
        self.0.retain(|_, znode| znode.created <= zxid);
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

    #[test]
    fn parents() {
        assert_eq!(parent("/a/b"), Some("/a"));
        assert_eq!(parent("/a"), Some("/"));
        assert_eq!(parent("/"), None);
    }
}
