//! Whole tests, as users write them: what they catch, what they leave alone, and what they print.

mod bodies;
mod elections;
mod telling;

use std::sync::Arc;

use client::{Client, Config, CreateMode};
use election::candidate;

use super::harness::judge;
use super::wishes::Wishes;
use super::*;
use crate::scenario::Catalogue;
use crate::testbed::{Node, Vault};
use crate::{minutes, secs};

const PACKAGE: Package = Package { name: "mine", directory: env!("CARGO_MANIFEST_DIR"), features: &[] };

const fn test(path: &'static str, body: Body) -> Test {
    Test::new(path, PACKAGE, body).seeds(0..8).jobs(1).shrink(60)
}

fn wishes(test: &Test) -> Wishes {
    Wishes { seeds: test.seeds.clone(), jobs: 1, twice: test.determinism, schedule: None }
}

fn judged(test: &'static Test, wishes: &Wishes) -> Result<String, (String, String)> {
    let catalogue = Catalogue(Box::leak(Box::new([test as &'static dyn Scenario])));
    let verdict = judge(test, catalogue, wishes).expect("the test fits together");
    verdict.map_err(|failure| (failure.headline, failure.text))
}

fn run(test: &'static Test) -> Result<String, (String, String)> {
    judged(test, &wishes(test))
}

fn mistake(test: &'static Test) -> String {
    judge(test, Catalogue(&[]), &wishes(test)).expect_err("the test does not fit together").to_string()
}

/// Leads as soon as there is a znode of its own, and until it hears that the session is over.
async fn hasty(node: Node, servers: String, vault: Vault) {
    let mut vault = vault.open();
    loop {
        let client = Client::connect(Config::new(&servers).expect("the bed writes right connect strings"));
        if let Ok(created) = client.create("/leader", node.name().to_owned(), CreateMode::Ephemeral).await {
            let lead = node.lead(created.stat.czxid.0);
            while !client.state().is_final() {
                // Whatever the vault says.
                let _ = vault.act(lead.token(), "assign").await;
                host::sleep(secs(1)).await;
            }
            lead.end("the session is over");
        }
        let _ = client.close().await;
        host::sleep(secs(1)).await;
    }
}

fn hasty_election(bed: &Testbed) {
    let servers = bed.ensemble(1).connect_string();
    let vault = bed.vault("vault");
    for name in ["a", "b"] {
        let (servers, vault) = (servers.clone(), vault.clone());
        bed.node(name).run(move |node| hasty(node, servers.clone(), vault.clone()));
    }
}

fn careful_election(bed: &Testbed) {
    let zk = bed.ensemble(3);
    let vault = bed.vault("vault");
    let strategy = Arc::new(election::Docs::new("/election"));
    let options = candidate::Options::new(strategy, &zk.connect_string()).with_resource(vault.address());
    for name in ["a", "b", "c"] {
        let options = options.clone();
        bed.node(name).run(move |_| candidate::run(options.clone()));
    }
}
