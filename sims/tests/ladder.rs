//! The ladder: three attempts on one schedule, and the last of them over seeds.

mod common;

use std::collections::BTreeSet;
use std::path::Path;

use check::sometimes;
use common::{assert_caught, assert_holds, campaign};
use history::Keep;
use interregnum::schedule::{SavedRun, Schedule};
use interregnum::{Campaign, execute, same_twice};
use interregnum_sims::ladder::beside;

/// How many tasks come in.
const TASKS: u64 = 120;

const RUNGS: [&str; 3] = ["ladder/by-hand", "ladder/appointed", "ladder/elected"];

fn schedule(name: &str) -> Schedule {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("schedules").join(name);
    SavedRun::load(&file).expect("it is readable").schedule
}

/// A campaign under a committed schedule.
fn scheduled(scenario: &str, name: &str, seeds: u64) -> Campaign {
    Campaign { schedule: Some(schedule(name)), ..campaign(scenario, 0..seeds) }
}

#[test]
fn on_the_one_schedule_only_an_elected_leader_loses_nothing() {
    let campaign = scheduled("ladder/by-hand", "ladder.toml", 3);
    for seed in campaign.seeds.clone() {
        let plan = campaign.plan(seed).expect("the plan fits together");
        let beside = beside(&plan).expect("all three run").expect("it is a rung");
        let [by_hand, appointed, elected] = &beside.rungs[..] else { panic!("three rungs: {beside}") };
        for rung in [by_hand, appointed, elected] {
            assert_eq!((rung.submitted, rung.done), (TASKS, TASKS - rung.lost.count()), "{beside}");
        }
        assert!(by_hand.lost.count() > 0 && appointed.lost.count() > 0, "{beside}");
        assert_eq!(elected.lost.count(), 0, "{beside}");
        assert_eq!(by_hand.without_leader, None, "{beside}");
        assert!(elected.without_leader < appointed.without_leader, "{beside}");
        let leaders: BTreeSet<_> = elected.led.iter().map(|led| &led.node).collect();
        assert!(leaders.len() > 1 && appointed.led.iter().all(|led| led.node.as_str() == "c1"), "{beside}");
    }
}

#[test]
fn an_elected_leader_loses_nothing_under_all_faults() {
    let campaign = campaign("ladder/elected", 0..40);
    let summary = assert_holds(&campaign);
    assert_eq!(summary.runs, campaign.seeds.end - campaign.seeds.start);
    assert_eq!(summary.sometimes.of(sometimes::TASK_NOT_DONE), 0);
    assert!(summary.sometimes.of(sometimes::FORMER_LEADER_WORKED) > 0);
}

#[test]
fn without_faults_nothing_is_lost_and_nothing_is_done_twice() {
    for name in RUNGS {
        let mut campaign = campaign(name, 0..2);
        campaign.families = BTreeSet::new();
        let summary = assert_holds(&campaign);
        let points = [sometimes::TASK_SUBMITTED, sometimes::TASK_DONE, sometimes::TASK_DONE_AGAIN];
        let counted = points.map(|point| summary.sometimes.of(point));
        assert_eq!(counted, [TASKS * summary.runs, TASKS * summary.runs, 0], "{name}");
    }
}

#[test]
fn a_run_of_each_rung_is_a_function_of_its_plan() {
    for name in RUNGS {
        let campaign = campaign(name, 0..4);
        for seed in campaign.seeds.clone() {
            let plan = campaign.plan(seed).expect("the plan fits together");
            assert!(same_twice(&plan).expect("it runs").is_ok(), "{name}, seed {seed}: twice is not the same");
        }
    }
}

#[test]
fn a_leader_of_the_past_is_refused_and_a_worker_that_forgets_terms_is_caught() {
    let right = assert_holds(&scheduled("ladder/elected", "cut-off-leader.toml", 5));
    assert!(right.sometimes.of(sometimes::STALE_ASSIGNMENT_REFUSED) >= right.runs, "it does happen");
    let wrong = scheduled("zoo/work-terms", "cut-off-leader.toml", 5);
    for seed in wrong.seeds.clone() {
        let outcome = execute(&wrong.plan(seed).expect("the plan fits together"), Keep::Nothing).expect("it runs");
        let monitors: BTreeSet<_> = outcome.violations.iter().map(|violation| violation.monitor).collect();
        assert_eq!(monitors, BTreeSet::from(["assignments"]), "seed {seed}");
    }
}

#[test]
fn a_leader_that_records_too_early_is_caught() {
    assert_caught("zoo/work-record", 0..20);
}
