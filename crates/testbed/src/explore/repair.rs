//! What came out of a change is made into a schedule that a run accepts.
//!
//! Changes know nothing of each other and little of the rules; here whatever breaks a rule is left out.

use std::time::Duration;

use crate::roles::Roles;
use crate::schedule::{Fault, Lasts, Schedule};

/// More faults than this make a run slow and its story long, and shrink to the same few.
const MOST: usize = 400;

/// Puts faults in order and leaves out those that a schedule may not have.
pub(super) fn repair(mut faults: Vec<Fault>, roles: &Roles, end: Duration) -> Schedule {
    for fault in &mut faults {
        if fault.kind.is_instant() {
            fault.lasts = Lasts::For(Duration::ZERO);
        }
    }
    faults.retain(|fault| fault.at < end);
    faults.sort_by_key(|fault| fault.at);
    faults.truncate(MOST);
    let mut schedule = Schedule::new(faults);
    while let Err((place, _)) = schedule.validate(roles, end) {
        schedule.faults.remove(place);
    }
    schedule
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parameters::Parameters;
    use crate::schedule::FaultKind;

    #[test]
    fn what_breaks_a_rule_goes_and_the_rest_stays() {
        let roles = Roles::election(&Parameters::standard());
        let (end, lasts) = (Duration::from_secs(100), Lasts::For(Duration::from_secs(1)));
        let fault = |at, kind| Fault { at: Duration::from_secs(at), lasts, kind };
        let kill = |node: &str| FaultKind::Kill { node: node.into() };
        let wipe = |node: &str| FaultKind::Wipe { node: node.into() };
        let faults = vec![
            fault(9, wipe("zk2")),
            fault(3, wipe("zk1")),
            fault(200, kill("c1")),
            fault(1, kill("nobody")),
            fault(2, kill("c1")),
        ];
        let schedule = repair(faults, &roles, end);
        let times: Vec<u64> = schedule.faults.iter().map(|fault| fault.at.as_secs()).collect();
        assert_eq!(times, [2, 3]);
        assert_eq!(schedule.validate(&roles, end), Ok(()));
    }
}
