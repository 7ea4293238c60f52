//! Fewer faults: what begins after the violation has no part in it, and of the rest is left out what is not needed.

use super::trials::{Stop, Trials};
use crate::roles::Roles;
use crate::schedule::{Family, Fault, FaultKind, Lasts};

/// From so many faults on, it is too much to try all pairs.
const TOO_MANY_PAIRS: usize = 10;

/// Leaves faults out: first those that begin too late, then by delta debugging (Zeller's ddmin).
pub(super) fn leave_faults_out(trials: &mut Trials<'_>) -> Result<(), Stop> {
    let until = trials.fails_at();
    let begun: Vec<Fault> = trials.faults().iter().filter(|fault| fault.at <= until).cloned().collect();
    trials.accepts_faults(begun)?;
    leave_out(trials.faults().to_vec(), |faults| trials.accepts_faults(faults.to_vec()))?;
    Ok(())
}

/// Leaves two faults out at a time, where none can be missed alone: one may only make good for what the other does.
pub(super) fn leave_pairs_out(trials: &mut Trials<'_>) -> Result<(), Stop> {
    let (mut first, mut second) = (0, 1);
    while first < trials.faults().len() && trials.faults().len() < TOO_MANY_PAIRS {
        if second >= trials.faults().len() {
            (first, second) = (first + 1, first + 2);
            continue;
        }
        let mut faults = trials.faults().to_vec();
        faults.remove(second);
        faults.remove(first);
        match trials.accepts_faults(faults)? {
            true => (first, second) = (0, 1),
            false => second += 1,
        }
    }
    Ok(())
}

/// Lets one fault stand for two that follow each other: it begins with the first of them and ends with the second.
pub(super) fn merge_neighbours(trials: &mut Trials<'_>) -> Result<(), Stop> {
    let mut first = 0;
    while first + 1 < trials.faults().len() {
        let mut merged = false;
        for fault in merged_faults(&trials.faults()[first..first + 2], &trials.best().roles()) {
            let mut faults = trials.faults().to_vec();
            faults.splice(first..first + 2, [fault]);
            merged = trials.accepts_faults(faults)?;
            if merged {
                break;
            }
        }
        first += usize::from(!merged);
    }
    Ok(())
}

/// What may stand for two faults: each of them, as long as both; for losses of power that of all servers.
fn merged_faults(pair: &[Fault], roles: &Roles) -> Vec<Fault> {
    let (first, second) = (&pair[0], &pair[1]);
    let end = |fault: &Fault| match fault.lasts {
        Lasts::For(lasts) => Some(fault.at.saturating_add(fault.kind.ambush().map_or(lasts, |ambush| ambush.down))),
        Lasts::Forever => None,
    };
    let (Some(one), Some(other)) = (end(first), end(second)) else { return Vec::new() };
    let lasts = Lasts::For(one.max(other).saturating_sub(first.at));
    let at = first.at;
    let mut merged = Vec::new();
    let power = [Family::Power, Family::Crash];
    if power.contains(&first.kind.family()) && second.kind.family() == Family::Power && roles.is_ensemble() {
        let kind = FaultKind::Blackout { nodes: roles.servers.clone() };
        merged.push(Fault { at, lasts, kind });
    }
    let lasting = pair.iter().filter(|fault| !fault.kind.is_instant() && fault.kind.ambush().is_none());
    merged.extend(lasting.map(|fault| Fault { at, lasts, kind: fault.kind.clone() }));
    merged
}

/// Leaves items out of a list that fails while it goes on failing: first all, then half of them at a time, in the end one.
fn leave_out<T: Clone>(mut items: Vec<T>, mut fails: impl FnMut(&[T]) -> Result<bool, Stop>) -> Result<Vec<T>, Stop> {
    let mut chunk = items.len();
    while chunk >= 1 && !items.is_empty() {
        let mut any = false;
        let mut start = 0;
        while start < items.len() {
            let end = (start + chunk).min(items.len());
            let rest = [&items[..start], &items[end..]].concat();
            match fails(&rest)? {
                // What follows has moved up to `start`.
                true => (items, any) = (rest, true),
                false => start = end,
            }
        }
        // Once single items have all been tried in vain there is nothing left to leave out.
        if chunk == 1 && !any {
            break;
        }
        chunk = if chunk == 1 { 1 } else { chunk.div_ceil(2) };
    }
    Ok(items)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{fails_if, faults_at, shrunk_by};
    use super::*;

    #[test]
    fn what_is_needed_stays() {
        let mut tried = 0;
        let left = leave_out((0..40).collect(), |items: &[u32]| {
            tried += 1;
            Ok(items.contains(&7) && items.contains(&31))
        });
        assert_eq!(left.unwrap(), [7, 31]);
        assert!(tried < 60, "{tried}");
    }

    #[test]
    fn what_fails_by_itself_needs_nothing() {
        assert_eq!(leave_out(vec![1, 2, 3], |_| Ok(true)).unwrap(), Vec::<i32>::new());
        assert_eq!(leave_out(Vec::<i32>::new(), |_| Ok(true)).unwrap(), Vec::<i32>::new());
    }

    #[test]
    fn what_begins_after_the_violation_goes_at_once() {
        let plan = faults_at(0..60);
        let mut tried = Vec::new();
        let small = shrunk_by(leave_faults_out, &plan, |plan| {
            tried.push(plan.schedule.faults.len());
            // It fails at 30 s, by what happens at 30 s.
            fails_if(plan.schedule.faults.iter().any(|fault| fault.at.as_secs() == 30), 30)
        });
        assert_eq!(tried[..2], [60, 31]);
        assert_eq!(small.schedule.faults.len(), 1);
    }

    #[test]
    fn one_long_fault_stands_for_two_that_follow_each_other() {
        let plan = faults_at([1, 9]);
        // Somebody must be stalled at 2 s and at 11 s: each of the two is needed, until one does for both.
        let stalled = |plan: &crate::Plan, second: u64| {
            let at = std::time::Duration::from_secs(second);
            plan.schedule.faults.iter().any(|fault| match fault.lasts {
                Lasts::For(lasts) => (fault.at..fault.at + lasts).contains(&at),
                Lasts::Forever => true,
            })
        };
        let fails = |plan: &crate::Plan| fails_if(stalled(plan, 2) && stalled(plan, 11), 60);
        assert_eq!(shrunk_by(leave_faults_out, &plan, fails).schedule, plan.schedule);
        let merged = shrunk_by(merge_neighbours, &plan, fails).schedule.faults;
        assert_eq!((merged.len(), merged[0].at.as_secs()), (1, 1));
        assert_eq!(merged[0].lasts, Lasts::For(std::time::Duration::from_secs(11)));
    }

    #[test]
    fn two_that_cancel_each_other_go_together() {
        let plan = faults_at(0..5);
        // It fails unless just one of 1 s and 3 s is there; 2 s is needed.
        let fails = |plan: &crate::Plan| {
            let has = |second| plan.schedule.faults.iter().any(|fault| fault.at.as_secs() == second);
            fails_if(has(2) && has(1) == has(3), 90)
        };
        let alone = shrunk_by(leave_faults_out, &plan, fails);
        let together = shrunk_by(leave_pairs_out, &alone, fails);
        assert_eq!((alone.schedule.faults.len(), together.schedule.faults.len()), (3, 1));
    }
}
