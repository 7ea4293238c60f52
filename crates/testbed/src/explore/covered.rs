//! What all runs of an exploration together have reached, and which kept schedule reached what.

use std::collections::{BTreeMap, BTreeSet};

use host::random::Stream;
use rand::Rng;
use rand::seq::SliceRandom;

use super::coverage::Feature;

/// What is known of a feature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reached {
    /// How many runs reached it.
    pub runs: u64,
    /// The place in the corpus of the schedule that did so first.
    pub entry: usize,
}

/// All features reached so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Covered {
    features: BTreeMap<Feature, Reached>,
    /// In the order in which they were reached first.
    order: Vec<Feature>,
    /// The same by their kind, to draw one without going through all.
    by_kind: BTreeMap<u64, Vec<Feature>>,
}

impl Covered {
    /// How many features were reached.
    pub fn count(&self) -> usize {
        self.order.len()
    }

    /// All features, in the order in which they were reached first.
    pub fn iter(&self) -> impl Iterator<Item = (Feature, Reached)> {
        self.order.iter().map(|feature| (*feature, self.features[feature]))
    }

    /// Takes a run's features in, and says how many were new; those are the corpus's `entry`.
    pub fn add(&mut self, features: &BTreeSet<Feature>, entry: usize) -> usize {
        let before = self.count();
        for feature in features {
            self.reach(*feature, Reached { runs: 1, entry });
        }
        self.count() - before
    }

    /// Takes in what another exploration knows of a feature.
    pub fn reach(&mut self, feature: Feature, reached: Reached) {
        match self.features.get_mut(&feature) {
            Some(known) => known.runs += reached.runs,
            None => {
                self.features.insert(feature, reached);
                self.order.push(feature);
                self.by_kind.entry(feature.kind()).or_default().push(feature);
            }
        }
    }

    /// How many of these features nobody has reached.
    pub fn new_among(&self, features: &BTreeSet<Feature>) -> usize {
        features.iter().filter(|feature| !self.features.contains_key(feature)).count()
    }

    /// The corpus's entry that reached what few runs reached: of some features of one kind, drawn at random, the rarest.
    /// Nothing if nothing was reached yet.
    ///
    /// Every kind is drawn alike. What is rare of all kinds together is chaos among servers, of which there are many
    /// sorts; elections break in calm ensembles as well.
    pub fn draw_rare(&self, random: &mut Stream) -> Option<usize> {
        const DRAWN: usize = 12;
        let kinds: Vec<&Vec<Feature>> = self.by_kind.values().collect();
        let features = kinds.choose(random)?;
        let drawn = (0..DRAWN).map(|_| &self.features[&features[random.gen_range(0..features.len())]]);
        drawn.min_by_key(|reached| reached.runs).map(|reached| reached.entry)
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    fn features(numbers: impl IntoIterator<Item = u64>) -> BTreeSet<Feature> {
        numbers.into_iter().map(Feature).collect()
    }

    #[test]
    fn what_is_new_is_counted_once() {
        let mut covered = Covered::default();
        assert_eq!(covered.add(&features(0..10), 0), 10);
        assert_eq!(covered.new_among(&features(8..12)), 2);
        assert_eq!(covered.add(&features(8..12), 1), 2);
        assert_eq!(covered.count(), 12);
        let of = |number| covered.iter().find(|(feature, _)| feature.0 == number).unwrap().1;
        assert_eq!(of(9), Reached { runs: 2, entry: 0 });
        assert_eq!(of(11), Reached { runs: 1, entry: 1 });
    }

    #[test]
    fn every_kind_is_drawn_alike() {
        let mut covered = Covered::default();
        let kind = |kind: u64, count: u64| features((0..count).map(|number| kind << 60 | number));
        covered.add(&kind(1, 500), 0);
        covered.add(&kind(2, 5), 1);
        let mut random = Stream::seed_from_u64(1);
        let few = (0..200).filter(|_| covered.draw_rare(&mut random) == Some(1)).count();
        assert!((60..140).contains(&few), "{few} of 200");
    }

    #[test]
    fn who_reached_what_is_rare_is_drawn_more_often() {
        let mut covered = Covered::default();
        for _ in 0..100 {
            covered.add(&features(0..20), 0);
        }
        covered.add(&features(20..25), 1);
        let mut random = Stream::seed_from_u64(1);
        let rare = (0..100).filter(|_| covered.draw_rare(&mut random) == Some(1)).count();
        assert!(rare > 80, "{rare} of 100");
        assert_eq!(Covered::default().draw_rare(&mut random), None);
    }
}
