//! Names, Stat, sequence numbers, and which error wins.

use super::*;
use CreateMode::*;

#[test]
fn a_fresh_tree_is_zookeepers() {
    let mut harness = Harness::new();
    let client = harness.connect();
    assert_eq!(names_of(harness.call(client, get_children("/", false))), ["zookeeper"]);
    assert_eq!(names_of(harness.call(client, get_children("/zookeeper", false))), ["config", "quota"]);
    let root = stat_of(harness.call(client, exists("", false)));
    assert_eq!((root.cversion, root.num_children, root.czxid), (-1, 1, Zxid::ZERO));
    let config = create_with("/zookeeper/config/a", Persistent, vec![Acl::open()]);
    assert_eq!(harness.call(client, config), Err(ErrorCode::NoAuth));
}

#[test]
fn stat_tells_creates_and_deletes_of_children() {
    let mut harness = Harness::new();
    let client = harness.connect();
    let created = stat_of(harness.call(client, create("/a", Persistent)));
    assert_eq!((created.version, created.cversion, created.data_length), (0, 0, 4));
    assert_eq!((created.czxid, created.mzxid, created.pzxid), (Zxid(2), Zxid(2), Zxid(2)));
    assert_eq!((created.ctime, created.mtime), (1_600_000_000_000, 1_600_000_000_000));
    harness.call(client, create("/a/b", Persistent)).unwrap();
    harness.call(client, create("/a/c", Persistent)).unwrap();
    harness.call(client, delete("/a/b")).unwrap();
    let stat = stat_of(harness.call(client, exists("/a", false)));
    assert_eq!((stat.cversion, stat.num_children, stat.pzxid, stat.mzxid), (3, 1, Zxid(5), Zxid(2)));
}

#[test]
fn the_number_counts_every_create_of_a_child_and_no_delete() {
    let mut harness = Harness::new();
    let client = harness.connect();
    harness.call(client, create("/a", Persistent)).unwrap();
    assert_eq!(path_of(harness.call(client, create("/a/n-", PersistentSequential))), "/a/n-0000000000");
    harness.call(client, create("/a/plain", Persistent)).unwrap();
    harness.call(client, delete("/a/plain")).unwrap();
    assert_eq!(path_of(harness.call(client, create("/a/", EphemeralSequential))), "/a/0000000002");
    assert_eq!(path_of(harness.call(client, create("/a/..", PersistentSequential))), "/a/..0000000003");
}

#[test]
fn the_number_starts_again_with_a_new_parent() {
    let mut harness = Harness::new();
    let client = harness.connect();
    for _ in 0..2 {
        harness.call(client, create("/a", Persistent)).unwrap();
        let path = path_of(harness.call(client, create("/a/n-", PersistentSequential)));
        assert_eq!(path, "/a/n-0000000000");
        harness.call(client, delete(&path)).unwrap();
        harness.call(client, delete("/a")).unwrap();
    }
}

#[test]
fn create_finds_the_first_of_several_faults() {
    let mut harness = Harness::new();
    let client = harness.connect();
    let bad_acl = || vec![Acl::new(Permissions::ALL, "nobody", "knows")];
    let read_only = || vec![Acl::read_only()];
    harness.call(client, create_with("/closed", Persistent, read_only())).unwrap();
    harness.call(client, create("/mortal", Ephemeral)).unwrap();
    harness.call(client, create_with("/shut", Ephemeral, read_only())).unwrap();
    let mut refused = |request| harness.call(client, request).expect_err("it has faults");
    assert_eq!(refused(create_with("no-slash", Persistent, bad_acl())), ErrorCode::BadArguments);
    assert_eq!(refused(create_with("/missing/a", Persistent, bad_acl())), ErrorCode::InvalidAcl);
    assert_eq!(refused(create_with("/missing/a", Persistent, vec![])), ErrorCode::InvalidAcl);
    assert_eq!(refused(create("/missing/..", Persistent)), ErrorCode::NoNode);
    assert_eq!(refused(create("/closed/..", Persistent)), ErrorCode::NoAuth);
    assert_eq!(refused(create("/shut/a", Persistent)), ErrorCode::NoAuth);
    assert_eq!(refused(create("/..", Persistent)), ErrorCode::BadArguments);
    assert_eq!(refused(create("/closed/", Persistent)), ErrorCode::NoAuth);
    assert_eq!(refused(create("/mortal/a", Persistent)), ErrorCode::NoChildrenForEphemerals);
    assert_eq!(refused(create("/mortal", Persistent)), ErrorCode::NodeExists);
    assert_eq!(refused(create("/", Persistent)), ErrorCode::NodeExists);
    assert_eq!(refused(create("", Persistent)), ErrorCode::BadArguments);
    let flags = CreateRequest { path: "/a".into(), data: None, acls: vec![], flags: 7 };
    assert_eq!(refused(Request::Create(flags)), ErrorCode::BadArguments);
}

#[test]
fn delete_finds_the_first_of_several_faults() {
    let mut harness = Harness::new();
    let client = harness.connect();
    harness.call(client, create("/a", Persistent)).unwrap();
    harness.call(client, create("/a/b", Persistent)).unwrap();
    harness.call(client, create_with("/closed", Persistent, vec![Acl::read_only()])).unwrap();
    let mut refused = |path: &str, version| {
        let request = Request::Delete(DeleteRequest { path: path.into(), version });
        harness.call(client, request).expect_err("it has faults")
    };
    for special in ["/", "", "/zookeeper", "/zookeeper/quota", "/zookeeper/config"] {
        assert_eq!(refused(special, -1), ErrorCode::BadArguments, "{special}");
    }
    assert_eq!(refused("/missing/a", 1), ErrorCode::NoNode);
    assert_eq!(refused("/closed/missing", 1), ErrorCode::NoAuth);
    assert_eq!(refused("/missing", 1), ErrorCode::NoNode);
    assert_eq!(refused("/a", 1), ErrorCode::BadVersion);
    assert_eq!(refused("/a", 0), ErrorCode::NotEmpty);
}

#[test]
fn set_data_finds_the_first_of_several_faults_and_counts_versions() {
    let mut harness = Harness::new();
    let client = harness.connect();
    harness.call(client, create("/a", Persistent)).unwrap();
    harness.call(client, create_with("/closed", Persistent, vec![Acl::read_only()])).unwrap();
    assert_eq!(harness.call(client, set_data("/missing", 5)), Err(ErrorCode::NoNode));
    assert_eq!(harness.call(client, set_data("/closed", 5)), Err(ErrorCode::NoAuth));
    assert_eq!(harness.call(client, set_data("/a", 5)), Err(ErrorCode::BadVersion));
    assert_eq!(harness.call(client, set_data("", -1)), Err(ErrorCode::BadArguments));
    assert_eq!(stat_of(harness.call(client, set_data("/a", 0))).version, 1);
    let stat = stat_of(harness.call(client, set_data("/a", -1)));
    assert_eq!((stat.version, stat.data_length, stat.mzxid), (2, 3, harness.replica.database().last_zxid));
}

#[test]
fn null_data_is_not_empty_data() {
    let mut harness = Harness::new();
    let client = harness.connect();
    for (path, data) in [("/null", None), ("/empty", Some(Bytes::new()))] {
        let request = CreateRequest { path: path.into(), data: data.clone(), acls: vec![Acl::open()], flags: 0 };
        assert_eq!(path_of(harness.call(client, Request::Create(request))), path);
        match harness.call(client, get_data(path, false)) {
            Ok(Response::GetData(response)) => assert_eq!(response.data, data),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_failed_write_takes_a_zxid() {
    let mut harness = Harness::new();
    let client = harness.connect();
    let before = harness.replica.database().last_zxid;
    assert_eq!(harness.call(client, delete("/missing")), Err(ErrorCode::NoNode));
    assert_eq!(harness.replica.database().last_zxid, before.next().unwrap());
    assert_eq!(harness.call(client, get_data("/missing", false)), Err(ErrorCode::NoNode));
    assert_eq!(harness.replica.database().last_zxid, before.next().unwrap());
}

#[test]
fn descendants_and_ephemerals_are_counted() {
    let mut harness = Harness::new();
    let client = harness.connect();
    let count = |harness: &mut Harness, path: &str| {
        let request = Request::GetAllChildrenNumber(GetAllChildrenNumberRequest { path: path.into() });
        match harness.call(client, request) {
            Ok(Response::GetAllChildrenNumber(response)) => response.total_number,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(count(&mut harness, "/"), 3);
    harness.call(client, create("/a", Persistent)).unwrap();
    harness.call(client, create("/a/b", Ephemeral)).unwrap();
    harness.call(client, create("/ab", Ephemeral)).unwrap();
    assert_eq!((count(&mut harness, "/"), count(&mut harness, "/a")), (6, 1));
    let ephemerals = |prefix: &str| Request::GetEphemerals(GetEphemeralsRequest { prefix_path: prefix.into() });
    assert_eq!(names_of(harness.call(client, ephemerals("/"))), ["/a/b", "/ab"]);
    assert_eq!(names_of(harness.call(client, ephemerals("/a/"))), ["/a/b"]);
}

#[test]
fn quotas_keep_account_and_stop_writes_where_enforced() {
    let config = crate::Config { enforce_quota: true, ..crate::Config::default() };
    let mut harness = Harness::with(config);
    let client = harness.connect();
    let put = |harness: &mut Harness, path: &str, data: &'static [u8]| {
        let data = Some(Bytes::from_static(data));
        let request = CreateRequest { path: path.into(), data, acls: vec![Acl::open()], flags: 0 };
        harness.call(client, Request::Create(request)).map(|_| ())
    };
    put(&mut harness, "/a", b"1234").unwrap();
    put(&mut harness, "/zookeeper/quota/a", b"").unwrap();
    put(&mut harness, "/zookeeper/quota/a/zookeeper_limits", b"count=-1,bytes=-1;countHardLimit=2").unwrap();
    put(&mut harness, "/zookeeper/quota/a/zookeeper_stats", b"count=0,bytes=0").unwrap();
    put(&mut harness, "/a/b", b"12").unwrap();
    assert_eq!(put(&mut harness, "/a/c", b""), Err(ErrorCode::QuotaExceeded));
    put(&mut harness, "/elsewhere", b"").unwrap();
    match harness.call(client, get_data("/zookeeper/quota/a/zookeeper_stats", false)) {
        Ok(Response::GetData(response)) => assert_eq!(response.data.as_deref(), Some(&b"count=2,bytes=6"[..])),
        other => panic!("{other:?}"),
    }
    put(&mut harness, "/zookeeper/quota/elsewhere", b"").unwrap();
    put(&mut harness, "/zookeeper/quota/elsewhere/zookeeper_limits", b"no limits").unwrap();
    assert_eq!(put(&mut harness, "/elsewhere/a", b""), Err(ErrorCode::MarshallingError));
}
