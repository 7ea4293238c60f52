//! The findings: the schedules that show them break what they are said to break, and the counter-runs hold.

use std::path::PathBuf;

use history::Keep;
use interregnum::schedule::SavedRun;
use interregnum::{Outcome, Plan, execute};
use interregnum_sims::CATALOGUE;

fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("schedules").join(name)
}

/// Runs a committed schedule, with these parameters set otherwise.
fn run(name: &str, set: &[(&str, &str)]) -> Outcome {
    run_as(None, name, set)
}

/// The same under another scenario.
fn run_as(scenario: Option<&str>, name: &str, set: &[(&str, &str)]) -> Outcome {
    let file = file(name);
    let mut saved = SavedRun::load(&file).expect("it is readable");
    saved.scenario = scenario.map_or(saved.scenario, str::to_owned);
    saved.parameters.extend(set.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
    let plan = Plan::from_saved(&saved, &file, CATALOGUE).expect("it fits");
    execute(&plan, Keep::Nothing).expect("it runs")
}

#[track_caller]
fn assert_breaks(outcome: &Outcome, monitor: &str) {
    assert_eq!(outcome.panic, None);
    let broken: Vec<&str> = outcome.violations.iter().map(|violation| violation.monitor).collect();
    assert_eq!(broken, [monitor], "{:?}", outcome.violations);
}

#[track_caller]
fn assert_holds(outcome: &Outcome) {
    assert!(outcome.held(), "{:?} {:?}", outcome.panic, outcome.violations);
}

#[test]
fn finding_1_a_connected_client_leads_on_behind_a_follower_that_is_cut_off() {
    assert_breaks(&run("finding-1.toml", &[]), "single-leader/belief");
}

#[test]
fn finding_1_a_session_that_outlasts_the_followers_patience_holds() {
    assert_holds(&run("finding-1.toml", &[("session_timeout", "20s")]));
}

#[test]
fn finding_1_fencing_helps_where_belief_does_not_hold() {
    let outcome = run_as(Some("election/docs"), "finding-1.toml", &[]);
    assert_holds(&outcome);
    assert_eq!(outcome.sometimes.of(check::sometimes::BELIEF_OVERLAPPED), 1, "two believed, and one had effect");
}

#[test]
fn finding_2_slow_answers_lengthen_a_trust_that_counts_from_their_coming() {
    assert_breaks(&run("finding-2.toml", &[]), "single-leader/belief");
}

#[test]
fn finding_2_trust_that_counts_from_the_asking_holds() {
    let outcome = run("finding-2.toml", &[("trust_since_receiving", "false")]);
    assert_holds(&outcome);
    assert_eq!(outcome.sometimes.of(check::sometimes::BELIEF_OVERLAPPED), 0);
}

#[test]
fn finding_3_curator_reports_lost_late() {
    assert_breaks(&run("finding-3.toml", &[]), "single-leader/belief");
}

#[test]
fn finding_3_a_client_that_knows_by_itself_is_late_all_the_same() {
    assert_breaks(&run("finding-3.toml", &[("expires_locally", "true")]), "single-leader/belief");
}

#[test]
fn finding_3_a_third_of_the_timeout_is_safe() {
    let outcome = run_as(Some("finding/3-safe"), "finding-3.toml", &[]);
    assert_holds(&outcome);
    assert_eq!(outcome.sometimes.of(check::sometimes::FAILOVER), 1, "and another one led");
}

#[test]
fn finding_4_a_lock_that_is_taken_back_while_it_is_made_stays() {
    assert_breaks(&run("finding-4.toml", &[]), "failover");
}

#[test]
fn finding_6_watches_that_last_are_deaf_after_a_new_connection() {
    assert_breaks(&run("finding-6.toml", &[]), "watch-order");
}

#[test]
fn finding_6_is_silent_where_they_are_not_claimed_to_last() {
    assert_holds(&run("finding-6.toml", &[("judge_lasting", "false")]));
}

#[test]
fn finding_7_a_lock_whose_making_fails_stays() {
    assert_breaks(&run("finding-7.toml", &[]), "failover");
}

#[test]
fn finding_7_a_lock_that_is_cleaned_up_otherwise_goes() {
    assert_holds(&run("finding-7.toml", &[("prefix", "custom")]));
}
