//! Several operations in one: all or none.

use super::*;

fn multi(requests: Vec<Request>) -> Request {
    let part = |request| match request {
        Request::Create2(create) => MultiOperation::Create2(create),
        Request::Create(create) => MultiOperation::Create(create),
        Request::CreateContainer(create) => MultiOperation::CreateContainer(create),
        Request::Delete(delete) => MultiOperation::Delete(delete),
        Request::SetData(set) => MultiOperation::SetData(set),
        Request::Check(check) => MultiOperation::Check(check),
        other => panic!("{other:?} has no place in a multi"),
    };
    Request::Multi(MultiRequest { operations: requests.into_iter().map(part).collect() })
}

fn results(answer: Result<Response, ErrorCode>) -> Vec<MultiResult> {
    match answer {
        Ok(Response::Multi(response)) => response.results,
        other => panic!("{other:?}"),
    }
}

fn check(path: &str, version: i32) -> Request {
    Request::Check(CheckRequest { path: path.into(), version })
}

#[test]
fn all_happen_in_one_transaction_and_answer_in_their_own_form() {
    let mut harness = Harness::new();
    let client = harness.connect();
    let before = harness.replica.database().last_zxid;
    let plain = CreateRequest { path: "/a/b".into(), data: None, acls: vec![Acl::open()], flags: 0 };
    let operations = vec![
        create("/a", CreateMode::Persistent),
        Request::Create(plain),
        set_data("/a", 0),
        check("/a", 1),
        delete("/a/b"),
    ];
    let results = results(harness.call(client, multi(operations)));
    let zxid = before.next().unwrap();
    assert_eq!(harness.replica.database().last_zxid, zxid);
    assert!(matches!(&results[0], MultiResult::Create(created) if created.path == "/a"), "as of the old operation");
    assert!(matches!(&results[1], MultiResult::Create(created) if created.path == "/a/b"));
    assert!(matches!(&results[2], MultiResult::SetData(set) if set.stat.version == 1));
    assert_eq!(results[3..], [MultiResult::Check, MultiResult::Delete]);
}

#[test]
fn one_failure_undoes_all_and_names_itself() {
    let mut harness = Harness::new();
    let client = harness.connect();
    let operations =
        vec![create("/a", CreateMode::Persistent), check("/missing", 0), create("/b", CreateMode::Persistent)];
    let expected = [None, Some(ErrorCode::NoNode), Some(ErrorCode::RuntimeInconsistency)].map(MultiResult::Error);
    assert_eq!(results(harness.call(client, multi(operations))), expected);
    assert_eq!(harness.call(client, exists("/a", false)), Err(ErrorCode::NoNode));
}

#[test]
fn a_failed_multi_gives_back_the_numbers_it_drew() {
    let mut harness = Harness::durable();
    let client = harness.connect();
    harness.call(client, create("/a", CreateMode::Persistent)).unwrap();
    let sequential = || create("/a/n-", CreateMode::PersistentSequential);
    // Nothing of this is applied while it is prepared: the numbers come from the pending state alone.
    harness.send(client, &sequential());
    harness.send(client, &multi(vec![sequential(), sequential(), check("/missing", 0)]));
    harness.send(client, &multi(vec![sequential(), sequential()]));
    assert_eq!(path_of(harness.call(client, sequential())), "/a/n-0000000003");
    let names = ["n-0000000000", "n-0000000001", "n-0000000002", "n-0000000003"];
    assert_eq!(names_of(harness.call(client, get_children("/a", false))), names);
}

#[test]
fn a_failed_multi_leaves_the_pending_state_of_those_ahead_of_it() {
    let mut harness = Harness::durable();
    let client = harness.connect();
    harness.send(client, &create("/a", CreateMode::Persistent));
    harness.send(client, &multi(vec![delete("/a"), check("/missing", 0)]));
    assert!(harness.call(client, create("/a/b", CreateMode::Persistent)).is_ok());
}

#[test]
fn the_watches_of_every_part_fire() {
    let mut harness = Harness::new();
    let (client, watcher) = (harness.connect(), harness.connect());
    assert!(harness.call(watcher, exists("/a", true)).is_err());
    harness.call(watcher, get_children("/", true)).unwrap();
    harness.call(client, multi(vec![create("/a", CreateMode::Persistent), set_data("/a", -1)])).unwrap();
    let expected = [(EventType::NodeCreated, "/a".into()), (EventType::NodeChildrenChanged, "/".into())];
    assert_eq!(harness.events(watcher), expected);
}

#[test]
fn an_empty_multi_does_nothing() {
    let mut harness = Harness::new();
    let client = harness.connect();
    assert_eq!(results(harness.call(client, multi(vec![]))), []);
}

#[test]
fn reads_in_one_request_fail_each_for_itself() {
    let mut harness = Harness::new();
    let client = harness.connect();
    harness.call(client, create("/a", CreateMode::Persistent)).unwrap();
    let operations = vec![
        MultiReadOperation::GetData(GetDataRequest { path: "/missing".into(), watch: false }),
        MultiReadOperation::GetChildren(GetChildrenRequest { path: "/a".into(), watch: true }),
    ];
    let expected = vec![
        MultiReadResult::Error(Some(ErrorCode::NoNode)),
        MultiReadResult::GetChildren(GetChildrenResponse { children: vec![] }),
    ];
    let answer = harness.call(client, Request::MultiRead(MultiReadRequest { operations }));
    assert_eq!(answer, Ok(Response::MultiRead(MultiReadResponse { results: expected })));
    harness.call(client, create("/a/b", CreateMode::Persistent)).unwrap();
    assert_eq!(harness.events(client), [], "a read of several sets no watch");
}

#[test]
fn the_flags_of_a_create_inside_say_what_is_made() {
    let mut harness = Harness::new();
    let client = harness.connect();
    let with = |path: &str, flags| CreateRequest { path: path.into(), data: None, acls: vec![Acl::open()], flags };
    let mortal = CreateTtlRequest {
        path: "/a".into(),
        data: None,
        acls: vec![Acl::open()],
        flags: CreateMode::Persistent.to_i32(),
        ttl_milliseconds: 1000,
    };
    let of = |operation| Request::Multi(MultiRequest { operations: vec![operation] });
    let made = results(harness.call(client, of(MultiOperation::CreateTtl(mortal))));
    assert!(matches!(&made[..], [MultiResult::Create(_)]), "a TTL is no matter to a persistent znode: {made:?}");
    let mode = CreateMode::PersistentWithTtl.to_i32();
    let without_time = of(MultiOperation::Create(with("/b", mode)));
    assert_eq!(harness.call(client, without_time), Err(ErrorCode::MarshallingError));
    let container = of(MultiOperation::Create(with("/c", CreateMode::Container.to_i32())));
    assert_eq!(results(harness.call(client, container)).len(), 1);
    let owner = harness.replica.database().tree.get("/c").map(|node| node.owner);
    assert_eq!(owner, Some(crate::Owner::Children));
}
