//! Watches of all kinds.

use zookeeper_client::{AddWatchMode, EventType, PersistentWatcher, SessionState, WatchedEvent};

use crate::bed::{Bed, PERSISTENT};

crate::tests![watches: data, stat, children, persistent, recursive, dropped, dropped_of_many, chroot];

fn told(event: &WatchedEvent) -> (EventType, &str) {
    assert_eq!(event.session_state, SessionState::SyncConnected);
    (event.event_type, &event.path)
}

/// The next events must be these.
pub async fn expect(watcher: &mut PersistentWatcher, expected: &[(EventType, &str)]) {
    for one in expected {
        assert_eq!(told(&watcher.changed().await), *one);
    }
}

async fn data(bed: Bed) {
    let path = bed.create("/a").await;
    let (_, _, first) = bed.client.get_and_watch_data(&path).await.unwrap();
    let (_, _, second) = bed.client.get_and_watch_data(&path).await.unwrap();
    bed.client.set_data(&path, b"", None).await.unwrap();
    assert_eq!(told(&first.changed().await), (EventType::NodeDataChanged, path.as_str()));
    assert_eq!(told(&second.changed().await), (EventType::NodeDataChanged, path.as_str()));
    let (_, _, third) = bed.client.get_and_watch_data(&path).await.unwrap();
    bed.client.delete(&path, None).await.unwrap();
    assert_eq!(told(&third.changed().await), (EventType::NodeDeleted, path.as_str()));
}

async fn stat(bed: Bed) {
    let path = bed.path("/a");
    let (none, created) = bed.client.check_and_watch_stat(&path).await.unwrap();
    assert_eq!(none, None);
    bed.create("/a").await;
    assert_eq!(told(&created.changed().await), (EventType::NodeCreated, path.as_str()));
}

async fn children(bed: Bed) {
    let path = bed.create("/a").await;
    let (names, changed) = bed.client.list_and_watch_children(&path).await.unwrap();
    assert!(names.is_empty());
    let child = bed.create("/a/b").await;
    assert_eq!(told(&changed.changed().await), (EventType::NodeChildrenChanged, path.as_str()));
    let (_, _, gone) = bed.client.get_and_watch_children(&path).await.unwrap();
    bed.client.delete(&child, None).await.unwrap();
    assert_eq!(told(&gone.changed().await), (EventType::NodeChildrenChanged, path.as_str()));
}

async fn persistent(bed: Bed) {
    let path = bed.path("/a");
    let mut watcher = bed.client.watch(&path, AddWatchMode::Persistent).await.unwrap();
    bed.create("/a").await;
    bed.client.set_data(&path, b"", None).await.unwrap();
    let child = bed.create("/a/b").await;
    bed.client.set_data(&child, b"", None).await.unwrap();
    bed.client.delete(&child, None).await.unwrap();
    bed.client.delete(&path, None).await.unwrap();
    let kinds = [
        EventType::NodeCreated,
        EventType::NodeDataChanged,
        EventType::NodeChildrenChanged,
        EventType::NodeChildrenChanged,
        EventType::NodeDeleted,
    ];
    expect(&mut watcher, &kinds.map(|kind| (kind, path.as_str()))).await;
}

async fn recursive(bed: Bed) {
    let path = bed.create("/a").await;
    let mut watcher = bed.client.watch(&path, AddWatchMode::PersistentRecursive).await.unwrap();
    bed.create("/ab").await;
    let child = bed.create("/a/b").await;
    let grandchild = bed.create("/a/b/c").await;
    bed.client.set_data(&grandchild, b"", None).await.unwrap();
    bed.client.delete(&grandchild, None).await.unwrap();
    bed.client.set_data(&path, b"", None).await.unwrap();
    let expected = [
        (EventType::NodeCreated, child.as_str()),
        (EventType::NodeCreated, &grandchild),
        (EventType::NodeDataChanged, &grandchild),
        (EventType::NodeDeleted, &grandchild),
        (EventType::NodeDataChanged, &path),
    ];
    expect(&mut watcher, &expected).await;
}

/// Whoever drops a watcher takes the watch back, and can set another one.
async fn dropped(bed: Bed) {
    let path = bed.create("/a").await;
    for _ in 0..5 {
        let (_, _, one_shot) = bed.client.get_and_watch_data(&path).await.unwrap();
        drop(one_shot);
        let watcher = bed.client.watch(&path, AddWatchMode::Persistent).await.unwrap();
        drop(watcher);
    }
    let (_, _, last) = bed.client.get_and_watch_data(&path).await.unwrap();
    bed.client.set_data(&path, b"", None).await.unwrap();
    assert_eq!(told(&last.changed().await), (EventType::NodeDataChanged, path.as_str()));
}

async fn dropped_of_many(bed: Bed) {
    let path = bed.create("/a").await;
    let (_, _, one) = bed.client.get_and_watch_data(&path).await.unwrap();
    let (_, _, children) = bed.client.get_and_watch_children(&path).await.unwrap();
    let mut persistent = bed.client.watch(&path, AddWatchMode::Persistent).await.unwrap();
    drop(one);
    bed.client.check_stat(&path).await.unwrap();
    bed.create("/a/b").await;
    assert_eq!(told(&children.changed().await), (EventType::NodeChildrenChanged, path.as_str()));
    expect(&mut persistent, &[(EventType::NodeChildrenChanged, &path)]).await;
}

async fn chroot(bed: Bed) {
    let path = bed.create("/inner").await;
    let inner = bed.client.clone().chroot(path.clone()).unwrap();
    let (_, created) = inner.check_and_watch_stat("/a").await.unwrap();
    let mut watcher = inner.watch("/", AddWatchMode::PersistentRecursive).await.unwrap();
    inner.create("/a", b"inner", &PERSISTENT).await.unwrap();
    assert_eq!(told(&created.changed().await), (EventType::NodeCreated, "/a"));
    expect(&mut watcher, &[(EventType::NodeCreated, "/a")]).await;
    assert_eq!(bed.client.get_data(&bed.path("/inner/a")).await.unwrap().0, b"inner");
    assert_eq!(inner.list_children("/").await, Ok(vec!["a".to_owned()]));
    let mut writer = inner.new_multi_writer();
    writer.add_create("/b", b"", &PERSISTENT).unwrap();
    writer.add_delete("/a", None).unwrap();
    writer.commit().await.unwrap();
    assert_eq!(bed.client.list_children(&path).await, Ok(vec!["b".to_owned()]));
}
