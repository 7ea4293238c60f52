//! A shorter run: no longer than it takes to fail.

use std::time::Duration;

use super::nice;
use super::trials::{Stop, Trials};
use crate::plan::Plan;

/// How much time is left behind the violation when the rest is cut off for the first time: another order of events may
/// need it.
const SLACK: Duration = Duration::from_secs(20);

const LENGTH: &str = "length";

/// Cuts off most of what comes after the violation. All that is tried from then on takes less time.
pub(super) fn cut_off_the_rest(trials: &mut Trials<'_>) -> Result<(), Stop> {
    let until = trials.fails_at() + SLACK;
    if let Some(length) = lengths(trials.best()).into_iter().find(|(_, safety_ends)| *safety_ends >= until) {
        trials.accepts(with_length(trials.best(), length.0))?;
    }
    Ok(())
}

/// Makes the run as short as it can be.
pub(super) fn shorten(trials: &mut Trials<'_>) -> Result<(), Stop> {
    let last = trials.faults().last().map_or(Duration::ZERO, |fault| fault.at);
    let mut lengths = lengths(trials.best());
    lengths.retain(|(_, safety_ends)| *safety_ends > last);
    trials.simplest(&lengths, |plan, (length, _)| with_length(plan, *length))?;
    Ok(())
}

/// Shorter lengths that the scenario takes, each with the end of its safety phase.
fn lengths(plan: &Plan) -> Vec<(Duration, Duration)> {
    let mut parameters = plan.parameters.clone();
    let mut lengths = nice::durations_below(plan.length());
    lengths.retain(|length| parameters.set(LENGTH, &crate::span::show(*length)).is_ok());
    let ends = |length| with_length(plan, length).safety_ends().ok();
    lengths.into_iter().filter_map(|length| Some((length, ends(length)?))).collect()
}

/// The plan with a length that its scenario takes.
fn with_length(plan: &Plan, length: Duration) -> Plan {
    let mut plan = plan.clone();
    let set = plan.parameters.set(LENGTH, &crate::span::show(length));
    assert_eq!(set, Ok(()), "only lengths that are taken are tried");
    plan
}

#[cfg(test)]
mod tests {
    use super::super::testing::{LIVENESS, fails_if, faults_at, shrunk_by};
    use super::*;

    fn seconds(plan: &Plan) -> u64 {
        plan.length().as_secs()
    }

    #[test]
    fn the_rest_is_cut_off_with_some_slack() {
        let plan = faults_at([10]);
        let small = shrunk_by(cut_off_the_rest, &plan, |_| fails_if(true, 31));
        assert_eq!(seconds(&plan), 300);
        assert_eq!(seconds(&small), 90, "31 s, 20 s of slack, {LIVENESS} s of liveness, 5 s to settle, and round");
        let small = shrunk_by(cut_off_the_rest, &plan, |plan| fails_if(seconds(plan) > 200, 31));
        assert_eq!(seconds(&small), 300, "what no longer fails is not taken");
    }

    #[test]
    fn a_run_is_as_short_as_its_last_fault_and_its_violation_allow() {
        let plan = faults_at([10, 70]);
        let small = shrunk_by(shorten, &plan, |_| fails_if(true, 80));
        assert_eq!(seconds(&small), 120, "70 s and the liveness phase, and round");
        let small = shrunk_by(shorten, &plan, |plan| fails_if(seconds(plan) >= 170, 80));
        assert_eq!(seconds(&small), 180);
    }
}
