//! The same run twice is the same run, and links know nothing of each other.

use std::time::Duration;

use history::TraceHash;
use host::sim::{Quality, World};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::*;

/// A node that sends a byte ten times a second to `server` and waits for its echo, connecting anew when it must.
fn add_pinger(world: &World, name: &str, server: &'static str, round_trips: &Notes<Duration>) {
    let round_trips = round_trips.clone();
    world.add_node(name, move || {
        let round_trips = round_trips.clone();
        async move {
            loop {
                host::sleep(millis(100)).await;
                let Ok(Ok(mut stream)) = host::timeout(secs(2), connect(server)).await else { continue };
                loop {
                    host::sleep(millis(100)).await;
                    let (sent, mut byte) = (host::now(), [0]);
                    let exchange = async {
                        stream.write_all(b"!").await?;
                        stream.read_exact(&mut byte).await
                    };
                    match host::timeout(secs(2), exchange).await {
                        Ok(Ok(_)) => round_trips.write(host::now() - sent),
                        Ok(Err(_)) | Err(_) => break,
                    }
                }
            }
        }
    });
}

fn troubled_run(seed: u64) -> (TraceHash, u64) {
    run_seed(seed, |world| async move {
        world.network().set_default_quality(Quality { loss: 0.02, ..Quality::default() });
        for server in ["x", "y"] {
            add_echo(&world, server);
        }
        for (name, server) in [("a", "x"), ("b", "x"), ("c", "y"), ("d", "y")] {
            add_pinger(&world, name, server, &Notes::new());
        }
        for round in 0..5 {
            world.sleep(secs(3)).await;
            part(&world, "a", "x");
            world.kill("y");
            world.sleep(secs(1)).await;
            world.start("y");
            world.network().reset_connections("b", "x");
            world.pause("b");
            world.network().cut("y", "d");
            world.sleep(millis(2_500 * round)).await;
            world.power_off("x");
            world.network().heal_all();
            world.sleep(secs(1)).await;
            world.power_on("x");
            world.start("x");
            world.resume("b");
        }
        world.sleep(secs(5)).await;
        let log = world.log();
        (log.trace(), log.count())
    })
}

#[test]
fn the_same_run_twice_has_the_same_trace() {
    let (first, second, other) = (troubled_run(5), troubled_run(5), troubled_run(6));
    assert!(first.1 > 1_000, "{} events", first.1);
    assert_eq!(first, second);
    assert_ne!(first.0, other.0);
}

#[test]
fn traffic_on_one_link_does_not_move_the_latencies_of_another() {
    let round_trips = |with_others: bool| {
        run_seed(9, move |world| async move {
            let notes = Notes::new();
            add_echo(&world, "x");
            add_pinger(&world, "a", "x", &notes);
            if with_others {
                add_pinger(&world, "b", "x", &Notes::new());
                add_pinger(&world, "c", "x", &Notes::new());
            }
            world.sleep(secs(60)).await;
            notes.what()
        })
    };
    let (alone, in_company) = (round_trips(false), round_trips(true));
    assert!(alone.len() > 400);
    // Tasks take madsim's own nanoseconds, which the scheduler draws: what a link draws is far above them.
    for (one, other) in alone.iter().zip(&in_company) {
        assert!(one.abs_diff(*other) < Duration::from_micros(5), "{one:?} {other:?}");
    }
}
