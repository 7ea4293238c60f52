//! What a client does at a service in good health. A tour uses paths of its own, so that one service can take all.

use std::time::Duration;

use client::{
    Acl, Client, Config, CreateMode, CreateOptions, Error, ErrorCode, EventType, MultiOutcome, Outcome, Permissions,
    ReadOutcome, SessionState, WatchEnded, WatchMode, WatchNews, WatcherType,
};

/// The session timeout asked for here.
const TIMEOUT: Duration = Duration::from_secs(4);

fn connect(servers: &str) -> Client {
    let config = Config::new(servers).expect("the connect string is legal");
    Client::connect(config.with_session_timeout(TIMEOUT))
}

/// Makes an empty znode for a tour to play below.
async fn playground(client: &Client, path: &str) {
    match client.create(path, "", CreateMode::Persistent).await {
        Ok(_) => {}
        Err(error) => panic!("cannot make {path}: {error}"),
    }
}

pub async fn znodes_are_created_read_changed_and_deleted(servers: String) {
    let client = connect(&servers);
    let created = client.create("/tour-znodes", "one", CreateMode::Persistent).await.expect("it is new");
    assert_eq!(created.path, "/tour-znodes");
    assert_eq!(created.stat.czxid, created.stat.mzxid);
    assert_eq!(client.last_zxid(), created.stat.czxid);
    let error = client.create("/tour-znodes", "", CreateMode::Persistent).await.expect_err("it is there");
    assert_eq!((&error, error.outcome()), (&Error::Service(ErrorCode::NodeExists), Outcome::NotDone));

    let (data, stat) = client.get_data("/tour-znodes").await.expect("it is there");
    assert_eq!((&data[..], stat), (&b"one"[..], created.stat));
    let set = client.set_data("/tour-znodes", "two", Some(0)).await.expect("the version is right");
    assert_eq!(set.version, 1);
    let error = client.set_data("/tour-znodes", "three", Some(0)).await.expect_err("the version is old");
    assert!(error.is(ErrorCode::BadVersion));
    assert_eq!(client.exists("/tour-znodes").await, Ok(Some(set)));
    assert_eq!(client.exists("/tour-znodes/none").await, Ok(None));
    assert_eq!(client.check("/tour-znodes", Some(1)).await, Ok(()));
    assert_eq!(client.check("/tour-znodes", Some(2)).await, Err(Error::Service(ErrorCode::BadVersion)));
    assert_eq!(client.sync("/tour-znodes").await, Ok(()));

    client.create("/tour-znodes/b", "", CreateMode::Persistent).await.expect("it is new");
    client.create("/tour-znodes/a", "", CreateMode::Persistent).await.expect("it is new");
    let (mut children, stat) = client.get_children("/tour-znodes").await.expect("it is there");
    children.sort();
    assert_eq!((children, stat.num_children), (vec!["a".to_owned(), "b".to_owned()], 2));
    assert_eq!(client.all_children_number("/tour-znodes").await, Ok(2));
    assert_eq!(client.delete("/tour-znodes", None).await, Err(Error::Service(ErrorCode::NotEmpty)));
    assert_eq!(client.delete("/tour-znodes/a", Some(0)).await, Ok(()));
    assert_eq!(client.delete("/tour-znodes/a", None).await, Err(Error::Service(ErrorCode::NoNode)));
    assert!(matches!(client.get_data("no slash").await, Err(Error::BadPath(_))));
    assert!(client.is_trusted());
    client.close().await.expect("the service answers");
}

pub async fn every_create_mode_makes_what_it_says(servers: String) {
    let client = connect(&servers);
    playground(&client, "/tour-modes").await;
    let lasting = CreateOptions::from(CreateMode::PersistentSequentialWithTtl);
    // The number counts all children created before, those without a number as well.
    for (path, expected, options) in [
        ("/tour-modes/persistent", "/tour-modes/persistent", CreateMode::Persistent.into()),
        ("/tour-modes/ephemeral", "/tour-modes/ephemeral", CreateMode::Ephemeral.into()),
        ("/tour-modes/p-", "/tour-modes/p-0000000002", CreateMode::PersistentSequential.into()),
        ("/tour-modes/", "/tour-modes/0000000003", CreateMode::EphemeralSequential.into()),
        ("/tour-modes/container", "/tour-modes/container", CreateMode::Container.into()),
        ("/tour-modes/t-", "/tour-modes/t-0000000005", lasting.clone().with_time_to_live(Duration::from_secs(100))),
    ] {
        let created = match client.create(path, "x", options).await {
            Ok(created) => created,
            // Apache ZooKeeper has no TTL unless its configuration says so; it closes the connection then.
            Err(Error::Service(ErrorCode::Unimplemented)) if path.ends_with("t-") => break,
            Err(error) => panic!("{path}: {error}"),
        };
        assert_eq!(created.path, expected);
        let (_, stat) = client.get_data(expected).await.expect("it is there");
        assert_eq!(stat, created.stat);
    }
    assert!(matches!(client.create("/tour-modes/t", "", lasting).await, Err(Error::BadArgument(_))));
    let mine = client.get_ephemerals("/tour-modes").await.expect("the service knows");
    assert_eq!(mine.len(), 2);
    let (_, stat) = client.get_data(&mine[0]).await.expect("it is there");
    assert_eq!(stat.ephemeral_owner, client.session_id());
    client.close().await.expect("the service answers");
}

pub async fn access_is_refused_to_whom_the_list_does_not_name(servers: String) {
    let (owner, stranger) = (connect(&servers), connect(&servers));
    owner.add_auth("digest", "owner:secret").await.expect("digest is known");
    let options = CreateOptions::from(CreateMode::Persistent).with_acls(vec![Acl::creator()]);
    owner.create("/tour-access", "secret", options).await.expect("it is new");
    assert_eq!(stranger.get_data("/tour-access").await, Err(Error::Service(ErrorCode::NoAuth)));
    assert!(owner.get_data("/tour-access").await.is_ok());
    let acls = vec![Acl::new(Permissions::READ, "world", "anyone"), Acl::new(Permissions::ALL, "auth", "")];
    let stat = owner.set_acl("/tour-access", acls, Some(0)).await.expect("the owner may");
    assert_eq!(stat.aversion, 1);
    let (acls, _) = owner.get_acl("/tour-access").await.expect("the owner may");
    assert_eq!(acls.len(), 2);
    assert!(stranger.get_data("/tour-access").await.is_ok());
    let who = owner.who_am_i().await.expect("the service knows");
    assert!(who.iter().any(|id| id.scheme == "digest" && id.id == "owner"), "{who:?}");

    let error = stranger.add_auth("nonsense", "x").await.expect_err("there is no such scheme");
    assert!(error.is(ErrorCode::AuthFailed), "{error}");
    assert_eq!(stranger.state(), SessionState::AuthFailed);
    let error = stranger.get_data("/tour-access").await.expect_err("the client is over");
    assert!(error.is_session_over());
    owner.close().await.expect("the service answers");
}

pub async fn a_multi_does_all_or_nothing(servers: String) {
    let client = connect(&servers);
    playground(&client, "/tour-multi").await;
    let done = client
        .multi()
        .check("/tour-multi", Some(0))
        .create("/tour-multi/a-", "1", CreateMode::PersistentSequential)
        .set_data("/tour-multi", "2", Some(0))
        .create("/tour-multi/b", "", CreateMode::Ephemeral)
        .delete("/tour-multi/b", None)
        .commit()
        .await
        .expect("all goes well");
    let [
        MultiOutcome::Checked,
        MultiOutcome::Created { path, stat },
        MultiOutcome::DataSet(set),
        MultiOutcome::Created { .. },
        MultiOutcome::Deleted,
    ] = &done[..]
    else {
        panic!("{done:?}")
    };
    assert_eq!(path, "/tour-multi/a-0000000000");
    assert!(stat.is_none_or(|stat| stat.czxid == set.mzxid), "one zxid for all");

    let refused = client
        .multi()
        .set_data("/tour-multi", "3", None)
        .check("/tour-multi", Some(7))
        .delete("/tour-multi/none", None)
        .commit()
        .await;
    assert_eq!(refused, Err(Error::MultiRefused { index: 1, code: ErrorCode::BadVersion }));
    assert_eq!(&client.get_data("/tour-multi").await.expect("it is there").0[..], b"2");
    let error = client.multi().delete("bad", None).commit().await.expect_err("that is no path");
    assert_eq!(error.outcome(), Outcome::NotDone);
    client.close().await.expect("the service answers");
}

pub async fn a_multi_read_reads_each_for_itself(servers: String) {
    let client = connect(&servers);
    playground(&client, "/tour-reads").await;
    client.create("/tour-reads/a", "1", CreateMode::Persistent).await.expect("it is new");
    let reads = client.multi_read().get_data("/tour-reads/a").get_data("/tour-reads/b").get_children("/tour-reads");
    let outcomes = reads.fetch().await.expect("the request is legal");
    let [Ok(ReadOutcome::Data(data, _)), Err(ErrorCode::NoNode), Ok(ReadOutcome::Children(children))] = &outcomes[..]
    else {
        panic!("{outcomes:?}")
    };
    assert_eq!((&data[..], &children[..]), (&b"1"[..], &["a".to_owned()][..]));
    client.close().await.expect("the service answers");
}

pub async fn a_one_shot_watch_hears_once(servers: String) {
    let (client, other) = (connect(&servers), connect(&servers));
    playground(&client, "/tour-watch").await;
    let (stat, created) = client.exists_and_watch("/tour-watch/a").await.expect("a missing znode can be watched");
    assert_eq!(stat, None);
    let (_, _, children) = client.get_and_watch_children("/tour-watch").await.expect("it is there");
    other.create("/tour-watch/a", "1", CreateMode::Persistent).await.expect("it is new");
    let event = created.await.expect("the session lives");
    assert_eq!((event.event_type, event.path.as_str()), (EventType::NodeCreated, "/tour-watch/a"));
    let event = children.await.expect("the session lives");
    assert_eq!((event.event_type, event.path.as_str()), (EventType::NodeChildrenChanged, "/tour-watch"));

    let (_, _, changed) = client.get_and_watch_data("/tour-watch/a").await.expect("it is there");
    let (_, _, unheard) = client.get_and_watch_data("/tour-watch/a").await.expect("it is there");
    drop(unheard);
    other.set_data("/tour-watch/a", "2", None).await.expect("it is there");
    assert_eq!(changed.await.expect("the session lives").event_type, EventType::NodeDataChanged);
    let (data, _, deleted) = client.get_and_watch_data("/tour-watch/a").await.expect("it is there");
    assert_eq!(&data[..], b"2", "after the event its data is seen");
    other.delete("/tour-watch/a", None).await.expect("it is there");
    assert_eq!(deleted.await.expect("the session lives").event_type, EventType::NodeDeleted);
    assert!(client.get_and_watch_data("/tour-watch/a").await.is_err_and(|error| error.is(ErrorCode::NoNode)));

    let (_, waiting) = client.exists_and_watch("/tour-watch/a").await.expect("a missing znode can be watched");
    client.close().await.expect("the service answers");
    assert_eq!(waiting.await, Err(WatchEnded::Closed));
    other.close().await.expect("the service answers");
}

pub async fn a_persistent_watch_hears_again_and_again(servers: String) {
    let client = connect(&servers);
    playground(&client, "/tour-persistent").await;
    let mut all = client.add_watch("/tour-persistent", WatchMode::PersistentRecursive).await.expect("it is known");
    let mut one = client.add_watch("/tour-persistent/a", WatchMode::Persistent).await.expect("it is known");
    client.create("/tour-persistent/a", "", CreateMode::Persistent).await.expect("it is new");
    client.create("/tour-persistent/a/b", "", CreateMode::Persistent).await.expect("it is new");
    client.set_data("/tour-persistent/a", "x", None).await.expect("it is there");
    let mut heard = Vec::new();
    for watcher in [&mut all, &mut one] {
        for _ in 0..3 {
            let Ok(WatchNews::Event(event)) = watcher.next().await else { panic!("the connection stands") };
            heard.push((event.event_type, event.path));
        }
    }
    let (a, b) = ("/tour-persistent/a".to_owned(), "/tour-persistent/a/b".to_owned());
    let expected = [
        (EventType::NodeCreated, a.clone()),
        (EventType::NodeCreated, b),
        (EventType::NodeDataChanged, a.clone()),
        (EventType::NodeCreated, a.clone()),
        (EventType::NodeChildrenChanged, a.clone()),
        (EventType::NodeDataChanged, a),
    ];
    assert_eq!(heard, expected);
    client.close().await.expect("the service answers");
    assert_eq!(all.next().await, Err(WatchEnded::Closed));
    assert_eq!(all.next().await, Err(WatchEnded::Closed), "asked again, the same again");
}

pub async fn removed_watches_end_their_watchers(servers: String) {
    let client = connect(&servers);
    playground(&client, "/tour-removed").await;
    let (_, _, data) = client.get_and_watch_data("/tour-removed").await.expect("it is there");
    let (_, _, children) = client.get_and_watch_children("/tour-removed").await.expect("it is there");
    client.remove_watches("/tour-removed", WatcherType::Data).await.expect("there is one");
    assert_eq!(data.await, Err(WatchEnded::Removed));
    let none = client.remove_watches("/tour-removed/none", WatcherType::Any).await;
    assert_eq!(none, Err(Error::Service(ErrorCode::NoWatcher)));
    client.create("/tour-removed/a", "", CreateMode::Persistent).await.expect("it is new");
    assert_eq!(children.await.expect("this one stayed").event_type, EventType::NodeChildrenChanged);
    client.close().await.expect("the service answers");
}

pub async fn a_chroot_is_the_root_for_its_client(servers: String) {
    let outside = connect(&servers);
    playground(&outside, "/tour-chroot").await;
    let inside = connect(&format!("{servers}/tour-chroot"));
    let (_, _, children) = inside.get_and_watch_children("/").await.expect("the chroot is there");
    let (_, created) = inside.exists_and_watch("/a-0000000000").await.expect("a missing znode can be watched");
    let node = inside.create("/a-", "", CreateMode::EphemeralSequential).await.expect("it is new");
    assert_eq!(node.path, "/a-0000000000");
    assert_eq!(children.await.expect("the session lives").path, "/");
    assert_eq!(created.await.expect("the session lives").path, "/a-0000000000");
    assert_eq!(outside.exists("/tour-chroot/a-0000000000").await, Ok(Some(node.stat)));
    assert_eq!(inside.get_ephemerals("/").await, Ok(vec!["/a-0000000000".to_owned()]));
    let done = inside.multi().create("/b", "", CreateMode::Persistent).commit().await.expect("it is new");
    assert!(matches!(&done[..], [MultiOutcome::Created { path, .. }] if path == "/b"));
    assert!(outside.exists("/tour-chroot/b").await.expect("the service answers").is_some());
    inside.close().await.expect("the service answers");
    outside.close().await.expect("the service answers");
}

pub async fn requests_take_effect_in_the_order_of_the_calls(servers: String) {
    let client = connect(&servers);
    let made = client.create("/tour-order", "", CreateMode::Persistent);
    let writes: Vec<_> =
        (0..50).map(|number| client.set_data("/tour-order", format!("{number}"), Some(number))).collect();
    let read = client.get_data("/tour-order");
    // Awaited in another order than made.
    assert_eq!(&read.await.expect("it was made before").0[..], b"49");
    for write in writes.into_iter().rev() {
        write.await.expect("each found the version that the one before it left");
    }
    made.await.expect("it is new");
    client.close().await.expect("the service answers");
}

pub async fn closing_takes_the_ephemerals_and_dropping_leaves_them(servers: String) {
    let (watching, closing, dropped) = (connect(&servers), connect(&servers), connect(&servers));
    playground(&watching, "/tour-ends").await;
    closing.create("/tour-ends/closing", "", CreateMode::Ephemeral).await.expect("it is new");
    let late = dropped.create("/tour-ends/dropped", "", CreateMode::Ephemeral);
    late.await.expect("it is new");
    closing.close().await.expect("the service answers");
    assert!(!closing.is_trusted());
    assert_eq!(watching.exists("/tour-ends/closing").await, Ok(None));
    let error = closing.get_data("/tour-ends").await.expect_err("the client is closed");
    assert_eq!(error, Error::Closed { sent: false });
    drop(dropped);
    watching.sync("/").await.expect("the service answers");
    let (there, gone) = watching.exists_and_watch("/tour-ends/dropped").await.expect("the service answers");
    assert!(there.is_some(), "nobody closed that session");
    let event = gone.await.expect("this session lives");
    assert_eq!(event.event_type, EventType::NodeDeleted, "the service lost patience");
    watching.close().await.expect("the service answers");
}

pub async fn a_session_goes_on_in_another_client(servers: String) {
    let first = connect(&servers);
    playground(&first, "/tour-resumed").await;
    first.create("/tour-resumed/mine", "", CreateMode::Ephemeral).await.expect("it is new");
    let credentials = first.credentials();
    drop(first);
    let config = Config::new(&servers).expect("the connect string is legal").with_session_timeout(TIMEOUT);
    let second = Client::connect(config.clone().with_session(credentials));
    second.connected().await.expect("the session lives");
    assert_eq!(second.session_id(), credentials.session);
    assert_eq!(second.get_ephemerals("/").await, Ok(vec!["/tour-resumed/mine".to_owned()]));
    second.close().await.expect("the service answers");
    let third = Client::connect(config.with_session(credentials));
    assert_eq!(third.connected().await, Err(Error::SessionExpired { sent: false }));
    assert_eq!(third.state(), SessionState::Expired);
}

pub async fn states_are_told_from_beginning_to_end(servers: String) {
    let client = connect(&servers);
    let mut events = client.session_events();
    assert!(!client.is_trusted(), "nobody has answered yet");
    assert_eq!(events.next().await, Some(SessionState::Connecting));
    assert_eq!(events.next().await, Some(SessionState::Connected));
    assert!(client.is_trusted());
    let trusted_until = client.trusted_until().expect("a server has answered");
    assert!(trusted_until <= host::now() + client.session_timeout() * 2 / 3);
    // Longer than trust lasts without pings.
    host::sleep(TIMEOUT).await;
    assert!(client.is_trusted());
    assert!(client.trusted_until().expect("pings were answered") > trusted_until);
    client.close().await.expect("the service answers");
    assert_eq!(events.next().await, Some(SessionState::Closed));
    assert_eq!(events.next().await, None);
}
