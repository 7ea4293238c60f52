//! The watches that clients have left, and which of them an event concerns.
//!
//! The rules are those of ZooKeeper's `DataTree` and `WatchManager`: a create or a delete concerns the data watches of
//! the znode and the child watches of its parent, a delete also the znode's own child watches, a change its data
//! watches; recursive watches see everything at and below their znode, but no `NodeChildrenChanged` (ZOOKEEPER-4475).

use std::collections::BTreeMap;

use history::WatchKind;

use crate::service::parent;

/// What happened to a znode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    Created,
    Deleted,
    Data,
}

/// Whether the watch goes with its first event.
pub(super) fn is_one_shot(kind: WatchKind) -> bool {
    match kind {
        WatchKind::Exists | WatchKind::Data | WatchKind::Children => true,
        WatchKind::Persistent | WatchKind::Recursive => false,
    }
}

/// Which kinds of watches on a path go when their client is notified of `what` on it. A client that forgets its watches
/// without an event (as kazoo does when it is disconnected) says so with `None`, which takes them all.
pub(super) fn is_taken_by(kind: WatchKind, what: &str) -> bool {
    match what {
        "NodeCreated" | "NodeDataChanged" => matches!(kind, WatchKind::Exists | WatchKind::Data),
        "NodeDeleted" => is_one_shot(kind),
        "NodeChildrenChanged" | "ChildWatchRemoved" => kind == WatchKind::Children,
        "DataWatchRemoved" => matches!(kind, WatchKind::Exists | WatchKind::Data),
        "PersistentWatchRemoved" => !is_one_shot(kind),
        _ => true,
    }
}

/// Whether the removal of a watch on `path` takes what a recursive one would have told of the znode `told`.
pub(super) fn is_below_removed(told: &str, path: &str, what: &str) -> bool {
    let mut ancestry = std::iter::successors(Some(told), |below| parent(below));
    what == "PersistentWatchRemoved" && ancestry.any(|above| above == path)
}

/// The watches left, each with what a monitor keeps about it.
#[derive(Debug)]
pub(super) struct Book<T>(BTreeMap<String, BTreeMap<(i64, WatchKind), T>>);

impl<T> Default for Book<T> {
    fn default() -> Book<T> {
        Book(BTreeMap::new())
    }
}

/// A watch that an event concerns.
pub(super) struct Concerned<'a, T> {
    pub(super) session: i64,
    pub(super) kind: WatchKind,
    /// The path that the client will be told: of a recursive watch, that of the znode below.
    pub(super) path: &'a str,
    pub(super) entry: &'a mut T,
}

impl<T> Book<T> {
    pub(super) fn leave(&mut self, session: i64, path: &str, kind: WatchKind, entry: T) {
        self.0.entry(path.to_owned()).or_default().insert((session, kind), entry);
    }

    pub(super) fn get(&self, session: i64, path: &str, kind: WatchKind) -> Option<&T> {
        self.0.get(path)?.get(&(session, kind))
    }

    /// Keeps the watches of which `keep` says so.
    pub(super) fn retain(&mut self, mut keep: impl FnMut(i64, &str, WatchKind, &mut T) -> bool) {
        self.0.retain(|path, watches| {
            watches.retain(|(session, kind), entry| keep(*session, path, *kind, entry));
            !watches.is_empty()
        });
    }

    /// Takes the watches away that this notification takes.
    pub(super) fn notified(&mut self, session: i64, path: &str, what: &str) {
        let Some(watches) = self.0.get_mut(path) else { return };
        let is_removal = !what.starts_with("Node");
        watches.retain(|(owner, kind), _| {
            *owner != session || !is_taken_by(*kind, what) || (!is_one_shot(*kind) && !is_removal)
        });
        if watches.is_empty() {
            self.0.remove(path);
        }
    }

    /// Visits every watch that the change concerns.
    pub(super) fn concerned(&mut self, path: &str, change: Change, mut visit: impl FnMut(Concerned<'_, T>)) {
        let ancestry = std::iter::successors(Some(path), |below| parent(below));
        for (distance, watched) in ancestry.enumerate() {
            let Some(watches) = self.0.get_mut(watched) else { continue };
            for ((session, kind), entry) in watches {
                if concerns(*kind, distance, change) {
                    let path = if *kind == WatchKind::Recursive { path } else { watched };
                    visit(Concerned { session: *session, kind: *kind, path, entry });
                }
            }
        }
    }
}

/// Whether a watch that lies `distance` levels above the changed znode is concerned.
fn concerns(kind: WatchKind, distance: usize, change: Change) -> bool {
    match (kind, distance) {
        (WatchKind::Recursive, _) => true,
        (WatchKind::Exists | WatchKind::Data | WatchKind::Persistent, 0) => true,
        (WatchKind::Children, 0) => change == Change::Deleted,
        (WatchKind::Children | WatchKind::Persistent, 1) => change != Change::Data,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn concerned(path: &str, change: Change) -> Vec<(i64, String)> {
        let mut book = Book::default();
        let kinds =
            [WatchKind::Exists, WatchKind::Data, WatchKind::Children, WatchKind::Persistent, WatchKind::Recursive];
        for (session, kind) in (1..).zip(kinds) {
            book.leave(session, "/a/b", kind, ());
        }
        let mut found = Vec::new();
        book.concerned(path, change, |watch| found.push((watch.session, watch.path.to_owned())));
        found
    }

    fn told(sessions: &[i64], path: &str) -> Vec<(i64, String)> {
        sessions.iter().map(|session| (*session, path.to_owned())).collect()
    }

    #[test]
    fn a_change_concerns_the_watches_that_zookeeper_fires() {
        assert_eq!(concerned("/a/b", Change::Created), told(&[1, 2, 4, 5], "/a/b"));
        assert_eq!(concerned("/a/b", Change::Data), told(&[1, 2, 4, 5], "/a/b"));
        assert_eq!(concerned("/a/b", Change::Deleted), told(&[1, 2, 3, 4, 5], "/a/b"));
        let below = [(3, "/a/b".to_owned()), (4, "/a/b".to_owned()), (5, "/a/b/c".to_owned())];
        assert_eq!(concerned("/a/b/c", Change::Created), below);
        assert_eq!(concerned("/a/b/c", Change::Data), told(&[5], "/a/b/c"));
        assert_eq!(concerned("/a/b/c/d", Change::Deleted), told(&[5], "/a/b/c/d"));
        assert_eq!(concerned("/a", Change::Deleted), []);
        assert_eq!(concerned("/a/bc", Change::Created), []);
    }

    #[test]
    fn an_event_takes_one_shot_watches_and_a_removal_takes_the_others() {
        let left_after = |what: &str| {
            let mut book = Book::default();
            book.leave(1, "/a", WatchKind::Data, ());
            book.leave(1, "/a", WatchKind::Persistent, ());
            book.leave(2, "/a", WatchKind::Data, ());
            book.notified(1, "/a", what);
            [WatchKind::Data, WatchKind::Persistent].map(|kind| book.get(1, "/a", kind).is_some())
        };
        assert_eq!(left_after("NodeDeleted"), [false, true]);
        assert_eq!(left_after("NodeChildrenChanged"), [true, true]);
        assert_eq!(left_after("PersistentWatchRemoved"), [true, false]);
        assert_eq!(left_after("None"), [false, false]);
    }
}
