//! What a run complains of. Another run fails in the same way only if it complains of the same.

use std::time::Duration;

use crate::outcome::Outcome;

/// What a run complains of first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Complaint {
    /// The monitor that spoke first; `panic` if something panicked, as a saved failure has it.
    monitor: String,
    /// What all panics from the same place have in common; nothing for a monitor, whose sentence tells of nodes and times.
    panic: Option<String>,
}

impl Complaint {
    /// What came of a run, if it failed; and when.
    pub(super) fn of(outcome: &Outcome) -> Option<(Complaint, Duration)> {
        let found = outcome.found()?;
        let complaint = Complaint { monitor: found.monitor, panic: outcome.panic.as_deref().map(without_numbers) };
        Some((complaint, Duration::from_millis(found.at_ms)))
    }

    /// The monitor, or `panic`.
    pub(super) fn monitor(&self) -> &str {
        &self.monitor
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
    use super::super::testing::{broken, panicked};
    use super::*;

    fn complaint(outcome: &Outcome) -> Complaint {
        Complaint::of(outcome).expect("it failed").0
    }

    #[test]
    fn a_monitor_complains_of_the_same_whatever_its_sentence() {
        let (one, other) = (broken("failover", 7, "c1 is late"), broken("failover", 9, "c2 is late"));
        assert_eq!(complaint(&one), complaint(&other));
        assert_ne!(complaint(&one), complaint(&broken("watches", 7, "c1 is late")));
        assert_eq!(Complaint::of(&one).unwrap().1, Duration::from_secs(7));
    }

    #[test]
    fn panics_are_told_apart_by_their_words() {
        let one = panicked("index 12 is out of range for zk3");
        assert_eq!(complaint(&one), complaint(&panicked("index 7 is out of range for zk10")));
        assert_ne!(complaint(&one), complaint(&panicked("a promise was broken")));
        assert_eq!(complaint(&one).monitor(), "panic");
    }
}
