//! Watches: left, fired, restored.

use history::WatchKind;
use proto::{AddWatchRequest, ExistsRequest, Secret, SetWatchesRequest, WatchMode};

use super::*;
use crate::session::WatchedEvent;

fn watch(id: u64, watcher: u64, request: Request) -> Input {
    Input::Call(Call { id: CallId(id), request, watcher: Some(WatcherId(watcher)), deadline: None })
}

fn exists(path: &str) -> Request {
    Request::Exists(ExistsRequest { path: path.to_owned(), watch: true })
}

fn notified(effects: &[Effect]) -> Vec<(Vec<WatcherId>, WatchedEvent)> {
    let notified = effects.iter().filter_map(|effect| match effect {
        Effect::Notify { watchers, event } => Some((watchers.clone(), event.clone())),
        _ => None,
    });
    notified.collect()
}

/// A session that watches `/a` (there) as 1 and `/b` (missing) as 2, as of zxid 9.
fn watching() -> Bench {
    let mut bench = Bench::connected();
    bench.step(0, watch(1, 1, get_data("/a", true)));
    bench.step(0, watch(2, 2, exists("/b")));
    bench.step(1, reply(1, 8, got_data(3)));
    bench.step(1, refusal(2, 9, ErrorCode::NoNode));
    bench
}

fn restored(effects: &[Effect]) -> Vec<Request> {
    let request = |frame: Bytes| {
        let mut reader = Reader::new(&frame);
        let header = RequestHeader::decode(&mut reader).expect("a header");
        Request::decode(&header, &mut reader).expect("a request")
    };
    let is_restoring = |request: &Request| matches!(request, Request::SetWatches(_) | Request::SetWatches2(_));
    sent_frames(effects).into_iter().map(request).filter(is_restoring).collect()
}

#[test]
fn a_watch_is_told_with_the_zxid_of_the_reply_that_left_it() {
    let mut bench = Bench::connected();
    bench.step(0, watch(1, 1, get_data("/a", true)));
    let (session, path) = (SESSION.0, "/a".to_owned());
    let effects = bench.step(1, reply(1, 8, got_data(3)));
    let left = ClientEvent::Watched { session, path, kind: WatchKind::Data, zxid: 8 };
    assert_eq!(told(&effects).last(), Some(&left));
    bench.step(2, watch(2, 2, get_data("/b", true)));
    let effects = bench.step(3, refusal(2, 9, ErrorCode::NoNode));
    let is_left = |event: &ClientEvent| matches!(event, ClientEvent::Watched { .. });
    assert!(!told(&effects).iter().any(is_left), "getData leaves no watch on a missing znode");
}

#[test]
fn a_notification_is_told_before_the_reply_behind_it() {
    let mut bench = watching();
    bench.step(2, ask(3, get_data("/a", false)));
    let mut bytes = notification(12, EventType::NodeDataChanged, "/a").to_vec();
    let Input::Received(behind) = reply(3, 12, got_data(12)) else { unreachable!("a reply is bytes") };
    bytes.extend_from_slice(&behind);
    let effects = bench.step(3, Input::Received(bytes.into()));
    let event = WatchedEvent { event_type: EventType::NodeDataChanged, path: "/a".to_owned(), zxid: Zxid(12) };
    assert_eq!(notified(&effects), [(vec![WatcherId(1)], event)]);
    let session = SESSION.0;
    let path = || "/a".to_owned();
    let expected = [
        ClientEvent::Notified { session, path: path(), what: "NodeDataChanged".to_owned() },
        ClientEvent::Replied { session, zxid: 12 },
        ClientEvent::SawData { session, path: path(), zxid: 12 },
    ];
    assert_eq!(told(&effects), expected);
}

#[test]
fn a_new_connection_carries_authentication_then_watches_then_calls() {
    let mut bench = watching();
    let credential = Secret(Bytes::from_static(b"user:password"));
    bench.step(2, Input::Authenticate { call: None, scheme: "digest".to_owned(), credential });
    bench.step(3, reply(proto::xid::AUTH, 0, Response::Empty));
    bench.step(4, Input::Ended);
    bench.step(5, ask(3, set_data("/a")));
    let (_, effects) = bench.reconnected();
    let expected =
        [(proto::xid::AUTH, OpCode::Auth), (proto::xid::SET_WATCHES, OpCode::SetWatches), (3, OpCode::SetData)];
    assert_eq!(sent(&effects), expected);
    let watches = SetWatchesRequest {
        relative_zxid: Zxid(9),
        data_watches: vec!["/a".to_owned()],
        exist_watches: vec!["/b".to_owned()],
        child_watches: Vec::new(),
    };
    assert_eq!(restored(&effects), [Request::SetWatches(watches)]);
}

#[test]
fn what_happened_while_away_fires_after_the_reconnection() {
    let mut bench = watching();
    bench.step(4, Input::Ended);
    let (when, _) = bench.reconnected();
    let effects = bench.session.step(when, Input::Received(notification(20, EventType::NodeCreated, "/b")));
    assert_eq!(notified(&effects)[0].0, [WatcherId(2)]);
    let fired = Effect::Sometimes("client: watch fired after reconnect");
    assert!(effects.contains(&fired));
    bench.session.step(when, reply(proto::xid::SET_WATCHES, 21, Response::Empty));
    assert_eq!(bench.session.last_zxid(), Zxid(21));
    let effects = bench.session.step(when, Input::Received(notification(22, EventType::NodeDeleted, "/a")));
    assert_eq!(notified(&effects)[0].0, [WatcherId(1)]);
    assert!(!effects.contains(&fired), "this one is news");
}

#[test]
fn persistent_watches_are_restored_and_told_that_they_may_have_missed_something() {
    let mut bench = Bench::connected();
    let request = AddWatchRequest { path: "/a".to_owned(), mode: WatchMode::PersistentRecursive.to_i32() };
    bench.step(0, watch(1, 1, Request::AddWatch(request)));
    bench.step(1, reply(1, 5, Response::AddWatch(proto::AddWatchResponse)));
    bench.step(2, Input::Ended);
    let (when, effects) = bench.reconnected();
    assert_eq!(sent(&effects), [(proto::xid::SET_WATCHES, OpCode::SetWatches2)]);
    assert!(effects.contains(&Effect::Missed(vec![WatcherId(1)])));
    bench.session.step(when, reply(proto::xid::SET_WATCHES, 6, Response::Empty));
    let effects = bench.session.step(when, Input::Forget(WatcherId(1)));
    assert_eq!(sent(&effects), [(2, OpCode::RemoveWatches)]);
}

#[test]
fn a_watcher_that_left_before_its_watch_was_answered_hears_nothing() {
    let mut bench = Bench::connected();
    bench.step(0, watch(1, 1, get_data("/a", true)));
    bench.step(1, Input::Forget(WatcherId(1)));
    bench.step(2, reply(1, 8, got_data(3)));
    let effects = bench.step(3, Input::Received(notification(9, EventType::NodeDeleted, "/a")));
    assert_eq!(notified(&effects), []);
    assert_eq!(told(&effects).len(), 1, "the monitors hear of it all the same");
}
