//! Znodes that go by themselves.

use std::time::Duration;

use super::*;

const MINUTE: Duration = Duration::from_secs(60);

/// A client that pings while time passes.
fn pass(harness: &mut Harness, client: Client, duration: Duration) {
    for _ in 0..duration.as_secs() / 5 {
        harness.pass(Duration::from_secs(5));
        harness.send_as(client, xid::PING, &Request::Ping);
    }
    harness.got(client);
}

fn create_ttl(path: &str, mode: CreateMode, ttl_milliseconds: i64) -> Request {
    let acls = vec![Acl::open()];
    Request::CreateTtl(CreateTtlRequest { path: path.into(), data: None, acls, flags: mode.to_i32(), ttl_milliseconds })
}

#[test]
fn a_container_goes_once_its_last_child_has_gone() {
    let mut harness = Harness::new();
    let client = harness.connect();
    for path in ["/unused", "/used"] {
        let stat = stat_of(harness.call(client, create(path, CreateMode::Container)));
        assert_eq!(stat.ephemeral_owner, SessionId::NONE, "clients do not see it");
    }
    harness.call(client, create("/used/a", CreateMode::Persistent)).unwrap();
    pass(&mut harness, client, 2 * MINUTE);
    harness.call(client, exists("/used", true)).unwrap();
    harness.call(client, delete("/used/a")).unwrap();
    pass(&mut harness, client, MINUTE);
    assert_eq!(harness.call(client, exists("/used", false)), Err(ErrorCode::NoNode));
    assert!(harness.call(client, exists("/unused", false)).is_ok());
}

#[test]
fn ttl_znodes_need_a_setting() {
    let mut harness = Harness::new();
    let client = harness.connect();
    let request = create_ttl("/a", CreateMode::PersistentWithTtl, 1000);
    assert_eq!(harness.call(client, request), Err(ErrorCode::Unimplemented));
    assert!(!harness.is_closed(client.id));
}

#[test]
fn a_ttl_znode_goes_when_it_was_left_alone_for_long_enough() {
    let mut harness = Harness::with(crate::Config { extended_types: true, ..crate::Config::default() });
    let client = harness.connect();
    let stat = stat_of(harness.call(client, create_ttl("/a", CreateMode::PersistentWithTtl, 90_000)));
    assert_eq!(stat.ephemeral_owner, SessionId::NONE);
    let sequential = create_ttl("/n-", CreateMode::PersistentSequentialWithTtl, 1);
    assert_eq!(path_of(harness.call(client, sequential)), "/n-0000000001");
    pass(&mut harness, client, MINUTE);
    assert!(harness.call(client, exists("/n-0000000001", false)).is_err());
    harness.call(client, set_data("/a", -1)).unwrap();
    pass(&mut harness, client, MINUTE);
    assert!(harness.call(client, exists("/a", false)).is_ok(), "a write counts its time anew");
    pass(&mut harness, client, MINUTE);
    assert!(harness.call(client, exists("/a", false)).is_err());
}

#[test]
fn a_time_to_live_has_bounds_and_belongs_to_its_modes() {
    let mut harness = Harness::with(crate::Config { extended_types: true, ..crate::Config::default() });
    let client = harness.connect();
    let mut refused = |request| harness.call(client, request) == Err(ErrorCode::BadArguments);
    assert!(refused(create_ttl("/a", CreateMode::PersistentWithTtl, 0)));
    assert!(refused(create_ttl("/a", CreateMode::PersistentWithTtl, CreateMode::TTL_MILLISECONDS_MAX + 1)));
    assert!(refused(create_ttl("/a", CreateMode::Persistent, 1000)));
    assert!(refused(create("/a", CreateMode::PersistentWithTtl)));
}

#[test]
fn a_container_that_nobody_uses_goes_if_it_is_set_so() {
    let unused = Some(Duration::from_secs(90));
    let mut harness = Harness::with(crate::Config { container_unused_interval: unused, ..crate::Config::default() });
    let client = harness.connect();
    harness.call(client, create("/unused", CreateMode::Container)).unwrap();
    harness.call(client, create("/used", CreateMode::Container)).unwrap();
    harness.call(client, create("/used/a", CreateMode::Persistent)).unwrap();
    harness.call(client, create("/plain", CreateMode::Persistent)).unwrap();
    pass(&mut harness, client, MINUTE);
    assert!(harness.call(client, exists("/unused", false)).is_ok(), "its time is not up");
    pass(&mut harness, client, MINUTE);
    assert!(harness.call(client, exists("/unused", false)).is_err());
    for path in ["/used", "/plain"] {
        assert!(harness.call(client, exists(path, false)).is_ok(), "{path}");
    }
}

#[test]
fn no_more_go_in_a_minute_than_may() {
    let config = crate::Config {
        extended_types: true,
        container_check_interval: 3 * MINUTE,
        containers_per_minute: 2,
        ..crate::Config::default()
    };
    let mut harness = Harness::with(config);
    let client = harness.connect();
    for name in ["/a", "/b", "/c", "/d", "/e"] {
        harness.call(client, create_ttl(name, CreateMode::PersistentWithTtl, 1)).unwrap();
    }
    let left = |harness: &mut Harness, time| {
        pass(harness, client, time);
        names_of(harness.call(client, get_children("/", false))).len() - 1
    };
    assert_eq!(left(&mut harness, 3 * MINUTE), 3);
    assert_eq!(left(&mut harness, MINUTE), 1);
    assert_eq!(left(&mut harness, MINUTE), 0);
}
