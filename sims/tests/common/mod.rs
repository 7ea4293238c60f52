//! Campaigns over seeds, as tests: what is meant to hold holds, what is planted is caught.
//!
//! `MADSIM_TEST_SEED`, `MADSIM_TEST_NUM` and `MADSIM_TEST_JOBS` choose the seeds, as in any test on madsim.

#![allow(dead_code, reason = "each test takes from here what it needs")]

use std::collections::BTreeSet;
use std::ops::Range;

use history::Keep;
use interregnum::schedule::Family;
use interregnum::{Campaign, Plan, Summary, replay, seeds};
use interregnum_sims::CATALOGUE;

/// A campaign of a scenario under all faults.
pub fn campaign(name: &str, default_seeds: Range<u64>) -> Campaign {
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
pub fn assert_holds(campaign: &Campaign) -> Summary {
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
pub fn assert_caught(name: &str, default_seeds: Range<u64>) {
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
