//! Clients of others, unmodified, on simulated nodes.

mod common;

use std::collections::BTreeSet;

use common::{assert_holds, campaign};
use interregnum::schedule::Family;
use interregnum::{Campaign, same_twice};

const NAME: &str = "client/zookeeper-client";

fn with(mut campaign: Campaign, settings: &[(&str, &str)]) -> Campaign {
    for (key, value) in settings {
        campaign.parameters.set(key, value).expect("it can be set");
    }
    campaign
}

#[test]
fn without_faults_it_does_all_that_it_promises() {
    for prefix in ["curator", "shared", "custom"] {
        let settings = [("prefix", prefix), ("cancels", "false"), ("judge_lasting", "true"), ("judge_state", "true")];
        let mut campaign = with(campaign(NAME, 0..2), &settings);
        campaign.families = BTreeSet::new();
        campaign.parameters.set("judge", "all").expect("it can be judged by everything");
        let summary = assert_holds(&campaign);
        assert!(!summary.is_vacuous(), "never reached: {:?}", summary.missed);
    }
}

#[test]
fn under_every_family_of_faults_what_it_is_held_to_holds() {
    for family in Family::ALL {
        let mut campaign = campaign(NAME, 0..3);
        campaign.families = BTreeSet::from([family]);
        assert_holds(&campaign);
    }
}

#[test]
fn under_all_faults_what_it_is_held_to_holds() {
    let summary = assert_holds(&campaign(NAME, 0..10));
    assert!(!summary.is_vacuous(), "never reached: {:?}", summary.missed);
}

#[test]
fn a_run_is_a_function_of_its_plan() {
    let campaign = campaign(NAME, 20..25);
    for seed in campaign.seeds.clone() {
        let plan = campaign.plan(seed).expect("the plan fits together");
        assert!(same_twice(&plan).expect("it runs").is_ok(), "seed {seed} differs from one execution to the next");
    }
}

/// What the user does wrong on purpose is caught by the monitor that it is meant for; without it the same seeds are silent.
#[track_caller]
fn assert_caught(campaign: &Campaign, bug: &str, monitor: &str) {
    assert_holds(campaign);
    let planted = with(campaign.clone(), &[("bug", bug)]);
    let mut caught = BTreeSet::new();
    let finding = planted.run(|finding| {
        caught.extend(finding.outcome.violations.iter().map(|violation| violation.monitor));
        caught.is_empty()
    });
    finding.expect("the plans fit together");
    assert_eq!(caught, BTreeSet::from([monitor]), "{bug}");
}

#[test]
fn paths_without_their_chroot_are_caught() {
    assert_caught(&campaign(NAME, 0..20), "forgets-chroot", "client/word");
}

#[test]
fn what_is_written_one_by_one_is_caught() {
    assert_caught(&campaign(NAME, 0..20), "writes-one-by-one", "client/word");
}

#[test]
fn who_leads_on_without_a_connection_is_caught() {
    let mut campaign = with(campaign(NAME, 0..20), &[("judge", "belief")]);
    campaign.families = BTreeSet::from([Family::Partition]);
    assert_caught(&campaign, "ignores-disconnection", "single-leader/belief");
}
