//! What a run is judged by is a parameter: what breaks without being promised can be had as a violation, and replayed.

mod common;

use std::collections::BTreeSet;

use common::{assert_holds, campaign};
use history::Keep;
use interregnum::schedule::{Family, SavedRun};
use interregnum::{Campaign, Plan, execute, replay, shrink};
use interregnum_sims::CATALOGUE;

/// Elections in which processes stall: belief is not promised there, effect is.
fn under_pauses(settings: &[(&str, &str)]) -> Campaign {
    let mut campaign = campaign("election/docs", 0..12);
    campaign.families = BTreeSet::from([Family::Pause]);
    for (key, value) in settings {
        campaign.parameters.set(key, value).expect("there is such a parameter");
    }
    campaign
}

/// The first plan that fails.
fn first_failure(campaign: &Campaign) -> Option<(Plan, &'static str)> {
    let mut first = None;
    campaign
        .run(|finding| {
            let violation = finding.outcome.violations.first();
            first = violation.map(|violation| (finding.plan.clone(), violation.monitor));
            first.is_none()
        })
        .expect("the plans fit together");
    first
}

#[test]
fn what_is_not_promised_is_a_violation_to_who_asks_for_it() {
    assert_holds(&under_pauses(&[]));
    assert_holds(&under_pauses(&[("judge", "effect")]));
    let (plan, monitor) = first_failure(&under_pauses(&[("judge", "belief")])).expect("a stalled leader believes on");
    assert_eq!(monitor, "single-leader/belief");

    // A small schedule of it is a file that replays.
    let shrunk = shrink(&plan, monitor, 40).expect("it runs").expect("it fails again");
    assert!(shrunk.plan.schedule.faults.len() <= plan.schedule.faults.len() && shrunk.runs <= 40);
    let saved = SavedRun::parse(&shrunk.plan.to_saved(shrunk.outcome.found()).to_text(), "a.toml".as_ref());
    let saved = saved.expect("it is readable");
    let again = Plan::from_saved(&saved, "a.toml".as_ref(), CATALOGUE).expect("it fits");
    let replay = replay(&again, saved.found.as_ref(), Keep::Nothing).expect("it runs");
    assert_eq!(replay.differences, Vec::<String>::new());
}

#[test]
fn a_resource_that_looks_at_no_token_accepts_stale_acts() {
    let unchecked = [("fencing", "unchecked"), ("judge", "effect")];
    let (_, monitor) = first_failure(&under_pauses(&unchecked)).expect("somebody acts after a stall");
    assert_eq!(monitor, "single-leader/effect");
}

#[test]
fn what_is_judged_changes_nothing_else() {
    let trace = |judge| {
        let mut campaign = campaign("election/docs", 3..4);
        campaign.families = BTreeSet::new();
        campaign.parameters.set("judge", judge).expect("it can be judged so");
        execute(&campaign.plan(campaign.seeds.start).expect("it fits"), Keep::Nothing).expect("it runs").trace
    };
    assert_eq!(trace("nothing"), trace("all"));
}
