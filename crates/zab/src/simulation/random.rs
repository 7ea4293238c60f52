//! Ensembles under random faults: a seed makes the ensemble, the schedule and all delays.

use std::collections::BTreeMap;
use std::time::Duration;

use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::simulation::disk::Survival;
use crate::simulation::world::{Weather, World};
use crate::{Config, Role, ServerId};

/// How long faults go on, and how long the ensemble has to recover from them: milliseconds.
const FAULTS: u64 = 12_000;
const RECOVERY: u64 = 15_000;

/// The configurations of an ensemble with short times.
pub(crate) fn configs(voters: u8, observers: u8) -> Vec<Config> {
    let config = |id| {
        let mut config = Config::new(ServerId(id), (1..=voters).map(ServerId));
        config.observers = (voters + 1..=voters + observers).map(ServerId).collect();
        config.tick = Duration::from_millis(100);
        config.resend_last = Duration::from_secs(2);
        config.connect_retry = Duration::from_millis(50);
        config.connect_attempts = 10;
        config.window = 8;
        config.counter_limit = 200;
        config
    };
    (1..=voters + observers).map(config).collect()
}

/// Runs a seed; the world tells what was seen and what was wrong.
pub(crate) fn run(seed: u64, prepare: impl Fn(&mut Config)) -> World {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let voters = *[3, 3, 3, 4, 5].choose(&mut random).expect("not empty");
    let mut configs = configs(voters, u8::from(random.gen_ratio(1, 3)));
    configs.iter_mut().for_each(prepare);
    let weather = Weather::Rough(Box::new(Xoshiro256PlusPlus::seed_from_u64(random.r#gen())));
    let mut world = World::new(configs, weather);
    world.disk_worst = *[20, 60, 300].choose(&mut random).expect("not empty");
    let servers = world.servers();
    let pause = *[60, 200, 600].choose(&mut random).expect("not empty");
    let mut wiped = false;
    let mut next_fault = 800;
    while world.now < FAULTS && world.monitor.violations.is_empty() {
        let next_proposal = world.now + random.gen_range(1..40);
        world.run_until(next_proposal);
        for server in &servers {
            if matches!(world.role(*server), Some(Role::Leading { .. })) {
                for _ in 0..random.gen_range(0..3) {
                    world.propose(*server);
                }
            }
        }
        if world.now < next_fault {
            continue;
        }
        next_fault = world.now + random.gen_range(1..pause);
        let one = *servers.choose(&mut random).expect("not empty");
        let other = *servers.choose(&mut random).expect("not empty");
        let until = world.now + random.gen_range(20..2_000);
        match random.gen_range(0..100) {
            0..20 => crash(&mut world, one, &mut random),
            20..30 => crash_while_joining(&mut world, &mut random),
            30..36 => {
                // The power of several at once.
                for server in &servers {
                    if random.gen_ratio(3, 4) {
                        crash(&mut world, *server, &mut random);
                    }
                }
            }
            36..56 if one != other => world.break_connection(one, other, 20),
            56..70 => world.block(one, other, until),
            70..82 => {
                for server in &servers {
                    world.block(one, *server, until);
                    world.block(*server, one, until);
                }
            }
            82..96 => world.take_snapshot(one),
            96.. if !wiped && one.0 <= voters && world.is_up(one) => {
                wiped = true;
                world.wipe(one, random.gen_range(5..1_500));
            }
            _ => {}
        }
    }
    if world.monitor.violations.is_empty() {
        world.heal();
        world.run_until(FAULTS + RECOVERY);
    }
    if world.monitor.violations.is_empty() {
        world.check_recovered();
    }
    world
}

fn crash(world: &mut World, server: ServerId, random: &mut Xoshiro256PlusPlus) {
    let under_way = world.writes_under_way(server);
    let survival = Survival {
        syncs: if random.gen_ratio(1, 2) { 0 } else { random.gen_range(0..=under_way) },
        log: random.gen_range(0..=under_way),
        accepted: random.r#gen(),
        current: random.r#gen(),
    };
    let notice = *[5, 50, 400].choose(random).expect("not empty");
    let restart = *[10, 100, 1_500].choose(random).expect("not empty");
    world.crash(server, survival, notice, random.gen_range(1..=restart));
}

/// Waits until some server synchronises with a leader and has something on its way to the disk, and takes its power; often
/// that of the leader, too. Such moments are short, and pure chance seldom meets them.
fn crash_while_joining(world: &mut World, random: &mut Xoshiro256PlusPlus) {
    let limit = (world.now + 600).min(FAULTS);
    loop {
        let joining = |server: &ServerId| match world.role(*server) {
            Some(Role::Joining { leader }) if world.is_sealing(*server) => Some((*server, leader)),
            _ => None,
        };
        if let Some((server, leader)) = world.servers().iter().find_map(joining) {
            for _ in 0..*[0, 0, 1, 5].choose(random).expect("not empty") {
                world.advance(limit);
            }
            crash(world, server, random);
            if random.gen_ratio(2, 3) {
                let (survival, restart) = (Survival::ALL, random.gen_range(1..2_500));
                world.crash(leader, survival, 5, restart);
            }
            return;
        }
        if !world.monitor.violations.is_empty() || !world.advance(limit) {
            return;
        }
    }
}

/// How many seeds an ordinary `cargo test` runs; `ZAB_SEEDS=FROM..TO` asks for others.
fn seeds() -> std::ops::Range<u64> {
    let Ok(range) = std::env::var("ZAB_SEEDS") else { return 0..400 };
    let (from, to) = range.split_once("..").expect("FROM..TO");
    from.parse().expect("a number")..to.parse().expect("a number")
}

#[test]
fn random_faults_break_no_property() {
    let mut seen: BTreeMap<&str, u64> = BTreeMap::new();
    for seed in seeds() {
        let world = run(seed, |_| {});
        assert!(world.monitor.violations.is_empty(), "seed {seed}: {:#?}", world.monitor.violations);
        for (what, count) in world.monitor.seen {
            *seen.entry(what).or_default() += count;
        }
    }
    println!("{seen:?}");
    for what in ["delivered", "established", "repaired", "diff", "truncate", "truncate-diff", "snapshot", "resigned"] {
        assert!(seen.get(what).is_some_and(|count| *count > 0), "vacuous: no run saw {what}; {seen:?}");
    }
}

#[test]
fn random_faults_break_no_property_of_who_hurries() {
    for seed in seeds().take(200) {
        let world = run(seed, Config::hurry);
        assert!(world.monitor.violations.is_empty(), "seed {seed}: {:#?}", world.monitor.violations);
    }
}

#[test]
fn a_seed_is_a_run() {
    for seed in 0..5 {
        let [one, other] = [0, 1].map(|_| run(seed, |_| {}));
        assert_eq!(one.monitor.order(), other.monitor.order());
        assert_eq!(one.monitor.seen, other.monitor.seen);
    }
}
