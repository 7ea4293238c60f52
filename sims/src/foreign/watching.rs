//! Watches of the client of others: those that fire once, and those that last.

use std::time::Duration;

use rand::Rng;
use zookeeper_client::{
    AddWatchMode, Client, EventType, OneshotWatcher, PersistentWatcher, SessionState, WatchedEvent,
};

use super::desk::Desk;
use super::seat::{PAUSE, is_over};
use super::worker::{CHROOT, Worker, kind_of};
use super::{Bug, word};

/// Leaves a watch that fires once, waits for it for a while, and looks what has changed.
pub async fn wait_once(worker: &mut Worker, client: &Client, key: &str) {
    let patience = Duration::from_millis(worker.random.gen_range(100..4_000));
    match worker.random.gen_range(0..3) {
        0 => {
            if let Ok((_, _, watcher)) = client.get_and_watch_data(key).await {
                await_event(watcher, patience, key).await;
                let _ = client.get_data(key).await;
            }
        }
        1 => {
            if let Ok((_, watcher)) = client.check_and_watch_stat(key).await {
                await_event(watcher, patience, key).await;
                let _ = client.check_stat(key).await;
            }
        }
        _ => {
            if let Ok((_, _, watcher)) = client.get_and_watch_children("/").await {
                await_event(watcher, patience, "/").await;
                let _ = client.get_children("/").await;
            }
        }
    }
}

/// Waits for the event, or until there are other things to do: then the watch is taken back.
async fn await_event(watcher: OneshotWatcher, patience: Duration, key: &str) {
    let Ok(event) = host::timeout(patience, watcher.changed()).await else { return };
    match event.event_type {
        EventType::Session if !is_over(event.session_state) => {
            word::is_broken("a watch that fires once fired because the state changed, and the session goes on");
        }
        EventType::Session => {}
        _ if event.path != key => {
            word::is_broken(&format!("a watch on {key} told of {}", event.path));
        }
        _ => {}
    }
}

/// Follows the znodes of a worker by a watch that lasts for the session: one that sees all below, or one that sees one.
pub struct Follower<'a> {
    desk: &'a Desk,
    client: &'a Client,
    bug: Option<Bug>,
}

impl<'a> Follower<'a> {
    /// For one session.
    pub fn new(desk: &'a Desk, client: &'a Client, bug: Option<Bug>) -> Follower<'a> {
        Follower { desk, client, bug }
    }

    /// Follows until it is dropped. One watch a session: of two on the same znode the service tells once.
    pub async fn follow(self, sees_all: bool) {
        match sees_all {
            true => self.follow_one("/", AddWatchMode::PersistentRecursive).await,
            false => self.follow_one("/0", AddWatchMode::Persistent).await,
        }
    }

    async fn follow_one(&self, key: &str, mode: AddWatchMode) {
        let session = self.client.session_id().0;
        while !is_over(self.client.state()) {
            let Ok(watcher) = self.client.watch(key, mode).await else {
                host::sleep(PAUSE).await;
                continue;
            };
            let path = if key == "/" { CHROOT.to_owned() } else { format!("{CHROOT}{key}") };
            let _following = self.desk.follows(session, &path, kind_of(mode));
            hear(watcher, key, mode, self.bug).await;
            host::sleep(PAUSE).await;
        }
        std::future::pending().await
    }
}

/// Takes events for as long as they may come.
async fn hear(mut watcher: PersistentWatcher, key: &str, mode: AddWatchMode, bug: Option<Bug>) {
    let mut is_connected = true;
    loop {
        let event = watcher.changed().await;
        match event.event_type {
            EventType::Session => {
                is_connected = event.session_state == SessionState::SyncConnected;
                if is_over(event.session_state) {
                    return;
                }
            }
            _ if !is_connected => {
                word::is_broken("a watch that lasts told of a znode while its client was disconnected")
            }
            _ => judge(&event, key, mode, bug),
        }
    }
}

/// Whether the event is one that this watch may tell of, in the words of who left it.
fn judge(event: &WatchedEvent, key: &str, mode: AddWatchMode, bug: Option<Bug>) {
    let told = match bug {
        Some(Bug::ForgetsChroot) => format!("{CHROOT}{}", event.path),
        _ => event.path.clone(),
    };
    let is_meant = match mode {
        AddWatchMode::Persistent => told == key,
        AddWatchMode::PersistentRecursive => {
            let is_inside = !told.starts_with(CHROOT);
            is_inside && event.event_type != EventType::NodeChildrenChanged
        }
    };
    if !is_meant {
        word::is_broken(&format!("a watch that lasts on {key} told of {} on {told}", event.event_type));
    }
}
