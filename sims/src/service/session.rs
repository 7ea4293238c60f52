//! Sessions: short ones, ones that go on in another client, and requests of those that are over.

use client::{Client, Error};
use rand::Rng;

use super::raw;
use super::worker::{Worker, goes_on};

const ROOT: &str = "/session";
const ZNODES: u32 = 6;

/// Works through as many sessions as it takes.
pub async fn work(mut worker: Worker) {
    loop {
        let mut client = worker.open_session(ROOT).await;
        let acts = worker.random.gen_range(1..40);
        for _ in 0..acts {
            let goes = match worker.random.gen_range(0..100) {
                0..15 => {
                    // The same session from another client, at whichever server comes first.
                    worker.config.resume = Some(client.credentials());
                    client = Client::connect(worker.config.clone());
                    worker.config.resume = None;
                    goes_on(&client.connected().await)
                }
                15..30 => {
                    let key = worker.key(ROOT, ZNODES);
                    raw::asks_after_its_end(&mut worker, &key).await;
                    true
                }
                _ => goes_on(&act(&mut worker, &client).await),
            };
            if !goes {
                break;
            }
            worker.rest().await;
        }
        if worker.random.gen_bool(0.7) {
            let _ = client.close().await;
        }
    }
}

async fn act(worker: &mut Worker, client: &Client) -> Result<(), Error> {
    let key = worker.key(ROOT, ZNODES);
    match worker.random.gen_range(0..100) {
        0..45 => worker.create_ephemeral(client, &key).await,
        45..55 => worker.delete(client, &key).await,
        55..65 => worker.write(client, &key, None).await.map(drop),
        65..80 => worker.look(client, &key).await.map(drop),
        _ => worker.read(client, &key).await.map(drop),
    }
}
