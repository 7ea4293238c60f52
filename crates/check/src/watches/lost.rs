//! `watch-lost`: a watch that was left is told what it was left for.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use history::{ClientEvent, Event, Record, ServiceEvent, Time, WatchKind};

use super::book::{Book, Change, is_below_removed, is_one_shot, is_taken_by};
use crate::calm::Calm;
use crate::clients::{Clients, Turn};
use crate::processes::{Process, Processes};
use crate::service::parent;
use crate::{Monitor, Report};

/// How often overdue notifications are looked for.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// For so long a change is remembered, for watches whose client tells of them only after the change.
const CHANGES_REMEMBERED: Duration = Duration::from_secs(60);

/// When a znode changes in a way that a watch was left for, its client is notified within the bound.
///
/// The bound is asked for only while the run is calm (no fault active, no process or server changed since) and the
/// client is connected and not stalled. Data and child watches survive a new connection, where the server compares
/// what the client has seen: they count anew from there. A watch for a znode to appear may miss one that came and went
/// meanwhile, and persistent watches miss everything (ZOOKEEPER-4698): these are not judged after a disconnection.
///
/// The bound must exceed the session timeout: a client may believe itself connected for nearly as long.
pub struct WatchLost {
    bound: Duration,
    clients: Clients,
    processes: Processes,
    calm: Calm,
    book: Book<Left>,
    owed: BTreeMap<(i64, String, WatchKind), VecDeque<Owed>>,
    recent: VecDeque<Recent>,
    next_look: Time,
}

struct Left {
    zxid: i64,
}

/// A notification that is due.
struct Owed {
    since: Time,
    zxid: i64,
    what: &'static str,
}

/// A change that a watch left as of an earlier transaction may yet be told of.
struct Recent {
    at: Time,
    zxid: i64,
    path: String,
    change: Change,
}

impl WatchLost {
    /// A notification must come within `bound` of the change, or of what disturbed the run since.
    pub fn told_within(bound: Duration) -> WatchLost {
        WatchLost {
            bound,
            clients: Clients::default(),
            processes: Processes::default(),
            calm: Calm::default(),
            book: Book::default(),
            owed: BTreeMap::new(),
            recent: VecDeque::new(),
            next_look: Time::ZERO,
        }
    }

    /// The change makes notifications due: of all sessions, or of one that has only just told of its watch.
    fn owe(&mut self, at: Time, zxid: i64, path: &str, change: Change, only: Option<(i64, WatchKind)>) {
        let owed = &mut self.owed;
        self.book.concerned(path, change, |watch| {
            let is_meant = only.is_none_or(|only| only == (watch.session, watch.kind));
            if !is_meant || zxid <= watch.entry.zxid {
                return;
            }
            let what = what_is_told(path, change, watch.path);
            let due = owed.entry((watch.session, watch.path.to_owned(), watch.kind)).or_default();
            // A one-shot watch owes one notification, for the first change.
            if due.is_empty() || !is_one_shot(watch.kind) {
                due.push_back(Owed { since: at, zxid, what });
            }
        });
    }

    fn changed(&mut self, at: Time, zxid: i64, path: &str, change: Change) {
        self.owe(at, zxid, path, change, None);
        while self.recent.front().is_some_and(|recent| recent.at + CHANGES_REMEMBERED < at) {
            self.recent.pop_front();
        }
        self.recent.push_back(Recent { at, zxid, path: path.to_owned(), change });
    }

    fn watched(&mut self, at: Time, session: i64, path: &str, kind: WatchKind, zxid: i64) {
        // Left anew without having fired: nothing has happened since the first time, or it would still be owed.
        if is_one_shot(kind) && self.owed.contains_key(&(session, path.to_owned(), kind)) {
            return;
        }
        self.book.leave(session, path, kind, Left { zxid });
        let newer = self.recent.partition_point(|recent| recent.zxid <= zxid);
        let missed: Vec<(i64, String, Change)> =
            self.recent.range(newer..).map(|recent| (recent.zxid, recent.path.clone(), recent.change)).collect();
        for (zxid, changed, change) in missed {
            self.owe(at, zxid, &changed, change, Some((session, kind)));
        }
    }

    fn notified(&mut self, session: i64, path: &str, what: &str) {
        self.book.notified(session, path, what);
        let is_event = what.starts_with("Node");
        self.owed.retain(|(owner, told, kind), due| {
            if *owner == session && is_below_removed(told, path, what) && *kind == WatchKind::Recursive {
                return false;
            }
            if *owner != session || told != path {
                return true;
            }
            if is_one_shot(*kind) || !is_event {
                return !is_taken_by(*kind, what);
            }
            // Of a persistent watch every change is told for itself.
            if let Some(first) = due.iter().position(|owed| owed.what == what) {
                due.remove(first);
            }
            !due.is_empty()
        });
    }

    fn forget(&mut self, mut whose: impl FnMut(i64, WatchKind) -> bool) {
        self.book.retain(|session, _, kind, _| !whose(session, kind));
        self.owed.retain(|(session, _, kind), _| !whose(*session, *kind));
    }

    fn look(&mut self, now: Time, report: &mut Report) {
        let mut lost = Vec::new();
        for ((session, path, kind), due) in &self.owed {
            let (Some(owed), Some(client)) = (due.front(), self.clients.get(*session)) else { continue };
            let Some(connected) = client.connected else { continue };
            let stalled = self.processes.of(&client.node) != Process::Running;
            if stalled || !self.calm.overdue(owed.since.max(connected), self.bound, now) {
                continue;
            }
            let (node, bound) = (client.node.clone(), self.bound.as_secs_f64());
            let Owed { since, zxid, what } = owed;
            let message = format!(
                "{node} was not told of {what} on {path} (transaction {zxid:#x} at {since}) within {bound:.3}s of calm, \
                 although it left a watch in session {session:#x} and is connected since {connected}"
            );
            lost.push((*session, path.clone(), *kind, node, message));
        }
        for (session, path, kind, node, message) in lost {
            report.liveness("watch-lost", now, Some(node), message);
            // Said once.
            self.owed.remove(&(session, path.clone(), kind));
            self.book.retain(|owner, watched, watch, _| (owner, watched, watch) != (session, &path, kind));
        }
    }

    fn lives(&mut self, record: &Record) {
        match self.clients.observe(record) {
            Some(Turn::Ended(ended)) => self.forget(|session, _| ended.contains(&session)),
            Some(Turn::Disconnected(lost)) => {
                self.forget(|session, kind| session == lost && !matches!(kind, WatchKind::Data | WatchKind::Children));
            }
            Some(Turn::Connected(_)) | None => {}
        }
        self.processes.observe(record);
        self.calm.observe(record);
    }

    fn service(&mut self, record: &Record, event: &ServiceEvent) {
        match event {
            ServiceEvent::Created { path, zxid, .. } => self.changed(record.at, *zxid, path, Change::Created),
            ServiceEvent::Deleted { path, zxid } => self.changed(record.at, *zxid, path, Change::Deleted),
            ServiceEvent::Changed { path, zxid } => self.changed(record.at, *zxid, path, Change::Data),
            // To the server the session is over, and its watches with it; its client will learn.
            ServiceEvent::SessionExpired { session: ended } | ServiceEvent::SessionClosed { session: ended, .. } => {
                self.forget(|session, _| session == *ended);
            }
            _ => {}
        }
    }
}

/// What ZooKeeper tells a watch on `watched` when `path` changes.
fn what_is_told(path: &str, change: Change, watched: &str) -> &'static str {
    debug_assert!(path == watched || parent(path) == Some(watched));
    match change {
        _ if path != watched => "NodeChildrenChanged",
        Change::Created => "NodeCreated",
        Change::Deleted => "NodeDeleted",
        Change::Data => "NodeDataChanged",
    }
}

impl Monitor for WatchLost {
    fn name(&self) -> &'static str {
        "watch-lost"
    }

    fn observe(&mut self, record: &Record, report: &mut Report) {
        if matches!(record.event, Event::Network(_)) {
            return;
        }
        // The time that passed is judged before the event that ends it.
        if record.at >= self.next_look {
            self.look(record.at, report);
            self.next_look = record.at + LOOK_EVERY;
        }
        self.lives(record);
        match &record.event {
            Event::Client(ClientEvent::Watched { session, path, kind, zxid }) => {
                self.watched(record.at, *session, path, *kind, *zxid);
            }
            Event::Client(ClientEvent::Notified { session, path, what }) => self.notified(*session, path, what),
            Event::Service(event) => self.service(record, event),
            _ => {}
        }
    }

    fn lost_above(&mut self, zxid: i64) {
        self.recent.retain(|recent| recent.zxid <= zxid);
        self.forget(|_, _| true);
    }

    fn finish(&mut self, now: Time, report: &mut Report) {
        self.look(now, report);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{
        History, changed, closed, connected, created, deleted, disconnected, notified, serving, watched,
    };
    use history::MachineEvent;

    fn monitor() -> WatchLost {
        WatchLost::told_within(Duration::from_secs(10))
    }

    fn watching(path: &str, kind: WatchKind) -> History {
        let history = History::new().tell("zk", serving(0)).tell("a", connected(1));
        history.at(1.0).tell("a", watched(1, path, kind, 10)).at(2.0)
    }

    #[test]
    fn the_close_of_a_session_deletes_the_predecessor_and_nobody_is_told() {
        let history = watching("/e/n-1", WatchKind::Data).tell("zk", deleted("/e/n-1", 11)).tell("zk", closed(9, 11));
        let report = history.clone().at(12.5).judge(monitor());
        report.assert_violated_once(
            "a was not told of NodeDeleted on /e/n-1 (transaction 0xb at 2.000000s) within 10.000s of calm, although it \
             left a watch in session 0x1 and is connected since 0.000000s",
        );
        assert_eq!(report.violations()[0].node, Some("a".into()));
        history.at(11.9).tell("a", notified(1, "/e/n-1", "NodeDeleted")).at(60.0).judge(monitor()).assert_clean();
    }

    #[test]
    fn a_child_comes_and_goes() {
        for change in [created("/e/n-1", 11, 0), deleted("/e/n-1", 11)] {
            let history = watching("/e", WatchKind::Children).tell("zk", change);
            history.clone().at(20.0).judge(monitor()).assert_violated_once("NodeChildrenChanged on /e ");
            history.tell("a", notified(1, "/e", "NodeChildrenChanged")).at(60.0).judge(monitor()).assert_clean();
        }
    }

    #[test]
    fn what_the_client_had_seen_and_what_it_did_not_watch_is_not_owed() {
        watching("/e", WatchKind::Data)
            .tell("zk", changed("/e", 10))
            .tell("zk", created("/e/n-1", 11, 0))
            .tell("zk", changed("/f", 12))
            .at(60.0)
            .judge(monitor())
            .assert_clean();
    }

    #[test]
    fn a_watch_that_is_told_of_after_the_change_counts_too() {
        History::new()
            .tell("a", connected(1))
            .at(1.0)
            .tell("zk", deleted("/x", 11))
            .at(1.5)
            .tell("a", watched(1, "/x", WatchKind::Data, 10))
            .at(20.0)
            .judge(monitor())
            .assert_violated_once("NodeDeleted on /x");
    }

    #[test]
    fn nothing_is_owed_to_who_cannot_hear() {
        let changed = || watching("/x", WatchKind::Data).tell("zk", changed("/x", 11));
        changed().machine("a", MachineEvent::Paused).at(60.0).judge(monitor()).assert_clean();
        changed().machine("a", MachineEvent::Killed).at(60.0).judge(monitor()).assert_clean();
        changed().fault(0).at(60.0).judge(monitor()).assert_clean();
        changed().tell("a", disconnected(1)).at(60.0).judge(monitor()).assert_clean();
        changed().tell("zk", closed(1, 12)).at(60.0).judge(monitor()).assert_clean();
        changed().machine("zk", MachineEvent::Killed).at(60.0).judge(monitor()).assert_clean();
    }

    #[test]
    fn after_a_reconnect_data_watches_are_owed_again_and_persistent_ones_are_not() {
        let away = |kind| {
            watching("/x", kind)
                .tell("a", disconnected(1))
                .tell("zk", changed("/x", 11))
                .at(5.0)
                .tell("a", connected(1))
                .at(14.9)
        };
        away(WatchKind::Data).judge(monitor()).assert_clean();
        away(WatchKind::Data).at(16.0).judge(monitor()).assert_violated_once("connected since 5.000000s");
        away(WatchKind::Persistent).at(60.0).judge(monitor()).assert_clean();
        let forgot = watching("/x", WatchKind::Data).tell("a", notified(1, "/x", "None")).tell("zk", changed("/x", 11));
        forgot.at(60.0).judge(monitor()).assert_clean();
    }

    #[test]
    fn a_persistent_watch_is_told_every_change() {
        let twice = watching("/x", WatchKind::Recursive)
            .tell("zk", created("/x/y", 11, 0))
            .tell("zk", changed("/x/y", 12))
            .tell("a", notified(1, "/x/y", "NodeCreated"));
        twice.clone().at(60.0).judge(monitor()).assert_violated_once("NodeDataChanged on /x/y");
        twice.tell("a", notified(1, "/x/y", "NodeDataChanged")).at(60.0).judge(monitor()).assert_clean();
    }
}
