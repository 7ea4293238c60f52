//! What people see of real runs: short in the terminal, small as a page, and in agreement with the monitors.

mod common;

use std::time::Duration;

use common::campaign;
use interregnum::schedule::SavedRun;
use interregnum::{Outcome, Plan, execute, story};
use interregnum_sims::CATALOGUE;

/// A page of five minutes must be smaller.
const LARGEST_PAGE: usize = 3 << 20;

fn five_minutes(scenario: &str, seed: u64) -> (Plan, Outcome) {
    let plan = campaign(scenario, seed..seed + 1).plan(seed).expect("it fits together");
    assert_eq!(plan.length(), Duration::from_secs(300));
    let outcome = execute(&plan, story::PAGE_KEEPS).expect("it runs");
    (plan, outcome)
}

fn told_well(plan: &Plan, outcome: &Outcome) {
    let page = story::page(plan, outcome, "cargo sim");
    assert!(page.len() < LARGEST_PAGE, "{} bytes", page.len());
    assert!(page.ends_with("</html>\n"));
    let text = story::text(plan, outcome, "cargo sim");
    assert!(text.lines().count() < 60, "{text}");
    for violation in &outcome.violations {
        assert!(text.contains(violation.monitor), "{text}");
    }
    // The story measures interregna by itself, from what it draws: they must be those of the monitor.
    let drawn = report::Story::new(&story::subject(plan, outcome, ""), &outcome.kept).interregna;
    let drawn: Vec<Duration> = drawn.iter().filter_map(report::Interregnum::length).collect();
    assert_eq!(drawn, outcome.failovers);
}

#[test]
fn five_minutes_are_a_small_page_and_a_short_text() {
    let mut failovers = 0;
    for (scenario, seeds) in [("election/docs", 0..6), ("election/lease", 0..4), ("election/selector", 0..3)] {
        for seed in seeds {
            let (plan, outcome) = five_minutes(scenario, seed);
            failovers += outcome.failovers.len();
            told_well(&plan, &outcome);
        }
    }
    assert!(failovers > 5, "there was something to measure");
}

#[test]
fn the_text_of_a_log_that_kept_the_story_is_the_text_of_one_that_kept_everything() {
    let (plan, outcome) = five_minutes("election/docs", 1);
    let story_only = execute(&plan, story::TEXT_KEEPS).expect("it runs");
    assert!(story_only.kept.len() < outcome.kept.len());
    assert_eq!(story::text(&plan, &story_only, "x"), story::text(&plan, &outcome, "x"));
}

#[test]
fn two_leaders_are_told_with_what_went_before() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/schedules/lease-two-leaders.toml");
    let saved = SavedRun::load(file.as_ref()).expect("it is kept");
    let plan = Plan::from_saved(&saved, file.as_ref(), CATALOGUE).expect("it fits");
    let outcome = execute(&plan, story::TEXT_KEEPS).expect("it runs");
    let text = story::text(&plan, &outcome, "cargo sim replay lease.toml");
    for part in [
        "election/lease, seed 9: a safety violation",
        "single-leader/belief broke at 3.023591s",
        "   1.000        fault 0, clock: step wall clock of @candidate-leader by -5000 ms (@candidate-leader",
        "c1    believes to lead under term 0x8 — so does c2 still",
        "c1 and c2 believed to lead at once from 3.024 on",
        "cargo sim replay lease.toml # trace ec8171772ac74ae2",
    ] {
        assert!(text.contains(part), "`{part}` was expected in:\n{text}");
    }
}
