//! The service over seeds: whatever its clients do, under all faults.

mod common;

use std::collections::BTreeSet;

use check::sometimes;
use common::{assert_holds, campaign};
use interregnum::same_twice;

/// All seeds hold, and of each history it was decided that it is linearizable.
#[track_caller]
fn assert_linearizable(name: &str, servers: u32) {
    let mut campaign = campaign(name, 0..15);
    campaign.parameters.set("servers", &servers.to_string()).expect("so many there may be");
    let summary = assert_holds(&campaign);
    assert_eq!(summary.runs, campaign.seeds.end - campaign.seeds.start);
    assert_eq!(summary.sometimes.of(sometimes::LINEARIZABLE), summary.runs, "each is decided");
    assert!(!summary.is_vacuous(), "never reached: {:?}", summary.missed);
}

#[test]
fn registers_hold() {
    assert_linearizable("service/register", 3);
}

#[test]
fn registers_on_five_servers_hold() {
    assert_linearizable("service/register", 5);
}

#[test]
fn registers_on_a_lone_server_hold() {
    assert_linearizable("service/register", 1);
}

#[test]
fn numbers_hold() {
    assert_linearizable("service/sequence", 3);
}

#[test]
fn ephemerals_hold() {
    assert_linearizable("service/ephemeral", 3);
}

#[test]
fn watches_hold() {
    assert_linearizable("service/watch", 3);
}

#[test]
fn sessions_hold() {
    assert_linearizable("service/session", 3);
}

#[test]
fn without_faults_no_call_fails() {
    let mut campaign = campaign("service/register", 0..5);
    campaign.families = BTreeSet::new();
    let summary = assert_holds(&campaign);
    assert_eq!(summary.sometimes.of(sometimes::UNANSWERED), 0);
    assert_eq!(summary.sometimes.of(sometimes::ENSEMBLE_LEADER_CHANGED), 0);
}

#[test]
fn a_run_of_an_ensemble_is_a_function_of_its_plan() {
    for name in ["service/session", "service/watch"] {
        let campaign = campaign(name, 0..6);
        for seed in campaign.seeds.clone() {
            let plan = campaign.plan(seed).expect("the plan fits together");
            assert!(same_twice(&plan).expect("it runs").is_ok(), "{name}, seed {seed}: twice is not the same");
        }
    }
}
