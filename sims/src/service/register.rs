//! Registers: a few znodes that everybody writes and reads.

use client::Client;
use rand::Rng;

use super::worker::{Worker, goes_on};

const ROOT: &str = "/register";
const ZNODES: u32 = 5;

/// Works through as many sessions as it takes. Some only read: at a leader that was deposed and does not know it nobody waits
/// for writes then, which would wait for ever.
pub async fn work(mut worker: Worker) {
    if worker.random.gen_bool(0.4) {
        worker.act_through_sessions(ROOT, read).await;
    } else {
        work_and_write(worker).await;
    }
}

/// The same, with nobody who only reads: the more is written, the more there is to lose.
pub async fn work_and_write(mut worker: Worker) {
    worker.act_through_sessions(ROOT, act).await;
}

/// Reads. Says whether the session goes on.
async fn read(worker: &mut Worker, client: &Client) -> bool {
    let key = worker.key(ROOT, ZNODES);
    if worker.random.gen_bool(0.8) {
        goes_on(&worker.read(client, &key).await)
    } else {
        goes_on(&worker.look(client, &key).await)
    }
}

/// Does one thing, or several at once. Says whether the session goes on.
async fn act(worker: &mut Worker, client: &Client) -> bool {
    let key = worker.key(ROOT, ZNODES);
    match worker.random.gen_range(0..100) {
        0..30 => goes_on(&worker.write(client, &key, None).await),
        30..45 => match worker.read(client, &key).await {
            Ok(version) => goes_on(&worker.write(client, &key, Some(version)).await),
            other => goes_on(&other),
        },
        45..53 => goes_on(&worker.create(client, &key).await),
        53..57 => goes_on(&worker.delete(client, &key).await),
        57..62 => goes_on(&worker.look(client, &key).await),
        // What this server knows, which may be old, but never older than what the client has seen.
        62..75 => goes_on(&client.get_data(&key).await),
        // Many transactions at once: what is under way when a leader goes.
        75..80 => {
            let mut goes = true;
            for _ in 0..worker.random.gen_range(3..12) {
                let key = worker.key(ROOT, ZNODES);
                goes &= goes_on(&worker.write(client, &key, None).await);
            }
            goes
        }
        _ => goes_on(&worker.read(client, &key).await),
    }
}
