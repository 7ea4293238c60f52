//! Every scenario over seeds: what is meant to hold holds, what is planted is caught.
//!
//! `MADSIM_TEST_SEED`, `MADSIM_TEST_NUM` and `MADSIM_TEST_JOBS` choose the seeds, as in any test on madsim.

use std::collections::BTreeSet;
use std::ops::Range;

use history::Keep;
use interregnum::schedule::Family;
use interregnum::{Campaign, Plan, Summary, replay, same_twice, seeds};
use interregnum_sims::CATALOGUE;

fn campaign(name: &str, default_seeds: Range<u64>) -> Campaign {
    let scenario = CATALOGUE.find(name).expect("the scenario exists");
    let (seeds, jobs) = seeds::for_test(default_seeds);
    Campaign {
        scenario,
        parameters: scenario.parameters(),
        families: BTreeSet::from(Family::ALL),
        schedule: None,
        seeds,
        jobs,
        twice: false,
        keep: Keep::Nothing,
    }
}

/// Runs all seeds and panics at the first that does not hold, with the command that shows it again.
fn assert_holds(campaign: &Campaign) -> Summary {
    let summary = campaign.run(|finding| {
        let outcome = &finding.outcome;
        let command = finding.plan.command(&campaign.families);
        assert!(
            outcome.held(),
            "seed {}: {:?} {:?}\n{command} --expect {}",
            finding.plan.seed,
            outcome.panic,
            outcome.violations,
            outcome.trace
        );
        true
    });
    summary.expect("the plans fit together")
}

/// A planted bug is caught within the default seeds, by one of the monitors that it is meant for, and the failure is
/// the same run when it is replayed from what would be saved of it.
#[track_caller]
fn assert_caught(name: &str, default_seeds: Range<u64>) {
    let campaign = campaign(name, default_seeds);
    let mut caught = None;
    campaign
        .run(|finding| {
            if !finding.outcome.held() {
                caught = Some((finding.plan.clone(), finding.outcome.clone()));
            }
            caught.is_none()
        })
        .expect("the plans fit together");
    let (plan, outcome) = caught.unwrap_or_else(|| panic!("{name} was not caught within {:?}", campaign.seeds));
    let planted = campaign.scenario.planted().expect("it is planted");
    let monitor = outcome.violations[0].monitor;
    assert!(planted.caught_by.contains(&monitor), "{name} was caught by {monitor}, not by {:?}", planted.caught_by);
    eprintln!("{name}: caught at seed {} by {monitor}", plan.seed);

    let saved = plan.to_saved(outcome.found());
    let again =
        interregnum::schedule::SavedRun::parse(&saved.to_text(), "saved.toml".as_ref()).expect("it is readable");
    let plan = Plan::from_saved(&again, "saved.toml".as_ref(), CATALOGUE).expect("it fits");
    let replay = replay(&plan, again.found.as_ref(), Keep::Nothing).expect("it runs");
    assert_eq!(replay.differences, Vec::<String>::new());
}

#[test]
fn the_documented_recipe_holds_under_all_faults() {
    let campaign = campaign("election/docs", 0..300);
    let summary = assert_holds(&campaign);
    assert_eq!(summary.runs, campaign.seeds.end - campaign.seeds.start);
    assert!(!summary.is_vacuous(), "never reached: {:?}", summary.missed);
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

#[test]
fn a14_ignored_session_is_caught() {
    assert_caught("zoo/A14", 0..200);
}

#[test]
fn a17_wrong_watch_is_caught() {
    assert_caught("zoo/A17", 0..200);
}

#[test]
fn a28_check_then_act_is_caught() {
    assert_caught("zoo/A28", 0..200);
}

#[test]
fn a29_wall_clock_lease_is_caught() {
    assert_caught("zoo/A29", 0..200);
}

#[test]
fn a30_ignored_disconnection_is_caught() {
    assert_caught("zoo/A30", 0..200);
}

#[test]
fn c14_early_expiry_is_caught() {
    assert_caught("zoo/C14", 0..200);
}

#[test]
fn c17_lost_watches_are_caught() {
    assert_caught("zoo/C17", 0..200);
}
