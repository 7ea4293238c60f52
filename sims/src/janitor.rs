//! A janitor: a node that deletes a znode with all below it, now and then, as an operator's script would.

use std::time::Duration;

use client::{Client, Config, Error};
use interregnum::Bed;
use proto::path;
use rand::Rng;

/// What the janitor's node is called.
const NAME: &str = "janitor";

/// The longest from one cleaning to the next.
const INTERVAL_MAX: Duration = Duration::from_secs(120);

/// Adds a node that deletes this znode again and again.
pub fn add(bed: &Bed, root: &'static str) {
    let servers = bed.connect_string();
    bed.add_node(NAME, move || {
        let servers = servers.clone();
        async move {
            let config = Config::new(&servers).expect("the testbed writes right connect strings");
            let mut moods = host::random::stream("moods");
            loop {
                host::sleep(INTERVAL_MAX.mul_f64(moods.gen_range(0.2..1.0))).await;
                let client = Client::connect(config.clone());
                // What could not be deleted now is deleted the next time.
                if delete_all(&client, root).await.is_ok() {
                    host::tell_sometimes("janitor deleted an election");
                }
                let _ = client.close().await;
            }
        }
    });
}

async fn delete_all(client: &Client, root: &str) -> Result<(), Error> {
    let (names, _) = client.get_children(root).await?;
    let mut multi = client.multi();
    for name in names {
        multi = multi.delete(&path::join(root, &name), None);
    }
    multi.delete(root, None).commit().await.map(drop)
}
