//! The watches left on the service, and who waits for each.
//!
//! A one-shot watch stays here until it fires, also when nobody waits for it any more: the server has it too, and
//! after a reconnection it is restored like the others. A persistent one goes with the last of its watchers.

use std::collections::{BTreeMap, BTreeSet};

use history::WatchKind;
use proto::{EventType, Request, SetWatches2Request, SetWatchesRequest, WatcherType, Zxid, path};

/// So many bytes of paths fit into one request that restores watches (`ClientCnxn.SET_WATCHES_MAX_LENGTH`).
const BATCH_BYTES: usize = 128 * 1024;

/// Somebody who waits for a watch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WatcherId(pub u64);

type Watchers = BTreeSet<WatcherId>;

/// The watches left on the service.
#[derive(Default)]
pub(super) struct Watches {
    left: BTreeMap<(WatchKind, String), Watchers>,
    places: BTreeMap<WatcherId, (WatchKind, String)>,
}

impl Watches {
    /// The server has registered the watch.
    pub(super) fn add(&mut self, kind: WatchKind, path: &str, watcher: Option<WatcherId>) {
        let place = (kind, path.to_owned());
        let watchers = self.left.entry(place.clone()).or_default();
        if let Some(watcher) = watcher {
            watchers.insert(watcher);
            self.places.insert(watcher, place);
        }
    }

    /// The watches that an event reaches (`ZKWatchManager.materialize`). One-shot ones are gone afterwards.
    pub(super) fn fire(&mut self, event_type: EventType, path: &str) -> Vec<WatcherId> {
        let (one_shot, recursive): (&[WatchKind], bool) = match event_type {
            EventType::NodeCreated | EventType::NodeDataChanged => (&[WatchKind::Data, WatchKind::Exists], true),
            EventType::NodeDeleted => (&[WatchKind::Data, WatchKind::Exists, WatchKind::Children], true),
            EventType::NodeChildrenChanged => (&[WatchKind::Children], false),
            _ => return Vec::new(),
        };
        let mut reached = Watchers::new();
        for &kind in one_shot {
            reached.extend(self.take(kind, path));
        }
        reached.extend(self.peek(WatchKind::Persistent, path));
        let mut ancestor = recursive.then_some(path);
        while let Some(place) = ancestor {
            reached.extend(self.peek(WatchKind::Recursive, place));
            ancestor = path::parent(place);
        }
        reached.into_iter().collect()
    }

    /// Nobody waits as `watcher` any more. Gives the persistent watch that has lost its last watcher by this.
    pub(super) fn forget(&mut self, watcher: WatcherId) -> Option<(String, WatcherType)> {
        let place = self.places.remove(&watcher)?;
        let watchers = self.left.get_mut(&place)?;
        watchers.remove(&watcher);
        let watcher_type = match place.0 {
            WatchKind::Persistent => WatcherType::Persistent,
            WatchKind::Recursive => WatcherType::PersistentRecursive,
            WatchKind::Data | WatchKind::Exists | WatchKind::Children => return None,
        };
        if !watchers.is_empty() {
            return None;
        }
        self.left.remove(&place);
        Some((place.1, watcher_type))
    }

    /// The server has removed the watches of this type; gives those who waited for them.
    pub(super) fn remove(&mut self, path: &str, watcher_type: WatcherType) -> Vec<WatcherId> {
        let kinds: &[WatchKind] = match watcher_type {
            WatcherType::Children => &[WatchKind::Children],
            WatcherType::Data => &[WatchKind::Data, WatchKind::Exists],
            WatcherType::Persistent => &[WatchKind::Persistent],
            WatcherType::PersistentRecursive => &[WatchKind::Recursive],
            WatcherType::Any => {
                &[WatchKind::Exists, WatchKind::Data, WatchKind::Children, WatchKind::Persistent, WatchKind::Recursive]
            }
        };
        kinds.iter().flat_map(|&kind| self.take(kind, path)).collect()
    }

    /// Those who wait for a watch that stays, and so must be told that they may have missed something.
    pub(super) fn persistent_watchers(&self) -> Vec<WatcherId> {
        let is_persistent = |kind: WatchKind| matches!(kind, WatchKind::Persistent | WatchKind::Recursive);
        let places = self.places.iter().filter(|(_, (kind, _))| is_persistent(*kind));
        places.map(|(&watcher, _)| watcher).collect()
    }

    /// The requests that restore all watches on a new connection, as seen from `relative_zxid`. The newer operation is
    /// used only where it is needed: old servers do not know it.
    pub(super) fn restore(&self, relative_zxid: Zxid) -> Vec<Request> {
        let mut requests = Vec::new();
        let mut batch = empty_batch(relative_zxid);
        let mut bytes = 0;
        for (kind, path) in self.left.keys() {
            if bytes > 0 && bytes + path.len() > BATCH_BYTES {
                requests.push(narrowed(std::mem::replace(&mut batch, empty_batch(relative_zxid))));
                bytes = 0;
            }
            bytes += path.len();
            let paths = match kind {
                WatchKind::Exists => &mut batch.exist_watches,
                WatchKind::Data => &mut batch.data_watches,
                WatchKind::Children => &mut batch.child_watches,
                WatchKind::Persistent => &mut batch.persistent_watches,
                WatchKind::Recursive => &mut batch.persistent_recursive_watches,
            };
            paths.push(path.clone());
        }
        if bytes > 0 {
            requests.push(narrowed(batch));
        }
        requests
    }

    fn take(&mut self, kind: WatchKind, path: &str) -> Watchers {
        let watchers = self.left.remove(&(kind, path.to_owned())).unwrap_or_default();
        for watcher in &watchers {
            self.places.remove(watcher);
        }
        watchers
    }

    fn peek(&self, kind: WatchKind, path: &str) -> Watchers {
        self.left.get(&(kind, path.to_owned())).cloned().unwrap_or_default()
    }
}

fn empty_batch(relative_zxid: Zxid) -> SetWatches2Request {
    SetWatches2Request {
        relative_zxid,
        data_watches: Vec::new(),
        exist_watches: Vec::new(),
        child_watches: Vec::new(),
        persistent_watches: Vec::new(),
        persistent_recursive_watches: Vec::new(),
    }
}

/// The older operation, if it will do.
fn narrowed(batch: SetWatches2Request) -> Request {
    if !batch.persistent_watches.is_empty() || !batch.persistent_recursive_watches.is_empty() {
        return Request::SetWatches2(batch);
    }
    let SetWatches2Request { relative_zxid, data_watches, exist_watches, child_watches, .. } = batch;
    Request::SetWatches(SetWatchesRequest { relative_zxid, data_watches, exist_watches, child_watches })
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: WatcherId = WatcherId(1);
    const B: WatcherId = WatcherId(2);

    #[test]
    fn a_one_shot_watch_fires_once_and_for_all_who_wait() {
        let mut watches = Watches::default();
        watches.add(WatchKind::Data, "/a", Some(A));
        watches.add(WatchKind::Children, "/a", Some(B));
        assert_eq!(watches.fire(EventType::NodeDeleted, "/a"), [A, B]);
        assert_eq!(watches.fire(EventType::NodeDeleted, "/a"), []);
        assert_eq!(watches.restore(Zxid(1)), []);
    }

    #[test]
    fn a_recursive_watch_hears_of_everything_below_but_not_of_changed_children() {
        let mut watches = Watches::default();
        watches.add(WatchKind::Recursive, "/a", Some(A));
        watches.add(WatchKind::Persistent, "/a/b", Some(B));
        assert_eq!(watches.fire(EventType::NodeCreated, "/a/b/c"), [A]);
        assert_eq!(watches.fire(EventType::NodeDataChanged, "/a/b"), [A, B]);
        assert_eq!(watches.fire(EventType::NodeChildrenChanged, "/a/b"), [B]);
        assert_eq!(watches.fire(EventType::NodeCreated, "/ab"), []);
    }

    #[test]
    fn a_forgotten_one_shot_watch_is_restored_and_a_forgotten_persistent_one_is_not() {
        let mut watches = Watches::default();
        watches.add(WatchKind::Exists, "/a", Some(A));
        watches.add(WatchKind::Persistent, "/b", Some(B));
        assert_eq!(watches.forget(A), None);
        assert_eq!(watches.forget(B), Some(("/b".to_owned(), WatcherType::Persistent)));
        let Request::SetWatches(request) = &watches.restore(Zxid(7))[0] else { panic!("the old operation will do") };
        assert_eq!(request.exist_watches, ["/a"]);
        assert_eq!(request.relative_zxid, Zxid(7));
    }

    #[test]
    fn many_watches_are_restored_in_batches_of_bounded_size() {
        let mut watches = Watches::default();
        let path = |index: usize| format!("/{index:0>1000}");
        for index in 0..300 {
            watches.add(WatchKind::Data, &path(index), None);
        }
        let requests = watches.restore(Zxid(1));
        let batches: Vec<usize> = requests
            .iter()
            .map(|request| match request {
                Request::SetWatches(request) => request.data_watches.iter().map(String::len).sum(),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(batches.iter().sum::<usize>(), 300 * 1001);
        assert_eq!(batches.len(), 3);
        assert!(batches.iter().all(|&bytes| bytes <= BATCH_BYTES));
    }
}
