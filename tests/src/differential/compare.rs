//! The first difference between two transcripts, but for those that are meant.

use std::fmt;

use super::driver::{Line, Transcript};
use super::operation::{Act, Ask, Step};

/// What Apache ZooKeeper and we say differently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// After which steps; as many as there are for the end of the case.
    pub step: usize,
    /// What Apache ZooKeeper said, and what we said, from there on in this step.
    pub said: [Vec<String>; 2],
}

impl fmt::Display for Difference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "at step {}:", self.step)?;
        for (who, lines) in ["Apache ZooKeeper", "Interregnum"].into_iter().zip(&self.said) {
            for line in lines {
                writeln!(formatter, "  {who:16}  {line}")?;
            }
        }
        Ok(())
    }
}

/// A difference that is meant: it is listed, with its reason, in `docs/compatibility-differences.md`.
#[must_use]
pub fn is_meant(ask: &Ask, apache: &str, ours: &str) -> bool {
    match ask {
        // Apache ZooKeeper looks at the watches of all connections, we at those of the one that asks.
        Ask::CheckWatches { .. } => apache.ends_with(": done") && ours.contains(": NoWatcher"),
        _ => false,
    }
}

/// The first difference that is not meant.
#[must_use]
pub fn difference(steps: &[Step], apache: &Transcript, ours: &Transcript) -> Option<Difference> {
    assert_eq!(apache.len(), ours.len(), "both have done all steps");
    (0..apache.len()).find_map(|step| {
        let asks: &[Ask] = match steps.get(step).map(|step| &step.act) {
            Some(Act::Ask(asks)) => asks,
            _ => &[],
        };
        let (left, right) = (&apache[step], &ours[step]);
        let is_same = |left: &Line, right: &Line| {
            left == right
                || left.ask == right.ask
                    && left.ask.and_then(|ask| asks.get(ask)).is_some_and(|ask| is_meant(ask, &left.text, &right.text))
        };
        let same = left.iter().zip(right).take_while(|(left, right)| is_same(left, right)).count();
        let rest = |lines: &[Line]| lines[same..].iter().map(|line| line.text.clone()).collect::<Vec<_>>();
        let said = [rest(left), rest(right)];
        (same < left.len().max(right.len())).then_some(Difference { step, said })
    })
}
