//! Watches: znodes that come, change and go under the eyes of everybody.

use std::time::Duration;

use client::{Client, CreateMode, Error, WatchMode, Watcher};
use rand::Rng;

use super::worker::{Worker, goes_on};

const ROOT: &str = "/watch";
const ZNODES: u32 = 4;

/// So many events of a persistent watch are taken before it is left alone.
const EVENTS: u32 = 20;

/// Works through as many sessions as it takes.
pub async fn work(mut worker: Worker) {
    worker.act_through_sessions(ROOT, act).await;
}

/// Does one thing. Says whether the session goes on.
async fn act(worker: &mut Worker, client: &Client) -> bool {
    let key = worker.key(ROOT, ZNODES);
    match worker.random.gen_range(0..100) {
        0..25 => goes_on(&worker.write(client, &key, None).await),
        25..35 => goes_on(&worker.create(client, &key).await),
        35..45 => goes_on(&worker.delete(client, &key).await),
        45..60 => goes_on(&wait_for_data(worker, client, &key).await),
        60..72 => goes_on(&wait_for_existence(worker, client, &key).await),
        72..84 => goes_on(&wait_for_children(worker, client).await),
        84..88 => goes_on(&follow(worker, client, &key).await),
        _ => goes_on(&worker.read(client, &key).await),
    }
}

async fn wait_for_data(worker: &mut Worker, client: &Client, key: &str) -> Result<(), Error> {
    let (_, _, watcher) = client.get_and_watch_data(key).await?;
    wait(worker, watcher).await;
    // What has changed must be seen changed.
    client.get_data(key).await.map(drop)
}

async fn wait_for_existence(worker: &mut Worker, client: &Client, key: &str) -> Result<(), Error> {
    let (_, watcher) = client.exists_and_watch(key).await?;
    wait(worker, watcher).await;
    client.exists(key).await.map(drop)
}

async fn wait_for_children(worker: &mut Worker, client: &Client) -> Result<(), Error> {
    let (_, _, watcher) = client.get_and_watch_children(ROOT).await?;
    if worker.random.gen_bool(0.3) {
        // A child that goes with the session: somebody else's watch fires when it ends.
        let _ = client.create(&format!("{ROOT}/of-{}", worker.name), "", CreateMode::Ephemeral).await;
    }
    wait(worker, watcher).await;
    client.get_children(ROOT).await.map(drop)
}

/// Waits for the event, or until there are other things to do: the watch stays.
async fn wait(worker: &mut Worker, watcher: Watcher) {
    let patience = Duration::from_millis(worker.random.gen_range(100..4_000));
    let _ = host::timeout(patience, watcher).await;
}

/// Follows a znode by a watch that stays.
async fn follow(worker: &mut Worker, client: &Client, key: &str) -> Result<(), Error> {
    let mode = if worker.random.gen_bool(0.5) { WatchMode::Persistent } else { WatchMode::PersistentRecursive };
    let mut watcher = client.add_watch(key, mode).await?;
    for _ in 0..worker.random.gen_range(1..EVENTS) {
        let patience = Duration::from_millis(worker.random.gen_range(100..2_000));
        match host::timeout(patience, watcher.next()).await {
            Ok(Ok(_)) => drop(client.exists(key).await?),
            Ok(Err(_)) | Err(host::Elapsed) => break,
        }
    }
    Ok(())
}
