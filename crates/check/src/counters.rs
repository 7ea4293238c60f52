//! Counters of what a run reached: they prove that a campaign which found nothing did look somewhere.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// How often each point of interest was reached, in the order of the points' names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Counters(BTreeMap<String, u64>);

impl Counters {
    /// No point reached yet.
    pub fn new() -> Counters {
        Counters::default()
    }

    /// Counts the point once more.
    pub fn count(&mut self, point: &str) {
        match self.0.get_mut(point) {
            Some(count) => *count += 1,
            None => drop(self.0.insert(point.to_owned(), 1)),
        }
    }

    /// How often the point was reached.
    pub fn of(&self, point: &str) -> u64 {
        self.0.get(point).copied().unwrap_or(0)
    }

    /// Adds the counts of another run.
    pub fn merge(&mut self, other: &Counters) {
        for (point, count) in &other.0 {
            *self.0.entry(point.clone()).or_default() += count;
        }
    }

    /// All points reached, with their counts.
    pub fn iter(&self) -> impl Iterator<Item = (&str, u64)> {
        self.0.iter().map(|(point, count)| (point.as_str(), *count))
    }
}

/// The points that a campaign must reach at least once over all of its runs: else it was vacuous.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Required(BTreeSet<String>);

impl Required {
    /// These points must be reached.
    pub fn points<P: Into<String>>(points: impl IntoIterator<Item = P>) -> Required {
        Required(points.into_iter().map(Into::into).collect())
    }

    /// One point more must be reached.
    pub fn and(mut self, point: impl Into<String>) -> Required {
        self.0.insert(point.into());
        self
    }

    /// The points that were never reached: the campaign was vacuous unless this is empty.
    pub fn missing_in(&self, counters: &Counters) -> Vec<&str> {
        self.0.iter().map(String::as_str).filter(|point| counters.of(point) == 0).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_campaign_is_vacuous_until_some_run_reaches_each_required_point() {
        let required = Required::points(["failover"]).and("leader paused");
        let (mut one, mut other) = (Counters::new(), Counters::new());
        one.count("failover");
        one.count("failover");
        other.count("leader paused");
        other.count("failover");
        assert_eq!(required.missing_in(&one), ["leader paused"]);
        one.merge(&other);
        assert_eq!(required.missing_in(&one), Vec::<&str>::new());
        assert_eq!(one.iter().collect::<Vec<_>>(), [("failover", 3), ("leader paused", 1)]);
    }
}
