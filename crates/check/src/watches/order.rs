//! `watch-order`: a client is told of a change before it sees it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use history::{ClientEvent, Event, Record, ServiceEvent, WatchKind};

use super::book::{Book, Change, is_below_removed, is_one_shot};
use crate::clients::{Clients, Turn};
use crate::{Monitor, Report};

/// A session that left a watch does not see data newer than the watch before it is notified (the guarantee in
/// ZooKeeper's documentation: the event comes before the new data).
///
/// A new connection does not end a one-shot watch: the client registers it anew before it asks for anything, and the
/// server compares. Persistent watches miss what happened while they were away (ZOOKEEPER-4698): they are not judged
/// any more once their session was disconnected. The end of a session ends its watches.
#[derive(Default)]
pub struct WatchOrder {
    clients: Clients,
    book: Book<Left>,
    /// Changes that persistent watches must tell and have not told, oldest first, by session and path told.
    untold: BTreeMap<(i64, String), VecDeque<Untold>>,
    /// The transaction as of which each session was shown the service last.
    shown: BTreeMap<i64, i64>,
}

struct Left {
    /// The service was seen as of this transaction when the watch was left.
    zxid: i64,
}

struct Untold {
    zxid: i64,
    of_children: bool,
}

impl WatchOrder {
    /// No watch left yet.
    pub fn new() -> WatchOrder {
        WatchOrder::default()
    }

    fn saw(&self, record: &Record, session: i64, path: &str, zxid: i64, of_children: bool, report: &mut Report) {
        let kinds: &[WatchKind] =
            if of_children { &[WatchKind::Children] } else { &[WatchKind::Data, WatchKind::Exists] };
        let left = kinds.iter().find_map(|kind| {
            let left = self.book.get(session, path, *kind)?;
            // A data watch lies on a znode that was there: missing is news. An exists watch lies on one that was not.
            let news = zxid > left.zxid || (zxid == 0 && *kind == WatchKind::Data);
            news.then_some(left.zxid)
        });
        let untold = || {
            let untold = self.untold.get(&(session, path.to_owned()))?;
            let first = untold.iter().find(|untold| untold.of_children == of_children)?;
            // That a znode is missing says nothing of when: the reply does. Its server may lag behind the others.
            let seen = if zxid == 0 { self.shown.get(&session).copied().unwrap_or(0) } else { zxid };
            (first.zxid <= seen).then_some(first.zxid - 1)
        };
        let Some(watched) = left.or_else(untold) else { return };
        let node = record.node.as_deref().unwrap_or("a client");
        let what = if of_children { "children" } else { "data" };
        let state = if zxid == 0 { "that it is missing".to_owned() } else { format!("them as of {zxid:#x}") };
        let message = format!(
            "{node} watches the {what} of {path} as of transaction {watched:#x} in session {session:#x} and saw {state} \
             at {}, before any notification",
            record.at
        );
        report.safety("watch-order", record, message);
    }

    fn changed(&mut self, path: &str, change: Change, zxid: i64) {
        let untold = &mut self.untold;
        // A session with several watches on one path is told once for all (`WatchManager.triggerWatch` gathers watchers).
        let mut told = BTreeSet::new();
        self.book.concerned(path, change, |watch| {
            let of_children = watch.path != path;
            if !is_one_shot(watch.kind)
                && zxid > watch.entry.zxid
                && told.insert((watch.session, watch.path.to_owned(), of_children))
            {
                let changes = untold.entry((watch.session, watch.path.to_owned())).or_default();
                changes.push_back(Untold { zxid, of_children });
            }
        });
    }

    fn client(&mut self, record: &Record, event: &ClientEvent, report: &mut Report) {
        match event {
            ClientEvent::Watched { session, path, kind, zxid } => {
                self.book.leave(*session, path, *kind, Left { zxid: *zxid });
            }
            ClientEvent::Notified { session, path, what } => {
                self.book.notified(*session, path, what);
                let key = (*session, path.clone());
                if let Some(untold) = self.untold.get_mut(&key) {
                    let of_children = what == "NodeChildrenChanged";
                    if let Some(first) = untold.iter().position(|untold| untold.of_children == of_children) {
                        untold.remove(first);
                    }
                    if untold.is_empty() {
                        self.untold.remove(&key);
                    }
                }
                self.untold.retain(|(owner, told), _| owner != session || !is_below_removed(told, path, what));
            }
            ClientEvent::Replied { session, zxid } if !self.untold.is_empty() => {
                self.shown.insert(*session, *zxid);
            }
            ClientEvent::SawData { session, path, zxid } => self.saw(record, *session, path, *zxid, false, report),
            ClientEvent::SawChildren { session, path, zxid } => self.saw(record, *session, path, *zxid, true, report),
            _ => {}
        }
    }
}

impl Monitor for WatchOrder {
    fn name(&self) -> &'static str {
        "watch-order"
    }

    fn observe(&mut self, record: &Record, report: &mut Report) {
        match self.clients.observe(record) {
            Some(Turn::Ended(ended)) => {
                self.book.retain(|session, _, _, _| !ended.contains(&session));
                self.untold.retain(|(session, _), _| !ended.contains(session));
                self.shown.retain(|session, _| !ended.contains(session));
            }
            Some(Turn::Disconnected(lost)) => {
                self.book.retain(|session, _, kind, _| session != lost || is_one_shot(kind));
                self.untold.retain(|(session, _), _| *session != lost);
            }
            Some(Turn::Connected(_)) | None => {}
        }
        match &record.event {
            Event::Client(event) => self.client(record, event, report),
            Event::Service(event) => match event {
                ServiceEvent::Created { path, zxid, .. } => self.changed(path, Change::Created, *zxid),
                ServiceEvent::Deleted { path, zxid } => self.changed(path, Change::Deleted, *zxid),
                ServiceEvent::Changed { path, zxid } => self.changed(path, Change::Data, *zxid),
                _ => {}
            },
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{
        History, changed, connected, created, deleted, disconnected, notified, replied, saw_children, saw_data, watched,
    };
    use history::MachineEvent;

    fn watching(kind: WatchKind) -> History {
        History::new().tell("a", connected(1)).at(1.0).tell("a", watched(1, "/x", kind, 10)).at(2.0)
    }

    #[test]
    fn new_data_before_the_event() {
        watching(WatchKind::Data).tell("a", saw_data(1, "/x", 11)).judge(WatchOrder::new()).assert_violated_once(
            "a watches the data of /x as of transaction 0xa in session 0x1 and saw them as of 0xb at 2.000000s, before \
             any notification",
        );
        let gone = watching(WatchKind::Data).tell("a", saw_data(1, "/x", 0));
        gone.judge(WatchOrder::new()).assert_violated_once("saw that it is missing");
        let came = watching(WatchKind::Exists).tell("a", saw_data(1, "/x", 11));
        came.judge(WatchOrder::new()).assert_violated_once("watch-order");
        let children = watching(WatchKind::Children).tell("a", saw_children(1, "/x", 11));
        children.judge(WatchOrder::new()).assert_violated_once("the children of /x");
    }

    #[test]
    fn old_data_other_paths_and_data_after_the_event() {
        watching(WatchKind::Data)
            .tell("a", saw_data(1, "/x", 10))
            .tell("a", saw_data(1, "/y", 99))
            .tell("a", saw_children(1, "/x", 99))
            .tell("b", saw_data(2, "/x", 11))
            .tell("a", notified(1, "/x", "NodeDataChanged"))
            .tell("a", saw_data(1, "/x", 11))
            .judge(WatchOrder::new())
            .assert_clean();
        watching(WatchKind::Exists).tell("a", saw_data(1, "/x", 0)).judge(WatchOrder::new()).assert_clean();
    }

    #[test]
    fn a_reconnect_keeps_the_watch_and_the_end_of_the_session_ends_it() {
        let reconnected = watching(WatchKind::Data).tell("a", disconnected(1)).tell("a", connected(1));
        let seen = |history: &History| history.clone().tell("a", saw_data(1, "/x", 11)).judge(WatchOrder::new());
        seen(&reconnected).assert_violated_once("watch-order");
        seen(&reconnected.machine("a", MachineEvent::Killed)).assert_clean();
    }

    #[test]
    fn two_lasting_watches_on_one_path_are_told_once() {
        watching(WatchKind::Persistent)
            .tell("a", watched(1, "/x", WatchKind::Recursive, 10))
            .tell("zk", changed("/x", 11))
            .tell("a", notified(1, "/x", "NodeDataChanged"))
            .tell("a", saw_data(1, "/x", 11))
            .judge(WatchOrder::new())
            .assert_clean();
    }

    #[test]
    fn the_wrong_event_does_not_announce_the_data() {
        watching(WatchKind::Data)
            .tell("a", notified(1, "/x", "NodeChildrenChanged"))
            .tell("a", saw_data(1, "/x", 11))
            .judge(WatchOrder::new())
            .assert_violated_once("watch-order");
    }

    #[test]
    fn a_persistent_watch_tells_every_change_before_it_is_seen() {
        let twice = watching(WatchKind::Persistent)
            .tell("zk", changed("/x", 11))
            .tell("zk", changed("/x", 12))
            .tell("a", notified(1, "/x", "NodeDataChanged"));
        twice.clone().tell("a", saw_data(1, "/x", 11)).judge(WatchOrder::new()).assert_clean();
        let early = twice.clone().tell("a", saw_data(1, "/x", 12));
        early.judge(WatchOrder::new()).assert_violated_once("watch-order");
        let told = twice.tell("a", notified(1, "/x", "NodeDataChanged")).tell("a", saw_data(1, "/x", 12));
        told.judge(WatchOrder::new()).assert_clean();
        let below = watching(WatchKind::Recursive).tell("zk", created("/x/y", 11, 0));
        below.clone().tell("a", saw_data(1, "/x/y", 11)).judge(WatchOrder::new()).assert_violated_once("of /x/y");
        let deleted = watching(WatchKind::Persistent).tell("zk", deleted("/x", 11));
        let missing_as_of = |zxid| deleted.clone().tell("a", replied(1, zxid)).tell("a", saw_data(1, "/x", 0));
        missing_as_of(11).judge(WatchOrder::new()).assert_violated_once("saw that it is missing");
        missing_as_of(10).judge(WatchOrder::new()).assert_clean();
        let removed = below.clone().tell("a", notified(1, "/x", "PersistentWatchRemoved"));
        removed.tell("a", saw_data(1, "/x/y", 11)).judge(WatchOrder::new()).assert_clean();
        let away = below.tell("a", disconnected(1)).tell("a", connected(1)).tell("a", saw_data(1, "/x/y", 11));
        away.judge(WatchOrder::new()).assert_clean();
    }
}
