//! Elections over seeds.

mod common;

use std::collections::BTreeSet;

use common::{assert_caught, assert_holds, campaign};
use history::Keep;
use interregnum::{Plan, same_twice};
use interregnum_sims::CATALOGUE;

#[test]
fn the_documented_recipe_holds_under_all_faults() {
    let campaign = campaign("election/docs", 0..300);
    let summary = assert_holds(&campaign);
    assert_eq!(summary.runs, campaign.seeds.end - campaign.seeds.start);
    assert!(!summary.is_vacuous(), "never reached: {:?}", summary.missed);
}

/// Each strategy is held to what it promises, no more and no less.
#[test]
fn every_strategy_keeps_its_promises() {
    let elections = CATALOGUE.0.iter().filter(|scenario| scenario.name().starts_with("election/"));
    let mut held = 0;
    for scenario in elections.filter(|scenario| scenario.planted().is_none()) {
        assert_holds(&campaign(scenario.name(), 0..15));
        held += 1;
    }
    assert!(held > 10, "{held} elections");
}

#[test]
fn the_control_fails() {
    assert_caught("election/lease", 0..100);
}

#[test]
fn without_faults_every_strategy_elects_one_leader_for_good() {
    for scenario in CATALOGUE.0.iter().filter(|scenario| scenario.name().starts_with("election/")) {
        let mut campaign = campaign(scenario.name(), 0..3);
        campaign.families = BTreeSet::new();
        // Where nothing goes wrong everything is promised, by everybody.
        campaign.parameters.set("judge", "all").expect("elections can be judged by everything");
        assert_eq!(assert_holds(&campaign).failovers.len(), 0, "{}", scenario.name());
    }
}

#[test]
fn every_strategy_is_deterministic() {
    for scenario in CATALOGUE.0.iter().filter(|scenario| scenario.name().starts_with("election/")) {
        let campaign = campaign(scenario.name(), 7..9);
        for seed in campaign.seeds.clone() {
            let plan = campaign.plan(seed).expect("the plan fits together");
            assert!(same_twice(&plan).expect("it runs").is_ok(), "{}, seed {seed}", scenario.name());
        }
    }
}

#[test]
fn without_faults_there_is_one_leader_for_good() {
    let mut campaign = campaign("election/docs", 0..20);
    campaign.families = BTreeSet::new();
    let summary = assert_holds(&campaign);
    assert_eq!(summary.failovers.len(), 0, "nobody fails over without a fault");
}

#[test]
fn a_run_is_a_function_of_its_plan() {
    let campaign = campaign("election/docs", 0..20);
    for seed in campaign.seeds.clone() {
        let plan = campaign.plan(seed).expect("the plan fits together");
        assert!(same_twice(&plan).expect("it runs").is_ok(), "seed {seed} differs from one execution to the next");
    }
}

#[test]
fn another_scheduler_seed_is_another_run_of_the_same_schedule() {
    let campaign = campaign("election/docs", 1..2);
    let plan = campaign.plan(campaign.seeds.start).expect("the plan fits together");
    let other = Plan { scheduler_seed: plan.scheduler_seed + 1, ..plan.clone() };
    let trace = |plan: &Plan| interregnum::execute(plan, Keep::Nothing).expect("it runs").trace;
    assert_ne!(trace(&plan), trace(&other));
}
