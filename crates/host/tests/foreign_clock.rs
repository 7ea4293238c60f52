//! Code that we do not own asks `std::time`, and reads the clocks of its node.
#![cfg(madsim)]
#![allow(clippy::disallowed_methods, reason = "this is what code of others does")]

use std::time::{Duration, Instant, SystemTime};

use history::{Keep, Log};
use interregnum_host as host;

use host::sim::{Clocks, Options, World, simulate};
use tokio::sync::mpsc::unbounded_channel;

const HOUR: Duration = Duration::from_secs(3_600);

fn options() -> Options {
    Options { seed: 1, scheduler_seed: 1, log: Log::new(Keep::Nothing) }
}

/// What a library sees: the wall clock at the true time of ten seconds, and what the monotonic clock made of them.
#[derive(Debug)]
struct Seen {
    name: String,
    wall: Duration,
    monotonic: Duration,
}

fn since_epoch(time: SystemTime) -> Duration {
    time.duration_since(SystemTime::UNIX_EPOCH).expect("after 1970")
}

#[test]
fn two_nodes_read_two_clocks() {
    let (ahead, right) = simulate(options(), |world| async move {
        let (sender, mut receiver) = unbounded_channel();
        for name in ["ahead", "right"] {
            let sender = sender.clone();
            world.add_node(name, move || {
                let sender = sender.clone();
                async move {
                    let begin = Instant::now();
                    World::current().sleep(Duration::from_secs(10)).await;
                    let (wall, monotonic) = (since_epoch(SystemTime::now()), begin.elapsed());
                    assert_eq!(wall, host::wall_clock().since_epoch(), "std and the seam read one clock");
                    sender.send(Seen { name: name.to_owned(), wall, monotonic }).expect("the test listens");
                }
            });
        }
        world.clocks().step("ahead", 3_600_000_000_000);
        world.clocks().drift("ahead", 500_000);
        let (one, other) = (receiver.recv().await.unwrap(), receiver.recv().await.unwrap());
        if one.name == "ahead" { (one, other) } else { (other, one) }
    })
    .expect("the run holds");

    let near = |seen: Duration, wanted: Duration| seen.abs_diff(wanted) < Duration::from_millis(1);
    assert!(near(right.wall, Clocks::BEGINNING + Duration::from_secs(10)), "{right:?}");
    assert!(near(right.monotonic, Duration::from_secs(10)), "{right:?}");
    assert!(near(ahead.wall, Clocks::BEGINNING + HOUR + Duration::from_secs(15)), "{ahead:?}");
    assert!(near(ahead.monotonic, Duration::from_secs(15)), "{ahead:?}");
}

#[test]
fn the_supervisor_reads_the_truth() {
    simulate(options(), |world| async move {
        world.add_node("node", std::future::pending::<()>);
        world.clocks().step("node", 3_600_000_000_000);
        world.sleep(Duration::from_secs(5)).await;
        assert_eq!(since_epoch(SystemTime::now()), Clocks::BEGINNING + world.now().elapsed());
    })
    .expect("the run holds");
}

#[test]
fn outside_a_simulation_time_is_real() {
    let real = || std::fs::metadata(tempfile::NamedTempFile::new().unwrap().path()).unwrap().modified().unwrap();
    let inside = simulate(options(), |_world| async { SystemTime::now() }).expect("the run holds");
    let (begin, before) = (Instant::now(), real());
    std::thread::sleep(Duration::from_millis(20));
    let elapsed = begin.elapsed();
    assert!(elapsed >= Duration::from_millis(20) && elapsed < Duration::from_secs(20), "{elapsed:?}");
    let now = SystemTime::now();
    assert!(now > before && now.duration_since(before).unwrap() < Duration::from_secs(20), "{now:?} after {before:?}");
    assert_eq!(since_epoch(inside).as_secs(), Clocks::BEGINNING.as_secs());
}

#[test]
fn a_simulation_without_a_world_has_one_virtual_clock() {
    let passed = std::thread::spawn(|| {
        madsim::runtime::Runtime::with_seed_and_config(1, madsim::Config::default()).block_on(async {
            let begin = (Instant::now(), SystemTime::now());
            madsim::time::sleep(HOUR).await;
            (begin.0.elapsed(), begin.1.elapsed().unwrap())
        })
    })
    .join()
    .expect("the run holds");
    assert!(passed.0 >= HOUR && passed.0 < HOUR + Duration::from_secs(1));
    assert_eq!(passed.0.as_secs(), passed.1.as_secs());
}
