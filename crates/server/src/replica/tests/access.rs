//! Access control lists, as clients meet them.

use super::*;

fn auth(scheme: &str, credential: &'static [u8]) -> Request {
    let credential = Secret(Bytes::from_static(credential));
    Request::Auth(AuthRequest { auth_type: 0, scheme: scheme.into(), credential })
}

fn log_in(harness: &mut Harness, client: Client) {
    harness.send_as(client, xid::AUTH, &auth("digest", b"alice:secret"));
    let got = harness.got(client);
    let expected = harness::Got::Reply { xid: xid::AUTH, zxid: Zxid::ZERO, answer: Ok(Response::Empty) };
    assert_eq!(got, [expected]);
}

#[test]
fn only_the_creator_gets_at_what_is_the_creators() {
    let mut harness = Harness::new();
    let (alice, bob) = (harness.connect(), harness.connect());
    log_in(&mut harness, alice);
    let mine = create_with("/a", CreateMode::Persistent, vec![Acl::creator()]);
    harness.call(alice, mine).unwrap();
    assert_eq!(harness.call(bob, get_data("/a", false)), Err(ErrorCode::NoAuth));
    assert_eq!(harness.call(bob, get_children("/a", true)), Err(ErrorCode::NoAuth));
    assert_eq!(harness.call(bob, set_data("/a", -1)), Err(ErrorCode::NoAuth));
    // Whether it is there is no secret, and deleting it is its parent's business.
    assert!(harness.call(bob, exists("/a", false)).is_ok());
    assert!(harness.call(alice, get_data("/a", false)).is_ok());
    assert!(harness.call(bob, delete("/a")).is_ok());
}

#[test]
fn digests_are_shown_to_administrators_only() {
    let mut harness = Harness::new();
    let (alice, bob) = (harness.connect(), harness.connect());
    log_in(&mut harness, alice);
    let digest = crate::access::digest::identity(b"alice:secret");
    let acls = vec![Acl::new(Permissions::ALL, "digest", digest.clone()), Acl::read_only()];
    harness.call(alice, create_with("/a", CreateMode::Persistent, acls)).unwrap();
    let mut shown = |client| match harness.call(client, Request::GetAcl(GetAclRequest { path: "/a".into() })) {
        Ok(Response::GetAcl(response)) => response.acls[0].id.id.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(shown(alice), digest);
    assert_eq!(shown(bob), "alice:x");
}

#[test]
fn set_acl_compares_aversion_and_fires_nothing() {
    let mut harness = Harness::new();
    let client = harness.connect();
    harness.call(client, create("/a", CreateMode::Persistent)).unwrap();
    harness.call(client, set_data("/a", -1)).unwrap();
    harness.call(client, get_data("/a", true)).unwrap();
    let set = |version| Request::SetAcl(SetAclRequest { path: "/a".into(), acls: vec![Acl::open()], version });
    assert_eq!(harness.call(client, set(1)), Err(ErrorCode::BadVersion));
    let stat = stat_of(harness.call(client, set(0)));
    assert_eq!((stat.aversion, stat.version), (1, 1));
    assert_eq!(harness.events(client), []);
}

#[test]
fn a_new_list_judges_what_is_prepared_behind_it() {
    let mut harness = Harness::durable();
    let (alice, bob) = (harness.connect(), harness.connect());
    harness.call(alice, create("/a", CreateMode::Persistent)).unwrap();
    let acls = vec![Acl::read_only()];
    harness.send(alice, &Request::SetAcl(SetAclRequest { path: "/a".into(), acls, version: -1 }));
    assert_eq!(harness.call(bob, set_data("/a", -1)), Err(ErrorCode::NoAuth));
}

#[test]
fn watch_events_are_kept_from_those_who_may_not_read() {
    let mut harness = Harness::new();
    let (alice, bob) = (harness.connect(), harness.connect());
    log_in(&mut harness, alice);
    for client in [alice, bob] {
        assert_eq!(harness.call(client, exists("/a", true)), Err(ErrorCode::NoNode));
    }
    harness.call(alice, create_with("/a", CreateMode::Persistent, vec![Acl::creator()])).unwrap();
    assert_eq!(harness.events(alice), [(EventType::NodeCreated, "/a".into())]);
    assert_eq!(harness.events(bob), []);
}

#[test]
fn who_am_i_shows_no_proof() {
    let mut harness = Harness::new();
    let client = harness.connect();
    log_in(&mut harness, client);
    let id = |scheme: &str, id: &str| ClientInfo(Id { scheme: scheme.into(), id: id.into() });
    let expected = WhoAmIResponse { client_info: vec![id("ip", "10.0.0.1"), id("digest", "alice")] };
    assert_eq!(harness.call(client, Request::WhoAmI), Ok(Response::WhoAmI(expected)));
}

/// Who has come back names what it watched, and hears of it whoever may read it; so does Apache ZooKeeper 3.8, where
/// `exists` tells as much.
#[test]
fn watches_restored_fire_for_those_who_may_not_read() {
    let mut harness = Harness::new();
    let (alice, bob) = (harness.connect(), harness.connect());
    log_in(&mut harness, alice);
    harness.call(alice, create_with("/a", CreateMode::Persistent, vec![Acl::creator()])).unwrap();
    let request = SetWatchesRequest {
        relative_zxid: Zxid::ZERO,
        data_watches: vec!["/a".into()],
        exist_watches: vec![],
        child_watches: vec!["/gone".into()],
    };
    harness.send_as(bob, xid::SET_WATCHES, &Request::SetWatches(request));
    let got = harness.got(bob);
    let event = |event, path: &str| harness::Got::Event(event, path.to_owned());
    assert_eq!(got[..2], [event(EventType::NodeDataChanged, "/a"), event(EventType::NodeDeleted, "/gone")]);
}

/// Without a list asked, whoever may watch a znode recursively would hear of everything below (ZOOKEEPER-4799).
#[test]
fn recursive_watches_hear_nothing_of_what_their_watcher_may_not_read() {
    let mut harness = Harness::new();
    let (alice, bob) = (harness.connect(), harness.connect());
    log_in(&mut harness, alice);
    harness.call(alice, create("/a", CreateMode::Persistent)).unwrap();
    for mode in [WatchMode::Persistent, WatchMode::PersistentRecursive] {
        let request = AddWatchRequest { path: "/a".into(), mode: mode.to_i32() };
        harness.call(bob, Request::AddWatch(request)).unwrap();
    }
    harness.call(alice, create_with("/a/secret", CreateMode::Persistent, vec![Acl::creator()])).unwrap();
    harness.call(alice, delete("/a/secret")).unwrap();
    // That `/a` has other children is told to whoever may read `/a`.
    let changed = (EventType::NodeChildrenChanged, "/a".to_owned());
    assert_eq!(harness.events(bob), [changed.clone(), changed]);
}

#[test]
fn nobody_speaks_sasl_and_nobody_minds() {
    let mut harness = Harness::new();
    let client = harness.connect();
    let token = Secret(Bytes::from_static(b"token"));
    let answer = harness.call(client, Request::Sasl(SaslRequest { token }));
    assert_eq!(answer, Ok(Response::Sasl(SaslResponse { token: Secret::default() })));
    assert!(harness.call(client, exists("/", false)).is_ok(), "the connection goes on");
}

#[test]
fn a_credential_that_cannot_be_read_ends_the_connection() {
    for op_code in [OpCode::Auth, OpCode::Sasl] {
        let mut harness = Harness::new();
        let client = harness.connect();
        harness.frame(client.id, &RequestHeader { xid: 1, op_code });
        assert!(harness.is_closed(client.id), "{op_code}");
    }
}

#[test]
fn a_client_cannot_reap() {
    let mut harness = Harness::new();
    let client = harness.connect();
    harness.call(client, create("/a", CreateMode::Container)).unwrap();
    harness.expect(99, OpCode::Exists);
    harness.frame(client.id, &RequestHeader { xid: 99, op_code: OpCode::DeleteContainer });
    let [harness::Got::Reply { answer, .. }] = &harness.got(client)[..] else { panic!("one answer") };
    assert_eq!(*answer, Err(ErrorCode::BadArguments));
    assert!(harness.call(client, exists("/a", false)).is_ok());
}

#[test]
fn an_unknown_scheme_costs_the_connection() {
    let mut harness = Harness::new();
    let client = harness.connect();
    harness.send_as(client, xid::AUTH, &auth("kerberos", b""));
    let answer = Err(ErrorCode::AuthFailed);
    assert_eq!(harness.got(client), [harness::Got::Reply { xid: xid::AUTH, zxid: Zxid::ZERO, answer }]);
    assert!(harness.is_closed(client.id));
}
