//! In simulated worlds, under faults, before the monitors.

use std::sync::Arc;
use std::time::Duration;

use check::{Belief, Effect, Failover, Monitors, Order, Report, Sometimes};
use election::resource::{self, Fencing};
use election::{Docs, Lease, Strategy, candidate};
use history::{Event, Keep, Log, Phase};
use host::sim::{Options, World, simulate};
use interregnum_election as election;
use rand::Rng;

const CANDIDATES: [&str; 3] = ["c1", "c2", "c3"];
const NODES: [&str; 5] = ["zk", "vault", "c1", "c2", "c3"];

/// What a world is made of and what happens in it.
#[derive(Clone)]
struct Setting {
    candidate: candidate::Options,
    fencing: Fencing,
    faults: &'static [Fault],
    /// Whether an overlap of belief is a violation here.
    belief: bool,
    order: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    Isolate,
    Kill,
    Power,
    Pause,
    Reset,
    AckLost,
    Clock,
    Disk,
}

/// All that the documented recipe promises to bear with its belief unhurt.
const WITHOUT_PAUSE: &[Fault] =
    &[Fault::Isolate, Fault::Kill, Fault::Power, Fault::Reset, Fault::AckLost, Fault::Clock, Fault::Disk];

fn setting(strategy: impl Strategy + 'static, faults: &'static [Fault]) -> Setting {
    let candidate = candidate::Options::new(Arc::new(strategy), "zk:2181").with_resource("vault:9000");
    Setting { candidate, fencing: Fencing::Checked, faults, belief: true, order: true }
}

fn run(seed: u64, setting: Setting) -> Report {
    let monitors = Monitors::new()
        .with(Belief::promised(setting.belief))
        .with(Effect::new())
        .with(Order::promised(setting.order))
        .with(Failover::within(Duration::from_secs(40)))
        .with(Sometimes::default());
    let mut log = Log::new(Keep::Nothing);
    log.observe_with(Box::new(monitors.clone()));
    let observed = monitors.clone();
    let options = Options { seed, scheduler_seed: seed, log };
    simulate(options, move |world| async move {
        build(&world, &setting);
        supervise(&world, &setting).await;
        observed.finish(world.now());
    })
    .expect("nothing panics");
    monitors.report()
}

fn build(world: &World, setting: &Setting) {
    world.add_node("zk", || async {
        let config = server::Config { data: Some("/data".into()), ..server::Config::default() };
        if let Ok(server) = server::Server::bind(config).await {
            // A server that ends is started again.
            let _ = server.run().await;
        }
    });
    let fencing = setting.fencing;
    world.add_node("vault", move || async move {
        let address = "0.0.0.0:9000".parse().expect("an address");
        // A resource that ends is started again.
        let _ = resource::run(resource::Options { address, directory: "/vault".into(), fencing }).await;
    });
    for name in CANDIDATES {
        let options = setting.candidate.clone();
        world.add_node(name, move || {
            let options = options.clone();
            async move {
                let Err(error) = candidate::run(options).await;
                panic!("{error}");
            }
        });
    }
    let (mut exits, supervisor) = (world.exits(), world.clone());
    host::spawn(async move {
        while let Some(node) = exits.recv().await {
            supervisor.sleep(Duration::from_secs(1)).await;
            supervisor.start(&node);
        }
    });
}

/// Two minutes of faults, one at a time, then a minute of peace.
async fn supervise(world: &World, setting: &Setting) {
    let mut random = world.stream("faults");
    world.tell(Event::Phase(Phase::Safety));
    world.sleep(Duration::from_secs(10)).await;
    for _ in 0..12 {
        world.sleep(Duration::from_millis(random.gen_range(500..6000))).await;
        let node = NODES[random.gen_range(0..NODES.len())];
        let lasting = Duration::from_millis(random.gen_range(100..14_000));
        if !setting.faults.is_empty() {
            let fault = setting.faults[random.gen_range(0..setting.faults.len())];
            strike(world, fault, node, lasting, &mut random).await;
        }
    }
    world.tell(Event::Phase(Phase::Liveness));
    world.sleep(Duration::from_secs(60)).await;
}

async fn strike(world: &World, fault: Fault, node: &str, lasting: Duration, random: &mut impl Rng) {
    match fault {
        Fault::Isolate => {
            let others = NODES.into_iter().filter(|other| *other != node);
            for other in others.clone() {
                world.network().cut(node, other);
                world.network().cut(other, node);
            }
            world.sleep(lasting).await;
            for other in others {
                world.network().heal(node, other);
                world.network().heal(other, node);
            }
        }
        Fault::Kill => {
            world.kill(node);
            world.sleep(lasting).await;
            world.start(node);
        }
        Fault::Power => {
            world.power_off(node);
            world.sleep(lasting).await;
            world.power_on(node);
            world.start(node);
        }
        Fault::Pause => {
            world.pause(node);
            world.sleep(lasting).await;
            world.resume(node);
        }
        Fault::Reset => drop(world.network().reset_connections(node, "zk")),
        Fault::AckLost if CANDIDATES.contains(&node) => {
            // A candidate that starts anew creates a candidacy: its answer, or one before it, is held up and lost.
            world.kill(node);
            world.start(node);
            world.sleep(lasting / 200).await;
            world.network().cut("zk", node);
            world.sleep(Duration::from_secs(1)).await;
            world.network().reset_connections(node, "zk");
            world.network().heal("zk", node);
        }
        Fault::AckLost => {}
        Fault::Clock => {
            world.clocks().step(node, random.gen_range(-20_000_000_000..20_000_000_000));
            world.clocks().drift(node, random.gen_range(-50_000..50_000));
        }
        Fault::Disk => {
            world.disks().fill("vault");
            world.sleep(lasting).await;
            world.disks().drain("vault");
            world.disks().fail_next_syncs("vault", 1);
        }
    }
}

#[test]
fn without_faults_the_first_leader_stays() {
    let report = run(1, setting(Docs::new("/election"), &[]));
    assert!(report.is_clean(), "{:?}", report.violations());
    assert!(report.failover_times().is_empty(), "{:?}", report.failover_times());
}

#[test]
fn the_documented_recipe_keeps_its_promises() {
    let mut failovers = 0;
    for seed in 0..12 {
        let report = run(seed, setting(Docs::new("/election"), WITHOUT_PAUSE));
        assert!(report.is_clean(), "seed {seed}: {:?}", report.violations());
        failovers += report.failover_times().len();
    }
    assert!(failovers > 12, "{failovers} failovers say little");
}

#[test]
fn under_pauses_the_fence_still_holds() {
    let mut overlaps = 0;
    for seed in 0..12 {
        let mut setting = setting(Docs::new("/election"), &[Fault::Pause, Fault::Kill]);
        setting.belief = false;
        let report = run(seed, setting);
        assert!(report.is_clean(), "seed {seed}: {:?}", report.violations());
        overlaps += report.counters().of(check::sometimes::BELIEF_OVERLAPPED);
    }
    assert!(overlaps > 0, "no pause came between two leaders");
}

#[test]
fn a_lease_keeps_its_promises_while_clocks_agree() {
    for seed in 0..6 {
        let faults = &[Fault::Isolate, Fault::Kill, Fault::Reset];
        let report = run(seed, setting(Lease::new("/lease"), faults));
        assert!(report.is_clean(), "seed {seed}: {:?}", report.violations());
    }
}

#[test]
fn a_lease_breaks_its_belief_when_clocks_do_not_agree() {
    let breaks = |seed| !run(seed, setting(Lease::new("/lease"), &[Fault::Clock])).is_clean();
    assert!((0..20).any(breaks));
}

#[cfg(feature = "zoo")]
mod planted {
    use election::Mutant;

    use super::*;

    /// The first seed under which one of these monitors speaks.
    fn caught(by: &[&str], setting: &Setting) {
        let seed = (0..60).find(|seed| {
            let report = run(*seed, setting.clone());
            report.violations().iter().any(|violation| by.contains(&violation.monitor))
        });
        assert!(seed.is_some(), "not caught by {by:?}");
    }

    fn docs(mutant: Mutant, faults: &'static [Fault]) -> Setting {
        setting(Docs::new("/election").with_mutant(mutant), faults)
    }

    #[test]
    fn order_by_full_name_is_caught() {
        caught(&["single-leader/belief"], &docs(Mutant::OrdersByFullName, WITHOUT_PAUSE));
    }

    #[test]
    fn watching_the_first_is_caught() {
        caught(&["single-leader/belief"], &docs(Mutant::WatchesTheFirst, WITHOUT_PAUSE));
    }

    #[test]
    fn ignoring_a_lost_connection_is_caught() {
        caught(&["single-leader/belief"], &docs(Mutant::IgnoresDisconnected, &[Fault::Isolate]));
    }

    #[test]
    fn ignoring_the_session_is_caught() {
        caught(&["single-leader/belief"], &docs(Mutant::IgnoresSession, &[Fault::Isolate]));
    }

    #[test]
    fn creating_blindly_is_caught() {
        caught(&["failover"], &docs(Mutant::CreatesBlindly, &[Fault::AckLost]));
    }

    #[test]
    fn acting_after_the_check_is_caught_where_nobody_else_checks() {
        let mut setting = setting(Docs::new("/election"), &[Fault::Pause]);
        setting.belief = false;
        setting.fencing = Fencing::Unchecked;
        setting.candidate = setting.candidate.with_mutant(Mutant::ActsAfterCheck);
        setting.candidate.work = Duration::from_millis(300);
        caught(&["single-leader/effect"], &setting);
    }
}
