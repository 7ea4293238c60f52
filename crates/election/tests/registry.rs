//! The registry in a simulated world: who is cut off is taken off, knows that it sees what was, and comes back.
#![cfg(madsim)]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use history::{Keep, Log};
use host::sim::{Options, World, simulate};
use interregnum_election::registry::{Membership, Registry, View};

/// What each node sees now.
type Seen = Arc<Mutex<BTreeMap<&'static str, View>>>;

const REGISTRY: &str = "/workers";

fn join(node: &str) -> Membership {
    let config = client::Config::new("zk:2181").expect("a connect string");
    Registry::new(REGISTRY).join(config, &format!("{node}:7000"))
}

fn add_member(world: &World, name: &'static str, seen: &Seen) {
    let seen = seen.clone();
    world.add_node(name, move || {
        let seen = seen.clone();
        async move {
            let mut membership = join(name);
            loop {
                let view = membership.changed().await;
                seen.lock().expect("nobody panics").insert(name, view);
            }
        }
    });
}

#[track_caller]
fn assert_sees(seen: &Seen, node: &str, members: &[&str], is_fresh: bool) {
    let members: BTreeSet<String> = members.iter().map(|name| format!("{name}:7000")).collect();
    let seen = seen.lock().expect("nobody panics");
    assert_eq!(seen.get(node), Some(&View { members, is_fresh }), "{node}");
}

async fn story(world: World, seen: Seen) {
    world.add_node("zk", || async {
        let server = server::Server::bind(server::Config::default()).await.expect("it binds");
        server.run().await.expect("it serves");
    });
    add_member(&world, "a", &seen);
    add_member(&world, "b", &seen);
    world.add_node("c", || async {
        let membership = join("c");
        host::sleep(Duration::from_secs(4)).await;
        membership.leave().await;
        std::future::pending().await
    });
    let pass = |seconds| world.sleep(Duration::from_secs(seconds));
    pass(2).await;
    assert_sees(&seen, "a", &["a", "b", "c"], true);
    pass(4).await;
    assert_sees(&seen, "b", &["a", "b"], true);

    for (from, to) in [("a", "zk"), ("zk", "a")] {
        world.network().cut(from, to);
    }
    pass(15).await;
    assert_sees(&seen, "a", &["a", "b"], false);
    assert_sees(&seen, "b", &["b"], true);

    for (from, to) in [("a", "zk"), ("zk", "a")] {
        world.network().heal(from, to);
    }
    pass(15).await;
    assert_sees(&seen, "a", &["a", "b"], true);
    assert_sees(&seen, "b", &["a", "b"], true);
}

#[test]
fn who_is_cut_off_is_taken_off_knows_it_and_comes_back() {
    for seed in 0..5 {
        let seen = Seen::default();
        let options = Options { seed, scheduler_seed: seed, log: Log::new(Keep::Nothing) };
        let run = simulate(options, move |world| story(world, seen));
        if let Err(panic) = run {
            panic!("seed {seed}: {}", panic.message);
        }
    }
}
