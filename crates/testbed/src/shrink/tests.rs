//! All passes together: what they promise whatever the plan.

use std::cell::RefCell;
use std::time::Duration;

use super::testing::{broken, fails_if, faults_at, held, panicked};
use super::*;
use crate::schedule::{FaultKind, Lasts};

fn shrunk(plan: &Plan, effort: Effort, mut oracle: impl FnMut(&Plan) -> Outcome) -> Option<Shrunk> {
    shrink_with(plan, Goal::to_fail_as, effort, &mut |plan| Ok(oracle(plan)), &mut |_| ()).expect("the oracle answers")
}

/// It takes two stalls of candidates, one of them long, and three candidates.
fn two_stalls(plan: &Plan) -> Outcome {
    let stalls = |fault: &&crate::schedule::Fault| matches!(fault.kind, FaultKind::Pause { .. });
    let long = |fault: &crate::schedule::Fault| matches!(fault.lasts, Lasts::For(lasts) if lasts.as_secs() >= 2);
    let stalls: Vec<_> = plan.schedule.faults.iter().filter(stalls).collect();
    fails_if(
        stalls.len() >= 2 && stalls.iter().any(|fault| long(fault)) && plan.parameters.count("candidates") >= 3,
        70,
    )
}

#[test]
fn many_faults_become_the_few_that_are_needed() {
    let small = shrunk(&faults_at(3..60), Effort::default(), two_stalls).unwrap();
    assert!(small.to_string().starts_with("57 faults -> 2, 3 servers -> 1, 5 candidates -> 3, 5m -> "), "{small}");
    let shown: Vec<String> = small
        .plan
        .schedule
        .faults
        .iter()
        .map(|fault| format!("{:?} {:?} {}", fault.at, fault.lasts, fault.kind))
        .collect();
    assert_eq!(shown, ["1s For(10ms) stall @candidate-leader", "1s For(2s) stall @candidate-leader"]);
}

#[test]
fn it_is_a_function_of_the_plan() {
    let trail = || {
        let mut asked = Vec::new();
        let small = shrunk(&faults_at(0..40), Effort::default(), |plan| {
            asked.push(plan.to_saved(None).to_text());
            two_stalls(plan)
        });
        (asked, small.unwrap().to_string())
    };
    assert_eq!(trail(), trail());
}

#[test]
fn no_more_runs_are_spent_than_there_are() {
    for runs in [2, 3, 10, 50] {
        let mut asked = 0;
        let small = shrunk(&faults_at(0..40), Effort::of_runs(runs), |plan| {
            asked += 1;
            two_stalls(plan)
        });
        let small = small.unwrap();
        assert_eq!((small.runs, asked), (runs, runs));
        assert!(!two_stalls(&small.plan).held(), "what is left fails, however early it ended");
    }
}

#[test]
fn only_the_same_monitor_counts() {
    // One fault alone breaks something else, and panics are something else, too.
    let oracle = |plan: &Plan| match plan.schedule.faults.len() {
        0 => panicked("no fault"),
        1 => broken("another", 1, "sooner"),
        _ => broken("monitor", 90, "as before"),
    };
    let small = shrunk(&faults_at(0..20), Effort::default(), oracle).unwrap();
    assert_eq!(small.plan.schedule.faults.len(), 2);
    assert_eq!(small.outcome.found().unwrap().monitor, "monitor");
    let panics = shrunk(&faults_at(0..20), Effort::default(), |plan| match plan.schedule.faults.len() {
        0..3 => panicked("another place"),
        many => panicked(&format!("index {many} out of range")),
    });
    assert_eq!(panics.unwrap().plan.schedule.faults.len(), 3);
}

#[test]
fn what_holds_is_not_made_smaller_nor_what_fails_by_another_monitor() {
    assert!(shrunk(&faults_at(0..9), Effort::default(), |_| held()).is_none());
    let shrunk_by = |monitor: &str| {
        let mut oracle = |_: &Plan| Ok(broken("monitor", 9, ""));
        shrink_with(&faults_at(0..9), by(monitor), Effort::of_runs(9), &mut oracle, &mut |_| ()).unwrap()
    };
    assert!(shrunk_by("another").is_none());
    assert!(shrunk_by("monitor").is_some());
}

#[test]
fn a_candidate_may_fail_under_another_scheduler_and_keeps_it() {
    // With more than one fault it fails under its own scheduler; with one only under scheduler 2.
    let oracle = |plan: &Plan| fails_if(plan.schedule.faults.len() > 1 || plan.scheduler_seed == 2, 90);
    let plan = faults_at(0..9);
    let small = shrunk(&plan, Effort::default(), oracle).unwrap();
    assert_eq!((small.plan.schedule.faults.len(), small.plan.scheduler_seed), (0, 2));
    assert_eq!(small.plan.seed, plan.seed);
    let alone = shrunk(&plan, Effort { scheduler_seeds: 1, ..Effort::default() }, oracle).unwrap();
    assert_eq!((alone.plan.schedule.faults.len(), alone.plan.scheduler_seed), (2, 7));
}

#[test]
fn nothing_is_asked_twice_and_all_that_is_asked_fits() {
    let asked = RefCell::new(std::collections::BTreeSet::new());
    let small = shrunk(&faults_at(0..30), Effort::default(), |plan| {
        assert!(plan.fits());
        let new = asked.borrow_mut().insert(plan.to_saved(None).to_text());
        // What is left is run once more at the end.
        assert!(new || !two_stalls(plan).held(), "asked twice: {}", plan.to_saved(None).to_text());
        two_stalls(plan)
    });
    let runs = small.unwrap().runs;
    assert!(runs < 500, "{runs}");
}

#[test]
fn progress_is_told_after_each_run() {
    let mut told = Vec::new();
    let mut oracle = |plan: &Plan| Ok(two_stalls(plan));
    let mut progress = |progress: &Progress| told.push(*progress);
    shrink_with(&faults_at(0..30), Goal::to_fail_as, Effort::of_runs(40), &mut oracle, &mut progress).unwrap();
    assert!(told.windows(2).all(|pair| pair[1].runs == pair[0].runs + 1 && pair[1].size.faults <= pair[0].size.faults));
    assert_eq!(told.last().unwrap().runs, 39, "the last run is for what is left");
}

#[test]
fn parameters_stay_where_they_must() {
    let mut plan = faults_at(0..3);
    plan.parameters.set("tick", "1s").unwrap();
    let fails = |_: &Plan| fails_if(true, 90);
    let tick = |effort| shrunk(&plan, effort, fails).unwrap().plan.parameters.duration("tick");
    assert_eq!(tick(Effort::default()), Duration::from_secs(2));
    assert_eq!(tick(Effort { resets_parameters: false, ..Effort::default() }), Duration::from_secs(1));
}

#[test]
fn all_but_the_faults_may_stay() {
    let plan = faults_at([1, 5, 9]);
    let effort = Effort { only_faults: true, ..Effort::default() };
    let small = shrunk(&plan, effort, |plan| fails_if(!plan.schedule.faults.is_empty(), 90)).unwrap();
    assert_eq!(small.to_string(), "3 faults -> 1 (6 runs)");
    assert_eq!(small.plan.schedule.faults, plan.schedule.faults[2..]);
}

#[test]
fn what_is_kept_for_what_it_reaches_goes_on_reaching_it() {
    let goal = |_: &Outcome| Some(Goal::Reaches("failover".into()));
    let mut oracle = |plan: &Plan| {
        let mut outcome = if plan.schedule.faults.is_empty() { broken("monitor", 9, "") } else { held() };
        outcome.sometimes.count("failover");
        Ok(outcome)
    };
    let small = shrink_with(&faults_at(0..9), goal, Effort::default(), &mut oracle, &mut |_| ()).unwrap().unwrap();
    assert_eq!(small.plan.schedule.faults.len(), 1, "without any fault it would fail");
    assert!(small.outcome.held());
}
