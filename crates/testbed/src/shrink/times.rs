//! Earlier and rounder times: the gaps between faults are closed, and what can begin at a whole second does.

use std::time::Duration;

use super::nice;
use super::trials::{Stop, Trials};
use crate::plan::Plan;

/// Moves faults forward, the first of them first. What comes after a fault keeps its distance from it.
pub(super) fn move_forward(trials: &mut Trials<'_>) -> Result<(), Stop> {
    for place in 0..trials.faults().len() {
        let gap = gap_before(trials.best(), place);
        // Before the first second is over nobody has done anything yet.
        let least = Duration::from_millis(if place == 0 { 1_000 } else { 100 });
        let mut gaps = nice::durations_below(gap);
        gaps.retain(|gap| *gap >= least);
        if place > 0 && !gap.is_zero() {
            gaps.insert(0, Duration::ZERO);
        }
        let at = begin(trials.best(), place);
        let before = at.saturating_sub(gap);
        // What is round stays round: otherwise it would be made round again, and again less so.
        gaps.retain(|gap| nice::roundness(before + *gap) >= nice::roundness(at));
        trials.simplest(&gaps, |plan, gap| moved(plan, place, before + *gap, true))?;
        round(trials, place)?;
    }
    Ok(())
}

/// Times before this one and not before the earliest: as early as can be, half-way, a little.
#[cfg(any(test, feature = "proptest"))]
pub(super) fn earlier(at: Duration, earliest: Duration) -> Vec<Duration> {
    let earliest = earliest.max(Duration::from_secs(1));
    let mut times = vec![earliest];
    times.extend(nice::durations_below(at).into_iter().filter(|nice| *nice > earliest));
    times.retain(|nice| *nice < at);
    nice::far_half_and_near(&times)
}

/// Lets a fault begin at a whole second, or at least at a tenth of one.
fn round(trials: &mut Trials<'_>, place: usize) -> Result<(), Stop> {
    for at in nice::durations_around(begin(trials.best(), place)) {
        for with_those_behind in [true, false] {
            let candidate = moved(trials.best(), place, at, with_those_behind);
            if is_in_order(&candidate) && trials.accepts(candidate)? {
                return Ok(());
            }
        }
    }
    Ok(())
}

fn begin(plan: &Plan, place: usize) -> Duration {
    plan.schedule.faults[place].at
}

fn gap_before(plan: &Plan, place: usize) -> Duration {
    let before = place.checked_sub(1).map_or(Duration::ZERO, |before| begin(plan, before));
    begin(plan, place).saturating_sub(before)
}

/// The plan with a fault that begins at another time, and those behind it moved as far.
fn moved(plan: &Plan, place: usize, at: Duration, with_those_behind: bool) -> Plan {
    let mut plan = plan.clone();
    let before = begin(&plan, place);
    for fault in &mut plan.schedule.faults[place + 1..] {
        if with_those_behind {
            fault.at = (fault.at + at).saturating_sub(before);
        }
    }
    plan.schedule.faults[place].at = at;
    plan
}

/// Places mean faults while a pass goes over them: nothing may overtake.
fn is_in_order(plan: &Plan) -> bool {
    plan.schedule.faults.is_sorted_by_key(|fault| fault.at)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{fails_if, faults_at_milliseconds, shrunk_by};
    use super::*;

    fn times(plan: &Plan) -> Vec<u64> {
        plan.schedule.faults.iter().map(|fault| u64::try_from(fault.at.as_millis()).unwrap()).collect()
    }

    fn shrunk(milliseconds: &[u64], fails: impl Fn(&[u64]) -> bool) -> Vec<u64> {
        let plan = faults_at_milliseconds(milliseconds);
        times(&shrunk_by(move_forward, &plan, |plan| fails_if(fails(&times(plan)), 200)))
    }

    #[test]
    fn what_may_happen_at_any_time_happens_at_once() {
        assert_eq!(shrunk(&[41_731, 60_222, 98_765], |_| true), [1_000, 1_000, 1_000]);
    }

    #[test]
    fn a_distance_that_is_needed_stays_and_becomes_round() {
        let far_enough = |times: &[u64]| times[1] - times[0] >= 6_200;
        assert_eq!(shrunk(&[41_731, 60_222], far_enough), [1_000, 8_000]);
        let late_enough = |times: &[u64]| times[0] >= 41_700 && times[1] - times[0] == 18_491;
        assert_eq!(shrunk(&[41_731, 60_222], late_enough), [42_000, 60_491]);
    }

    #[test]
    fn nothing_overtakes() {
        let plan = faults_at_milliseconds(&[1_400, 1_450, 1_990]);
        let mut asked = 0;
        let small = shrunk_by(move_forward, &plan, |plan| {
            asked += 1;
            assert!(plan.schedule.faults.is_sorted_by_key(|fault| fault.at));
            fails_if(times(plan)[2] >= 1_900, 200)
        });
        assert_eq!(times(&small), [1_000, 1_000, 2_000]);
        assert!(asked > 5, "{asked}");
    }
}
