//! Ephemerals: a few znodes, each of which many sessions want for themselves.

use client::Client;
use rand::Rng;

use super::worker::{Worker, goes_on};

const ROOT: &str = "/ephemeral";
const ZNODES: u32 = 4;

/// Works through as many sessions as it takes.
pub async fn work(mut worker: Worker) {
    worker.act_through_sessions(ROOT, act).await;
}

/// Does one thing. Says whether the session goes on.
async fn act(worker: &mut Worker, client: &Client) -> bool {
    let key = worker.key(ROOT, ZNODES);
    match worker.random.gen_range(0..100) {
        0..40 => goes_on(&worker.create_ephemeral(client, &key).await),
        40..46 => goes_on(&worker.delete(client, &key).await),
        46..56 => goes_on(&worker.write(client, &key, None).await),
        56..60 => {
            // Several under way, and the session ends.
            let (other, third) = (worker.key(ROOT, ZNODES), worker.key(ROOT, ZNODES));
            let _ = worker.create_ephemeral(client, &other).await;
            let _ = worker.create_ephemeral(client, &third).await;
            let _ = client.close().await;
            false
        }
        60..62 => false,
        62..80 => goes_on(&worker.look(client, &key).await),
        _ => goes_on(&worker.read(client, &key).await),
    }
}
