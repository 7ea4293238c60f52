//! Sessions: lost and found connections, sessions that are over, and those that others take up.

use std::time::Duration;

use zookeeper_client::{Acls, AddWatchMode, Client, CreateMode, Error, EventType, SessionState, StateWatcher};

use crate::bed::{Bed, EPHEMERAL, LONG, connect, eventually};
use crate::relay::Relay;

crate::tests![sessions: timeouts, idle, reconnected, missed, authenticated_again, expired, taken_up, moved, over];

async fn until(watcher: &mut StateWatcher, state: SessionState) {
    while watcher.changed().await != state {}
}

/// A client that can be cut off.
async fn behind_a_relay(bed: &Bed, timeout: Duration) -> (Relay, Client, StateWatcher) {
    let relay = Relay::to(&bed.place.servers[0]).await;
    let client = connect(&relay.address, timeout).await;
    let mut states = client.state_watcher();
    states.state();
    (relay, client, states)
}

async fn timeouts(bed: Bed) {
    let timeout = async |milliseconds| {
        let client = connect(&bed.place.servers[0], Duration::from_millis(milliseconds)).await;
        client.session_timeout()
    };
    assert_eq!(timeout(700).await, Duration::from_secs(1), "the shortest");
    assert_eq!(timeout(700_000).await, Duration::from_secs(10), "the longest");
    assert_eq!(timeout(3_210).await, Duration::from_millis(3_210));
}

async fn idle(bed: Bed) {
    let client = connect(&bed.place.servers[0], Duration::from_secs(3)).await;
    let (stat, _) = client.create(&bed.path("/a"), b"", &EPHEMERAL).await.unwrap();
    tokio::time::sleep(Duration::from_secs(7)).await;
    assert_eq!(bed.client.check_stat(&bed.path("/a")).await, Ok(Some(stat)));
    assert_eq!(client.state(), SessionState::SyncConnected);
}

async fn reconnected(bed: Bed) {
    let (relay, client, mut states) = behind_a_relay(&bed, LONG).await;
    let session = client.session_id();
    client.create(&bed.path("/a"), b"", &EPHEMERAL).await.unwrap();
    for _ in 0..3 {
        relay.cut();
        until(&mut states, SessionState::Disconnected).await;
        relay.mend();
        until(&mut states, SessionState::SyncConnected).await;
    }
    assert_eq!(client.session_id(), session);
    assert_eq!(client.check_stat(&bed.path("/a")).await.unwrap().unwrap().ephemeral_owner, session.0);
}

async fn missed(bed: Bed) {
    let [changed, parent, quiet] =
        [bed.create("/changed").await, bed.create("/parent").await, bed.create("/quiet").await];
    let (relay, client, mut states) = behind_a_relay(&bed, LONG).await;
    let (_, _, data) = client.get_and_watch_data(&changed).await.unwrap();
    let (_, _, children) = client.get_and_watch_children(&parent).await.unwrap();
    let (_, stat) = client.check_and_watch_stat(&bed.path("/created")).await.unwrap();
    let (_, _, calm) = client.get_and_watch_data(&quiet).await.unwrap();
    let mut all = client.watch(&bed.path(""), AddWatchMode::PersistentRecursive).await.unwrap();
    relay.cut();
    until(&mut states, SessionState::Disconnected).await;
    bed.client.set_data(&changed, b"", None).await.unwrap();
    bed.create("/parent/child").await;
    bed.create("/created").await;
    relay.mend();
    until(&mut states, SessionState::SyncConnected).await;
    assert_eq!(data.changed().await.event_type, EventType::NodeDataChanged);
    assert_eq!(children.changed().await.event_type, EventType::NodeChildrenChanged);
    assert_eq!(stat.changed().await.event_type, EventType::NodeCreated);
    bed.client.set_data(&quiet, b"", None).await.unwrap();
    assert_eq!(calm.changed().await.event_type, EventType::NodeDataChanged, "it was still watched");
    // What a persistent watch misses it is not told, but that it may have missed something. The crate lets it hear what the
    // watches that fire once are told, too.
    let states = [all.changed().await, all.changed().await].map(|event| (event.event_type, event.session_state));
    let expected = [SessionState::Disconnected, SessionState::SyncConnected].map(|state| (EventType::Session, state));
    assert_eq!(states, expected);
    while all.changed().await.path != quiet {}
}

async fn authenticated_again(bed: Bed) {
    let (relay, client, mut states) = behind_a_relay(&bed, LONG).await;
    client.auth("digest", b"anna:secret").await.unwrap();
    let path = bed.path("/a");
    client.create(&path, b"data", &CreateMode::Persistent.with_acls(Acls::creator_all())).await.unwrap();
    relay.cut();
    until(&mut states, SessionState::Disconnected).await;
    relay.mend();
    until(&mut states, SessionState::SyncConnected).await;
    assert_eq!(client.get_data(&path).await.unwrap().0, b"data");
}

async fn expired(bed: Bed) {
    let (relay, client, mut states) = behind_a_relay(&bed, Duration::from_secs(2)).await;
    let path = bed.path("/a");
    client.create(&path, b"", &EPHEMERAL).await.unwrap();
    let (_, never) = client.check_and_watch_stat(&bed.path("/never")).await.unwrap();
    relay.cut();
    eventually(async || bed.client.check_stat(&path).await == Ok(None)).await;
    relay.mend();
    until(&mut states, SessionState::Expired).await;
    assert_eq!(never.changed().await.session_state, SessionState::Expired);
    assert_eq!(client.check_stat(&path).await, Err(Error::SessionExpired));
}

async fn taken_up(bed: Bed) {
    // A detached client leaves its session behind.
    let detached = Client::connector().with_session_timeout(LONG).with_detached();
    let client = detached.connect(&bed.place.servers[0]).await.unwrap();
    let path = bed.path("/a");
    client.create(&path, b"", &EPHEMERAL).await.unwrap();
    let session = client.into_session();
    let detached = Client::connector().with_session(session.clone()).with_session_timeout(LONG).with_detached();
    let next = detached.connect(&bed.place.servers[0]).await.unwrap();
    assert_eq!(next.session_id(), session.id());
    assert_eq!(next.list_ephemerals(&bed.path("")).await, Ok(vec![path.clone()]));
    drop(next);
    let last = Client::connector().with_session(session).connect(&bed.place.servers[0]).await.unwrap();
    last.delete(&path, None).await.unwrap();
}

async fn moved(bed: Bed) {
    let client = Client::connector().with_session_timeout(LONG).with_detached();
    let mut client = client.connect(&bed.place.servers[0]).await.unwrap();
    let path = bed.path("/a");
    client.create(&path, b"", &EPHEMERAL).await.unwrap();
    let session = client.session_id();
    for server in &bed.place.servers {
        let next = Client::connector().with_session_timeout(LONG).with_session(client.into_session()).with_detached();
        client = next.connect(server).await.unwrap();
        assert_eq!(client.session_id(), session);
        let stat = client.set_data(&path, server.as_bytes(), None).await.unwrap();
        assert_eq!(stat.ephemeral_owner, session.0);
    }
}

async fn over(bed: Bed) {
    let client = bed.connect().await;
    client.create(&bed.path("/a"), b"", &EPHEMERAL).await.unwrap();
    let session = client.session().clone();
    drop(client);
    eventually(async || bed.client.check_stat(&bed.path("/a")).await == Ok(None)).await;
    let again = Client::connector().with_session(session).connect(&bed.place.servers[0]).await;
    assert_eq!(again.unwrap_err(), Error::SessionExpired);
}
