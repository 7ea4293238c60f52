//! Every planted bug is seen by the monitors, under random faults, within a stated number of seeds.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::Mutant;
use crate::simulation::random;

/// The planted bugs, and within how many seeds each is caught: twice what it took when this was written, at least 20.
const CAUGHT_WITHIN: [(Mutant, u64); 19] = [
    (Mutant::ReusesEpoch, 1000),
    (Mutant::ClaimsDiffEarly, 1000),
    (Mutant::EntersEpochFirst, 1000),
    (Mutant::AcksNewLeaderUnsynced, 1000),
    (Mutant::LogsAfterAck, 1000),
    (Mutant::EntersEpochUnsynced, 5000),
    (Mutant::ForgetsLoggedTail, 1000),
    (Mutant::NewLeaderFirst, 1000),
    (Mutant::TruncatesTooLittle, 1000),
    (Mutant::TruncatesTooMuch, 1000),
    (Mutant::JoinsLate, 1000),
    (Mutant::SkipsEpochAcks, 1000),
    (Mutant::RefusesRepair, 1000),
    (Mutant::VotesAfterLoss, 1000),
    (Mutant::HalfIsQuorum, 1000),
    (Mutant::LeaderAcksUnsynced, 1000),
    (Mutant::AcksUnsynced, 1000),
    (Mutant::TruncatesOutstanding, 5000),
    (Mutant::InstallsPiecemeal, 5000),
];

/// What the first seed that catches the mutant says. An assertion of the core that fails is a catch as well.
fn first_catch(mutant: Mutant, seeds: u64) -> Option<(u64, String)> {
    (0..seeds).find_map(|seed| {
        let run = || random::run(seed, |config| config.plant(Some(mutant)));
        match catch_unwind(AssertUnwindSafe(run)) {
            Ok(world) => world.monitor.violations.into_iter().next().map(|violation| (seed, violation)),
            Err(panic) => {
                let message = panic.downcast_ref::<String>().cloned();
                let message = message.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string));
                Some((seed, format!("assertion: {}", message.unwrap_or_default())))
            }
        }
    })
}

#[test]
fn random_faults_catch_what_is_planted() {
    let mut missed = Vec::new();
    let only = std::env::var("ZAB_MUTANT").unwrap_or_default();
    for (mutant, seeds) in CAUGHT_WITHIN.into_iter().filter(|(mutant, _)| format!("{mutant:?}").contains(&only)) {
        match first_catch(mutant, seeds) {
            Some((seed, violation)) => println!("{mutant:?}: seed {seed}: {violation}"),
            None => missed.push(mutant),
        }
    }
    assert!(missed.is_empty(), "not caught: {missed:?}");
}
