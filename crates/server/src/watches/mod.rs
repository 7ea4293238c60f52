//! Watches: who hears of what (`WatchManager.java`, `DataTree.java`).
//!
//! A watcher is a connection. A standard watch fires once and is gone; several registrations of one watcher on one path
//! count once. A persistent watch stays. A recursive one stays, covers everything below its path, and never hears that
//! children changed (ZOOKEEPER-4475). The kinds on one path do not replace each other (ZOOKEEPER-4466).
//!
//! Judging who may hear (the access control list at the time of the event) is the caller's business.

use std::collections::BTreeMap;
use std::sync::Arc;

use indexmap::{IndexMap, IndexSet};
use proto::{EventType, WatcherType, path};

use crate::replica::ConnectionId;

/// The kinds of watches that one watcher has on one path.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Kinds(u8);

impl Kinds {
    /// On data or existence, once.
    pub(crate) const DATA: Kinds = Kinds(1);
    /// On the list of children, once.
    pub(crate) const CHILDREN: Kinds = Kinds(2);
    /// On both, and it stays.
    pub(crate) const PERSISTENT: Kinds = Kinds(4);
    /// On everything at and below the path but the lists of children, and it stays.
    pub(crate) const RECURSIVE: Kinds = Kinds(8);
    const ALL: Kinds = Kinds(15);
    const NONE: Kinds = Kinds(0);

    const fn and(self, other: Kinds) -> Kinds {
        Kinds(self.0 | other.0)
    }

    const fn without(self, other: Kinds) -> Kinds {
        Kinds(self.0 & !other.0)
    }

    const fn overlaps(self, other: Kinds) -> bool {
        self.0 & other.0 != 0
    }

    /// The kinds that a client means when it asks for a type.
    const fn of(watcher_type: WatcherType) -> Kinds {
        match watcher_type {
            WatcherType::Children => Kinds::CHILDREN,
            WatcherType::Data => Kinds::DATA,
            WatcherType::Any => Kinds::ALL,
            WatcherType::Persistent => Kinds::PERSISTENT,
            WatcherType::PersistentRecursive => Kinds::RECURSIVE,
        }
    }
}

const ON_DATA: Kinds = Kinds::DATA.and(Kinds::PERSISTENT).and(Kinds::RECURSIVE);
const ON_CHILDREN: Kinds = Kinds::CHILDREN.and(Kinds::PERSISTENT).and(Kinds::RECURSIVE);

/// Who watches what.
#[derive(Debug, Default)]
pub(crate) struct Watches {
    by_path: IndexMap<Arc<str>, BTreeMap<ConnectionId, Kinds>>,
    by_watcher: BTreeMap<ConnectionId, IndexSet<Arc<str>>>,
    recursive_count: usize,
}

impl Watches {
    /// Registers a watch.
    pub(crate) fn add(&mut self, watcher: ConnectionId, path: &str, kinds: Kinds) {
        if !self.by_path.contains_key(path) {
            self.by_path.insert(Arc::from(path), BTreeMap::new());
        }
        let (_, path, watchers) = self.by_path.get_full_mut(path).expect("it is there now");
        let held = watchers.entry(watcher).or_default();
        let is_new_recursive = kinds.overlaps(Kinds::RECURSIVE) && !held.overlaps(Kinds::RECURSIVE);
        self.recursive_count += usize::from(is_new_recursive);
        *held = held.and(kinds);
        self.by_watcher.entry(watcher).or_default().insert(path.clone());
    }

    /// Whether this watcher has such a watch on the path.
    pub(crate) fn contains(&self, watcher: ConnectionId, path: &str, watcher_type: WatcherType) -> bool {
        let held = self.by_path.get(path).and_then(|watchers| watchers.get(&watcher));
        held.is_some_and(|held| held.overlaps(Kinds::of(watcher_type)))
    }

    /// Takes a watch away. Tells whether there was one.
    pub(crate) fn remove(&mut self, watcher: ConnectionId, path: &str, watcher_type: WatcherType) -> bool {
        let there_was = self.contains(watcher, path, watcher_type);
        self.take(watcher, path, Kinds::of(watcher_type));
        there_was
    }

    /// Forgets everything about a watcher.
    pub(crate) fn remove_watcher(&mut self, watcher: ConnectionId) {
        for path in self.by_watcher.remove(&watcher).into_iter().flatten() {
            self.take(watcher, &path, Kinds::ALL);
        }
    }

    /// Fires the watches on a path: those on the znode itself and the recursive ones above it. Each watcher appears once.
    pub(crate) fn fire(&mut self, path: &str, event: EventType) -> Vec<ConnectionId> {
        let once = match event {
            EventType::NodeDeleted => Kinds::DATA.and(Kinds::CHILDREN),
            EventType::NodeChildrenChanged => Kinds::CHILDREN,
            _ => Kinds::DATA,
        };
        let concerned = once.and(Kinds::PERSISTENT);
        let mut watchers = Vec::new();
        if let Some(held) = self.by_path.get(path) {
            watchers.extend(held.iter().filter(|(_, held)| held.overlaps(concerned)).map(|(watcher, _)| *watcher));
            for watcher in &watchers {
                self.take(*watcher, path, once);
            }
        }
        if self.recursive_count > 0 && event != EventType::NodeChildrenChanged {
            for above in std::iter::successors(Some(path), |path| path::parent(path)) {
                let Some(held) = self.by_path.get(above) else { continue };
                let recursive = held.iter().filter(|(_, held)| held.overlaps(Kinds::RECURSIVE));
                watchers.extend(recursive.map(|(watcher, _)| *watcher));
            }
            watchers.sort_unstable();
            watchers.dedup();
        }
        watchers
    }

    fn take(&mut self, watcher: ConnectionId, path: &str, kinds: Kinds) {
        let Some(watchers) = self.by_path.get_mut(path) else { return };
        let Some(held) = watchers.get_mut(&watcher) else { return };
        if kinds.overlaps(Kinds::RECURSIVE) && held.overlaps(Kinds::RECURSIVE) {
            self.recursive_count -= 1;
        }
        *held = held.without(kinds);
        if *held != Kinds::NONE {
            return;
        }
        watchers.remove(&watcher);
        if watchers.is_empty() {
            self.by_path.swap_remove(path);
        }
        if let Some(paths) = self.by_watcher.get_mut(&watcher) {
            paths.swap_remove(path);
            if paths.is_empty() {
                self.by_watcher.remove(&watcher);
            }
        }
    }

    /// How many watches there are. One that stays counts twice, as it is kept where those on data are and where those on
    /// children are (`DataTree.getWatchCount`).
    pub(crate) fn len(&self) -> usize {
        let count = |held: &Kinds| usize::from(held.overlaps(ON_DATA)) + usize::from(held.overlaps(ON_CHILDREN));
        self.by_path.values().flat_map(BTreeMap::values).map(count).sum()
    }

    /// Every path whose data is watched, with its watchers.
    pub(crate) fn by_path(&self) -> Vec<(&str, Vec<ConnectionId>)> {
        let on_data = |(watcher, held): (&ConnectionId, &Kinds)| held.overlaps(ON_DATA).then_some(*watcher);
        let paths =
            self.by_path.iter().map(|(path, held)| (&**path, held.iter().filter_map(on_data).collect::<Vec<_>>()));
        paths.filter(|(_, watchers)| !watchers.is_empty()).collect()
    }

    /// Every watcher of data with the paths it watches.
    pub(crate) fn by_watcher(&self) -> BTreeMap<ConnectionId, Vec<&str>> {
        let mut paths_of: BTreeMap<ConnectionId, Vec<&str>> = BTreeMap::new();
        for (path, watchers) in self.by_path() {
            watchers.into_iter().for_each(|watcher| paths_of.entry(watcher).or_default().push(path));
        }
        paths_of
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: ConnectionId = ConnectionId(1);
    const B: ConnectionId = ConnectionId(2);

    #[test]
    fn a_standard_watch_fires_once() {
        let mut watches = Watches::default();
        watches.add(A, "/a", Kinds::DATA);
        watches.add(A, "/a", Kinds::DATA);
        assert_eq!(watches.fire("/a", EventType::NodeDataChanged), [A]);
        assert_eq!(watches.fire("/a", EventType::NodeDataChanged), []);
        assert_eq!((watches.len(), watches.by_path.len(), watches.by_watcher.len()), (0, 0, 0));
    }

    #[test]
    fn a_delete_reaches_data_and_child_watches_of_one_watcher_once() {
        let mut watches = Watches::default();
        watches.add(A, "/a", Kinds::DATA);
        watches.add(A, "/a", Kinds::CHILDREN);
        watches.add(B, "/a", Kinds::CHILDREN);
        assert_eq!(watches.fire("/a", EventType::NodeDeleted), [A, B]);
        assert_eq!(watches.fire("/a", EventType::NodeDeleted), []);
    }

    #[test]
    fn a_data_watch_does_not_hear_of_children() {
        let mut watches = Watches::default();
        watches.add(A, "/a", Kinds::DATA);
        assert_eq!(watches.fire("/a", EventType::NodeChildrenChanged), []);
        watches.add(A, "/a", Kinds::CHILDREN);
        assert_eq!(watches.fire("/a", EventType::NodeChildrenChanged), [A]);
        assert!(watches.contains(A, "/a", WatcherType::Data));
    }

    #[test]
    fn a_persistent_watch_hears_everything_and_stays() {
        let mut watches = Watches::default();
        watches.add(A, "/a", Kinds::PERSISTENT);
        for event in [EventType::NodeCreated, EventType::NodeChildrenChanged, EventType::NodeDeleted] {
            assert_eq!(watches.fire("/a", event), [A]);
        }
        assert_eq!(watches.fire("/a/b", EventType::NodeCreated), []);
    }

    #[test]
    fn a_recursive_watch_hears_what_is_below_but_no_lists_of_children() {
        let mut watches = Watches::default();
        watches.add(A, "/", Kinds::RECURSIVE);
        watches.add(A, "/a", Kinds::RECURSIVE);
        assert_eq!(watches.fire("/a/b/c", EventType::NodeCreated), [A]);
        assert_eq!(watches.fire("/a", EventType::NodeChildrenChanged), []);
        assert_eq!(watches.fire("/b", EventType::NodeDataChanged), [A]);
    }

    #[test]
    fn words_tell_of_watches_on_data_only_but_count_all() {
        let mut watches = Watches::default();
        watches.add(A, "/a", Kinds::CHILDREN);
        assert_eq!((watches.len(), watches.by_path()), (1, vec![]));
        watches.add(A, "/a", Kinds::DATA);
        watches.add(B, "/a", Kinds::PERSISTENT);
        assert_eq!(watches.len(), 4);
        assert_eq!(watches.by_path(), [("/a", vec![A, B])]);
        assert_eq!(watches.by_watcher(), BTreeMap::from([(A, vec!["/a"]), (B, vec!["/a"])]));
    }

    #[test]
    fn kinds_on_one_path_are_removed_one_by_one() {
        let mut watches = Watches::default();
        watches.add(A, "/a", Kinds::DATA);
        watches.add(A, "/a", Kinds::PERSISTENT);
        watches.add(A, "/a", Kinds::RECURSIVE);
        assert!(watches.remove(A, "/a", WatcherType::Persistent));
        assert!(!watches.remove(A, "/a", WatcherType::Persistent));
        assert!(!watches.remove(B, "/a", WatcherType::Any));
        assert!(watches.contains(A, "/a", WatcherType::Data));
        assert!(watches.contains(A, "/a", WatcherType::PersistentRecursive));
        watches.remove_watcher(A);
        assert_eq!((watches.len(), watches.by_path.len(), watches.by_watcher.len()), (0, 0, 0));
        assert_eq!(watches.recursive_count, 0);
    }
}
