//! The first difference between two transcripts, but for those that are meant.

use std::fmt;

use super::driver::{Line, Transcript};
use super::encode::op_code;
use super::operation::{Act, Ask, Step};

/// What Apache ZooKeeper and we say differently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// After which steps; as many as there are for the end of the case.
    pub step: usize,
    /// The request whose answers differ, counted in its pipeline.
    pub ask: Option<usize>,
    /// What Apache ZooKeeper said, and what we said, from there on in this step.
    pub said: [Vec<String>; 2],
}

impl Difference {
    /// What differences of the same cause have in common, as far as can be told: the operation, and both answers without
    /// their numbers.
    #[must_use]
    pub fn kind(&self, steps: &[Step]) -> String {
        let ask = match steps.get(self.step).map(|step| &step.act) {
            Some(Act::Ask(asks)) => self.ask.and_then(|ask| asks.get(ask)),
            _ => None,
        };
        let operation = ask.map_or("nothing asked".to_owned(), |ask| op_code(ask).to_string());
        let said = self.said.each_ref().map(|lines| {
            let line = lines.first().map_or("nothing", String::as_str);
            line.chars().filter(|letter| !letter.is_ascii_digit()).collect::<String>()
        });
        format!("{operation}: {} / {}", said[0], said[1])
    }
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
        // There, an error comes with the body of an empty answer, which no client reads.
        Ask::MultiRead(_) => apache.strip_suffix(", and 9 bytes more: ffffffff01ffffffff") == Some(ours),
        _ => false,
    }
}

/// When a session ends, its znodes go in one transaction, and Apache ZooKeeper takes them in the order of a hash set.
fn sort_deletions(lines: &mut [Line]) {
    let is_one = |line: &Line| {
        ["event NodeDeleted", "event NodeChildrenChanged"].iter().any(|event| line.text.starts_with(event))
    };
    for run in lines.chunk_by_mut(|one, other| is_one(one) && is_one(other)) {
        run.sort_by(|one, other| one.text.cmp(&other.text));
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
        let has_closed = |step: &Step| matches!(&step.act, Act::Ask(asks) if asks.contains(&Ask::CloseSession));
        let (mut left, mut right) = (apache[step].clone(), ours[step].clone());
        if step == steps.len() || steps[..=step].iter().any(has_closed) {
            sort_deletions(&mut left);
            sort_deletions(&mut right);
        }
        let is_same = |left: &Line, right: &Line| {
            left == right
                || left.ask == right.ask
                    && left.ask.and_then(|ask| asks.get(ask)).is_some_and(|ask| is_meant(ask, &left.text, &right.text))
        };
        let same = left.iter().zip(&right).take_while(|(left, right)| is_same(left, right)).count();
        let rest = |lines: &[Line]| lines[same..].iter().map(|line| line.text.clone()).collect::<Vec<_>>();
        let said = [rest(&left), rest(&right)];
        let ask = left.get(same).or(right.get(same)).and_then(|line| line.ask);
        (same < left.len().max(right.len())).then_some(Difference { step, ask, said })
    })
}
