//! What an exploration found broken, by what broke: a hundred runs that break the same promise are one finding.

use std::collections::BTreeMap;

use crate::outcome::{Outcome, Verdict};
use crate::plan::Plan;
use crate::schedule::SavedRun;

/// What broke: two failures of a class are most often one bug.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Class {
    /// The verdict.
    pub verdict: Verdict,
    /// The monitor that spoke first, or `panic`.
    pub monitor: String,
}

/// What was seen of a class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// How many runs failed so.
    pub runs: u64,
    /// The number of the first of them.
    pub first: u64,
    /// The first of them, as a file keeps it.
    pub saved: SavedRun,
}

/// What broke so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings(BTreeMap<Class, Seen>);

impl Findings {
    /// Takes a run in.
    pub(super) fn add(&mut self, number: u64, plan: &Plan, outcome: &Outcome) {
        let Some(found) = outcome.found() else { return };
        let class = Class { verdict: outcome.verdict(), monitor: found.monitor.clone() };
        match self.0.get_mut(&class) {
            Some(seen) => seen.runs += 1,
            None => self.put(class, Seen { runs: 1, first: number, saved: plan.to_saved(Some(found)) }),
        }
    }

    /// Takes in what was seen elsewhere: in an earlier session of the exploration, or in another shard. What came first
    /// is kept.
    pub fn put(&mut self, class: Class, seen: Seen) {
        match self.0.get_mut(&class) {
            None => drop(self.0.insert(class, seen)),
            Some(known) if known.first <= seen.first => known.runs += seen.runs,
            Some(known) => *known = Seen { runs: known.runs + seen.runs, ..seen },
        }
    }

    /// All classes, with what was seen of them.
    pub fn iter(&self) -> impl Iterator<Item = (&Class, &Seen)> {
        self.0.iter()
    }

    /// How many runs failed.
    pub fn failures(&self) -> u64 {
        self.0.values().map(|seen| seen.runs).sum()
    }

    /// The worst verdict; `ok` if nothing broke.
    pub fn verdict(&self) -> Verdict {
        let broke = |verdict| self.0.keys().any(|class| class.verdict == verdict);
        [Verdict::Panic, Verdict::Safety, Verdict::Liveness]
            .into_iter()
            .find(|verdict| broke(*verdict))
            .unwrap_or(Verdict::Ok)
    }
}
