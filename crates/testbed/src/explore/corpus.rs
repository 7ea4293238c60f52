//! The schedules that reached something new, as seeds of others.

use host::random::Stream;
use rand::Rng;

use super::covered::Covered;
use super::mood::Lineage;
use crate::schedule::Schedule;

/// A schedule that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The number of the run that it comes from.
    pub run: u64,
    /// The seed it ran under.
    pub seed: u64,
    /// The schedule.
    pub schedule: Schedule,
    /// The mood in which it, or what it was changed from, was drawn.
    pub lineage: Lineage,
    /// How many features it reached first.
    pub new_features: usize,
}

/// All schedules that are kept, in the order in which they came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Corpus {
    entries: Vec<Entry>,
}

impl Corpus {
    /// The entries, in the order in which they came.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Keeps one more.
    pub fn push(&mut self, entry: Entry) {
        self.entries.push(entry);
    }

    /// One that is worth changing: most often who reached what is rare, now and then one of the latest, or any. Nothing
    /// while there is none.
    pub fn draw(&self, covered: &Covered, random: &mut Stream) -> Option<&Entry> {
        let count = self.entries.len();
        let any = |from: usize, random: &mut Stream| self.entries.get(random.gen_range(from..count));
        match random.gen_range(0..10) {
            _ if count == 0 => None,
            0..6 => covered.draw_rare(random).and_then(|entry| self.entries.get(entry)),
            6..9 => any(count - count.div_ceil(8), random),
            _ => any(0, random),
        }
    }
}
