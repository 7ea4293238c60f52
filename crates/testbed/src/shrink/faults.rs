//! Fewer faults: what begins after the violation has no part in it, and of the rest is left out what is not needed.

use super::trials::{Stop, Trials};
use crate::schedule::Fault;

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
