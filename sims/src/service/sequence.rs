//! Numbers: sequential znodes below a few parents.

use client::{Client, CreateMode, Error, ErrorCode};
use rand::Rng;
use serde_json::{Value, json};

use super::worker::{Worker, goes_on};

const ROOT: &str = "/sequence";
const PARENTS: u32 = 3;

/// Works through as many sessions as it takes.
pub async fn work(mut worker: Worker) {
    worker.act_through_sessions(ROOT, act).await;
}

async fn act(worker: &mut Worker, client: &Client) -> bool {
    let parent = worker.key(ROOT, PARENTS);
    let mode =
        if worker.random.gen_bool(0.3) { CreateMode::EphemeralSequential } else { CreateMode::PersistentSequential };
    match next(worker, client, &parent, mode).await {
        Ok(path) if worker.random.gen_bool(0.9) => {
            // The number of what is deleted does not come again.
            goes_on(&client.delete(&path, None).await)
        }
        Err(error) if error.is(ErrorCode::NoNode) => goes_on(&client.create(&parent, "", CreateMode::Persistent).await),
        other => goes_on(&other),
    }
}

async fn next(worker: &mut Worker, client: &Client, parent: &str, mode: CreateMode) -> Result<String, Error> {
    let call = worker.calls.invoke("next", parent, &Value::Null);
    let created = client.create(&format!("{parent}/n-"), "", mode).await;
    match created {
        Ok(created) => {
            let digits = created.path.rsplit('-').next().and_then(|digits| digits.parse::<i32>().ok());
            match digits {
                Some(number) => call.returned(&json!(number)),
                // For the monitor to say that this is none.
                None => call.returned(&json!(created.path)),
            }
            Ok(created.path)
        }
        // There is no parent yet: no number was given.
        Err(error) if error.is(ErrorCode::NoNode) => {
            call.failed();
            Err(error)
        }
        other => call.wrote(other, |_| Value::Null).map(|created| created.path),
    }
}
