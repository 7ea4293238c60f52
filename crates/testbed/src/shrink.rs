//! Making a failing schedule smaller: faults are left out as long as the same monitor speaks.
//!
//! Delta debugging (Zeller's ddmin) over whole faults, within a number of runs. What is left is small, not the smallest
//! there is: faults are neither moved nor made shorter, and other seeds are not tried.

use history::Keep;

use crate::error::UserError;
use crate::execute::execute;
use crate::outcome::Outcome;
use crate::plan::Plan;
use crate::schedule::{Fault, Schedule};

/// A plan that fails in the same way with fewer faults.
#[derive(Clone)]
pub struct Shrunk {
    /// The plan.
    pub plan: Plan,
    /// What came of it.
    pub outcome: Outcome,
    /// How many runs that took.
    pub runs: u32,
}

/// Leaves faults out of a plan for as long as `monitor` is the one that speaks first, in `runs` runs at most. Nothing if
/// it does not speak at all.
///
/// # Errors
/// If the plan does not fit together.
pub fn shrink(plan: &Plan, monitor: &str, runs: u32) -> Result<Option<Shrunk>, UserError> {
    let speaks = |outcome: &Outcome| outcome.violations.first().is_some_and(|violation| violation.monitor == monitor);
    let outcome = execute(plan, Keep::Nothing)?;
    if outcome.panic.is_some() || !speaks(&outcome) {
        return Ok(None);
    }
    // What would have begun after the violation has no part in it.
    let until = outcome.virtual_time.elapsed();
    let begun: Vec<Fault> = plan.schedule.faults.iter().filter(|fault| fault.at <= until).cloned().collect();
    let mut best = Shrunk { plan: plan.clone(), outcome, runs: 1 };
    let mut spent = 1;
    let mut mistake = None;
    let mut fails = |faults: &[Fault]| -> Option<bool> {
        if spent >= runs || mistake.is_some() {
            return None;
        }
        spent += 1;
        let smaller = Plan { schedule: Schedule { faults: faults.to_vec() }, ..plan.clone() };
        match execute(&smaller, Keep::Nothing) {
            Ok(outcome) if outcome.panic.is_none() && speaks(&outcome) => {
                best = Shrunk { plan: smaller, outcome, runs: spent };
                Some(true)
            }
            Ok(_) => Some(false),
            Err(error) => {
                mistake = Some(error);
                None
            }
        }
    };
    if fails(&begun) == Some(true) {
        leave_out(begun, &mut fails);
    }
    match mistake {
        Some(error) => Err(error),
        None => Ok(Some(Shrunk { runs: spent, ..best })),
    }
}

/// Leaves items out of a list that fails while it goes on failing: first half of them at a time, in the end one. `fails`
/// says nothing when there is no time left to try.
fn leave_out<T: Clone>(mut items: Vec<T>, mut fails: impl FnMut(&[T]) -> Option<bool>) -> Vec<T> {
    let mut chunk = items.len();
    while chunk >= 1 && !items.is_empty() {
        let mut any = false;
        let mut start = 0;
        while start < items.len() {
            let end = (start + chunk).min(items.len());
            let rest = [&items[..start], &items[end..]].concat();
            match fails(&rest) {
                // What follows has moved up to `start`.
                Some(true) => (items, any) = (rest, true),
                Some(false) => start = end,
                None => return items,
            }
        }
        // Once single items have all been tried in vain there is nothing left to leave out.
        if chunk == 1 && !any {
            break;
        }
        chunk = if chunk == 1 { 1 } else { chunk.div_ceil(2) };
    }
    items
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_needed_stays() {
        let mut tried = 0;
        let left = leave_out((0..40).collect(), |items: &[u32]| {
            tried += 1;
            Some(items.contains(&7) && items.contains(&31))
        });
        assert_eq!(left, [7, 31]);
        assert!(tried < 60, "{tried}");
    }

    #[test]
    fn what_fails_by_itself_needs_nothing() {
        assert_eq!(leave_out(vec![1, 2, 3], |_| Some(true)), Vec::<i32>::new());
        assert_eq!(leave_out(Vec::<i32>::new(), |_| Some(true)), Vec::<i32>::new());
    }

    #[test]
    fn it_ends_with_the_time_it_has() {
        let mut left = 3;
        let fails = |items: &[u32]| {
            left -= 1;
            (left >= 0).then(|| items.contains(&0))
        };
        assert!(leave_out((0..64).collect(), fails).contains(&0));
    }
}
