//! The event table, and what a reconnection brings back.

use super::*;
use EventType::*;

fn add_watch(path: &str, mode: WatchMode) -> Request {
    Request::AddWatch(AddWatchRequest { path: path.into(), mode: mode.to_i32() })
}

#[test]
fn the_event_table_holds() {
    let mut harness = Harness::new();
    let (client, watcher) = (harness.connect(), harness.connect());
    let at = |path: &str, event| (event, path.to_owned());
    assert!(harness.call(watcher, exists("/a", true)).is_err());
    harness.call(watcher, get_children("/", true)).unwrap();
    harness.call(client, create("/a", CreateMode::Persistent)).unwrap();
    assert_eq!(harness.events(watcher), [at("/a", NodeCreated), at("/", NodeChildrenChanged)]);

    harness.call(watcher, get_data("/a", true)).unwrap();
    harness.call(watcher, get_children("/a", true)).unwrap();
    harness.call(client, set_data("/a", -1)).unwrap();
    assert_eq!(harness.events(watcher), [at("/a", NodeDataChanged)]);
    harness.call(client, set_data("/a", -1)).unwrap();
    assert_eq!(harness.events(watcher), [], "it fires once");

    harness.call(watcher, exists("/a", true)).unwrap();
    harness.call(client, delete("/a")).unwrap();
    assert_eq!(harness.events(watcher), [at("/a", NodeDeleted)], "once for data and children together");
}

#[test]
fn reads_that_fail_leave_no_watch_but_exists_does() {
    let mut harness = Harness::new();
    let client = harness.connect();
    assert!(harness.call(client, get_data("/a", true)).is_err());
    assert!(harness.call(client, get_children("/a", true)).is_err());
    harness.call(client, create("/a", CreateMode::Persistent)).unwrap();
    assert_eq!(harness.events(client), []);
}

#[test]
fn the_event_comes_before_the_reply_that_shows_it() {
    let mut harness = Harness::new();
    let client = harness.connect();
    harness.call(client, get_children("/", true)).unwrap();
    harness.send(client, &create("/a", CreateMode::Persistent));
    let got = harness.got(client);
    assert!(matches!(&got[..], [harness::Got::Event(NodeChildrenChanged, _), harness::Got::Reply { .. }]), "{got:?}");
}

#[test]
fn the_end_of_a_session_fires_for_each_of_its_znodes() {
    let mut harness = Harness::new();
    let (client, watcher) = (harness.connect(), harness.connect());
    harness.call(client, create("/a", CreateMode::Ephemeral)).unwrap();
    harness.call(client, create("/b", CreateMode::Ephemeral)).unwrap();
    harness.call(watcher, exists("/a", true)).unwrap();
    harness.call(watcher, exists("/b", true)).unwrap();
    harness.call(client, Request::CloseSession).unwrap();
    assert_eq!(harness.events(watcher), [(NodeDeleted, "/a".into()), (NodeDeleted, "/b".into())]);
}

#[cfg(feature = "zoo")]
#[test]
fn the_mutant_keeps_the_end_of_a_session_to_itself() {
    let mutant = Some(crate::Mutant::CloseFiresNoWatch);
    let mut harness = Harness::with(crate::Config { mutant, ..crate::Config::default() });
    let (client, watcher) = (harness.connect(), harness.connect());
    harness.call(client, create("/a", CreateMode::Ephemeral)).unwrap();
    harness.call(watcher, exists("/a", true)).unwrap();
    harness.call(client, Request::CloseSession).unwrap();
    assert_eq!(harness.events(watcher), []);
    assert!(harness.call(watcher, exists("/a", false)).is_err());
}

#[cfg(feature = "zoo")]
#[test]
fn one_mutant_removes_a_data_watch_with_the_persistent_one() {
    for (mutant, is_told) in [(Option::None, true), (Some(crate::Mutant::RemovesWatchesByPath), false)] {
        let mut harness = Harness::with(crate::Config { mutant, ..crate::Config::default() });
        let (client, watcher) = (harness.connect(), harness.connect());
        harness.call(watcher, exists("/a", true)).unwrap_err();
        harness.call(watcher, add_watch("/a", WatchMode::Persistent)).unwrap();
        let kind = WatcherType::Persistent.to_i32();
        let remove = Request::RemoveWatches(RemoveWatchesRequest { path: "/a".into(), watcher_type: kind });
        harness.call(watcher, remove).unwrap();
        harness.call(client, create("/a", CreateMode::Persistent)).unwrap();
        assert_eq!(!harness.events(watcher).is_empty(), is_told);
    }
}

#[test]
fn persistent_watches_stay_and_recursive_ones_reach_down() {
    let mut harness = Harness::new();
    let (client, watcher) = (harness.connect(), harness.connect());
    harness.call(watcher, add_watch("/a", WatchMode::Persistent)).unwrap();
    harness.call(client, create("/a", CreateMode::Persistent)).unwrap();
    harness.call(client, create("/a/b", CreateMode::Persistent)).unwrap();
    assert_eq!(harness.events(watcher), [(NodeCreated, "/a".into()), (NodeChildrenChanged, "/a".into())]);
    harness.call(watcher, add_watch("/a", WatchMode::PersistentRecursive)).unwrap();
    harness.call(client, create("/a/b/c", CreateMode::Persistent)).unwrap();
    assert_eq!(harness.events(watcher), [(NodeCreated, "/a/b/c".into())]);
    harness.call(client, set_data("/a", -1)).unwrap();
    assert_eq!(harness.events(watcher), [(NodeDataChanged, "/a".into())], "one event a watcher");
    let mode = Request::AddWatch(AddWatchRequest { path: "/a".into(), mode: 2 });
    assert_eq!(harness.call(watcher, mode), Err(ErrorCode::MarshallingError));
}

#[test]
fn a_watch_is_known_and_removed_by_the_connection_that_has_it() {
    let mut harness = Harness::new();
    let (client, other) = (harness.connect(), harness.connect());
    let kind = WatcherType::Data.to_i32();
    let check = || Request::CheckWatches(CheckWatchesRequest { path: "/".into(), watcher_type: kind });
    let remove = || Request::RemoveWatches(RemoveWatchesRequest { path: "/".into(), watcher_type: kind });
    harness.call(client, exists("/", true)).unwrap();
    assert_eq!(harness.call(client, check()), Ok(Response::Empty));
    assert_eq!(harness.call(other, check()), Err(ErrorCode::NoWatcher));
    assert_eq!(harness.call(client, remove()), Ok(Response::Empty));
    assert_eq!(harness.call(client, remove()), Err(ErrorCode::NoWatcher));
    harness.call(client, set_data("/", -1)).unwrap();
    assert_eq!(harness.events(client), []);
}

#[test]
fn what_changed_while_away_fires_at_once_and_the_rest_is_registered() {
    let mut harness = Harness::new();
    let client = harness.connect();
    for path in ["/changed", "/same", "/grown", "/gone"] {
        harness.call(client, create(path, CreateMode::Persistent)).unwrap();
    }
    let relative_zxid = harness.replica.database().last_zxid;
    harness.call(client, set_data("/changed", -1)).unwrap();
    harness.call(client, create("/grown/a", CreateMode::Persistent)).unwrap();
    harness.call(client, create("/new", CreateMode::Persistent)).unwrap();
    harness.call(client, delete("/gone")).unwrap();

    let away = harness.connect();
    let paths = |paths: &[&str]| paths.iter().map(|path| (*path).to_owned()).collect::<Vec<_>>();
    let request = Request::SetWatches2(SetWatches2Request {
        relative_zxid,
        data_watches: paths(&["/changed", "/same", "/gone"]),
        exist_watches: paths(&["/new", "/never"]),
        child_watches: paths(&["/grown", "/same", "/gone"]),
        persistent_watches: paths(&["/changed"]),
        persistent_recursive_watches: paths(&["/grown"]),
    });
    harness.send_as(away, xid::SET_WATCHES, &request);
    let event = |event, path: &str| harness::Got::Event(event, path.to_owned());
    let zxid = harness.replica.database().last_zxid;
    let expected = [
        event(NodeDataChanged, "/changed"),
        event(NodeDeleted, "/gone"),
        event(NodeCreated, "/new"),
        event(NodeChildrenChanged, "/grown"),
        event(NodeDeleted, "/gone"),
        harness::Got::Reply { xid: xid::SET_WATCHES, zxid, answer: Ok(Response::Empty) },
    ];
    assert_eq!(harness.got(away), expected);

    harness.call(client, create("/never", CreateMode::Persistent)).unwrap();
    harness.call(client, delete("/same")).unwrap();
    harness.call(client, set_data("/changed", -1)).unwrap();
    harness.call(client, set_data("/grown/a", -1)).unwrap();
    let expected = [
        (NodeCreated, "/never".to_owned()),
        (NodeDeleted, "/same".to_owned()),
        (NodeDataChanged, "/changed".to_owned()),
        (NodeDataChanged, "/grown/a".to_owned()),
    ];
    assert_eq!(harness.events(away), expected);
}

#[test]
fn watches_go_with_their_connection() {
    let mut harness = Harness::new();
    let (client, watcher) = (harness.connect(), harness.connect());
    harness.call(watcher, add_watch("/", WatchMode::PersistentRecursive)).unwrap();
    harness.step(crate::Input::Closed { connection: watcher.id });
    harness.call(client, create("/a", CreateMode::Persistent)).unwrap();
    assert_eq!(harness.got(watcher), []);
}
