//! What a smaller run must still do: complain of the same as the one it came from, or reach the same point.

use std::time::Duration;

use crate::outcome::Outcome;

/// What a smaller run must still do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Goal {
    /// It complains of this first.
    Fails {
        /// The monitor that spoke; `panic` if something panicked, as a saved failure has it.
        monitor: String,
        /// What all panics from the same place have in common; nothing for a monitor, whose sentence tells of nodes and
        /// times.
        panic: Option<String>,
    },
    /// It holds, and reaches a point of interest.
    Reaches(String),
}

impl Goal {
    /// To fail as this run did, if it failed.
    pub(super) fn to_fail_as(outcome: &Outcome) -> Option<Goal> {
        let monitor = outcome.found()?.monitor;
        Some(Goal::Fails { monitor, panic: outcome.panic.as_deref().map(without_numbers) })
    }

    /// Whether this monitor is the one that spoke.
    pub(super) fn is_by(&self, name: &str) -> bool {
        matches!(self, Goal::Fails { monitor, .. } if monitor == name)
    }

    /// When a run had done it; nothing if it did not.
    pub(super) fn met_at(&self, outcome: &Outcome) -> Option<Duration> {
        match self {
            Goal::Fails { .. } => (Goal::to_fail_as(outcome).as_ref() == Some(self))
                .then(|| outcome.found().map(|found| Duration::from_millis(found.at_ms)))
                .flatten(),
            // Counters do not tell when.
            Goal::Reaches(point) => {
                (outcome.held() && outcome.sometimes.of(point) > 0).then(|| outcome.virtual_time.elapsed())
            }
        }
    }
}

/// Numbers in the message of a panic are lengths, indices, ids, names of nodes: what differs from run to run.
fn without_numbers(message: &str) -> String {
    let mut text = String::new();
    for letter in message.chars() {
        match letter.is_ascii_digit() {
            true if text.ends_with('#') => {}
            true => text.push('#'),
            false => text.push(letter),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::testing::{broken, held, panicked};
    use super::*;

    fn goal(outcome: &Outcome) -> Goal {
        Goal::to_fail_as(outcome).expect("it failed")
    }

    #[test]
    fn a_monitor_complains_of_the_same_whatever_its_sentence() {
        let goal = goal(&broken("failover", 7, "c1 is late"));
        assert_eq!(goal.met_at(&broken("failover", 9, "c2 is late")), Some(Duration::from_secs(9)));
        assert_eq!(goal.met_at(&broken("watches", 7, "c1 is late")), None);
        assert_eq!(goal.met_at(&held()), None);
        assert!(goal.is_by("failover") && !goal.is_by("watches"));
    }

    #[test]
    fn panics_are_told_apart_by_their_words() {
        let goal = goal(&panicked("index 12 is out of range for zk3"));
        assert!(goal.met_at(&panicked("index 7 is out of range for zk10")).is_some());
        assert_eq!(goal.met_at(&panicked("a promise was broken")), None);
        assert!(goal.is_by("panic"));
    }

    #[test]
    fn a_point_counts_only_in_a_run_that_holds() {
        let goal = Goal::Reaches("failover".into());
        let reaching = |mut outcome: Outcome| {
            outcome.sometimes.count("failover");
            outcome
        };
        assert!(goal.met_at(&reaching(held())).is_some());
        assert_eq!(goal.met_at(&held()), None);
        assert_eq!(goal.met_at(&reaching(broken("watches", 7, ""))), None);
    }
}
