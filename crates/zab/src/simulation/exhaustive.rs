//! A small world, completely: three servers, a few transactions, one delay for everything, and a crash at every step.
//!
//! With equal delays a run is one sequence of events. The crash is put after each of them, on each server, with each kind
//! of survival, with an early and a late return; then once more with a second crash of any server after each of the
//! events that follow the first. What is enumerated is all of that, not all interleavings of messages: those are left to
//! chance in [`random`](super::random).

use crate::simulation::disk::Survival;
use crate::simulation::random::configs;
use crate::simulation::world::{Weather, World};
use crate::{Config, ServerId};

/// Until when crashes are put into the run, and until when it must have recovered: milliseconds.
const CRASHES_UNTIL: u64 = 420;
const RECOVERED_BY: u64 = 8_000;

/// One crash.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Crash {
    /// After how many events since the former crash, or since the beginning.
    after: usize,
    server: ServerId,
    survival: Survival,
    restart: u64,
}

/// What may survive: nothing, everything, each of the three files alone, and an even mixture.
pub(crate) const SURVIVALS: [Survival; 6] = [
    Survival::NOTHING,
    Survival::ALL,
    Survival { log: usize::MAX, ..Survival::NOTHING },
    Survival { accepted: true, ..Survival::NOTHING },
    Survival { current: true, ..Survival::NOTHING },
    Survival { syncs: 1, log: 1, accepted: true, current: true },
];

/// Runs the small world with these crashes. `None` if the run was over before the last of them.
pub(crate) fn run(crashes: &[Crash], prepare: impl Fn(&mut Config)) -> Option<World> {
    let mut configs = configs(3, 0);
    configs.iter_mut().for_each(prepare);
    let mut world = World::new(configs, Weather::Calm);
    let mut proposed = 0;
    for crash in crashes {
        for _ in 0..crash.after {
            step(&mut world, &mut proposed)?;
        }
        world.crash(crash.server, crash.survival, 5, crash.restart);
    }
    while world.monitor.violations.is_empty() && step(&mut world, &mut proposed).is_some() {}
    if world.monitor.violations.is_empty() {
        world.heal();
        world.run_until(RECOVERED_BY);
    }
    if world.monitor.violations.is_empty() {
        world.check_recovered();
    }
    Some(world)
}

/// One event, and a proposal to whoever leads, up to six of them.
fn step(world: &mut World, proposed: &mut usize) -> Option<()> {
    if !world.advance(CRASHES_UNTIL) {
        return None;
    }
    if *proposed < 6
        && let Some(leader) = world.leader()
    {
        *proposed += 1;
        world.propose(leader);
    }
    Some(())
}

/// All single crashes, `stride` events apart.
pub(crate) fn single_crashes(stride: usize) -> impl Iterator<Item = Vec<Crash>> {
    every_crash(stride).map(|crash| vec![crash])
}

fn every_crash(stride: usize) -> impl Iterator<Item = Crash> {
    (0..400).step_by(stride).flat_map(|after| {
        [1, 2, 3].map(ServerId).into_iter().flat_map(move |server| {
            SURVIVALS.into_iter().flat_map(move |survival| {
                [3, 120].into_iter().map(move |restart| Crash { after, server, survival, restart })
            })
        })
    })
}

/// Pairs of crashes: the first `stride` events apart, the second soon after the first.
pub(crate) fn double_crashes(stride: usize, second_stride: usize) -> impl Iterator<Item = Vec<Crash>> {
    every_crash(stride).filter(|first| first.restart == 120).flat_map(move |first| {
        (0..160).step_by(second_stride).flat_map(move |after| {
            [1, 2, 3].map(ServerId).into_iter().filter(move |server| *server != first.server).flat_map(move |server| {
                [Survival::NOTHING, Survival::ALL]
                    .into_iter()
                    .map(move |survival| vec![first, Crash { after, server, survival, restart: 10 }])
            })
        })
    })
}

fn holds(worlds: impl Iterator<Item = Vec<Crash>>, at_least: usize) {
    let mut count = 0;
    for crashes in worlds {
        let Some(world) = run(&crashes, |_| {}) else { continue };
        assert!(world.monitor.violations.is_empty(), "{crashes:#?}: {:#?}", world.monitor.violations);
        count += 1;
    }
    println!("{count} worlds");
    assert!(count >= at_least, "only {count} worlds: the enumeration has lost its way");
}

#[test]
fn no_single_crash_breaks_a_property() {
    holds(single_crashes(1), 4_500);
}

#[test]
fn no_pair_of_crashes_breaks_a_property() {
    holds(double_crashes(11, 17), 3_000);
}
