//! What the campaigns of one strategy took for one bug: printed as a line, read again, joined with what others measured.

use std::collections::BTreeMap;

use interregnum::explore::Strategy;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What the campaigns of one strategy took for one bug.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    pub(super) scenario: String,
    pub(super) strategy: String,
    /// How many runs each campaign had.
    pub(super) most: u64,
    /// By the campaign's seed, how many runs it took; nothing if the bug was not found.
    runs: BTreeMap<u64, Option<u64>>,
    /// After how many runs a campaign that had not found the bug until then was given up, by its seed: the median was
    /// known, or somebody had enough. Those that are not here had all their runs.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    given_up: BTreeMap<u64, u64>,
}

impl Line {
    /// No campaign yet.
    pub fn new(scenario: &str, strategy: Strategy, most: u64) -> Line {
        let (scenario, strategy) = (scenario.to_owned(), strategy.name().to_owned());
        Line { scenario, strategy, most, runs: BTreeMap::new(), given_up: BTreeMap::new() }
    }

    /// A campaign more that has found the bug, or has had all its runs.
    pub fn add(&mut self, seed: u64, found: Option<u64>) {
        self.runs.insert(seed, found);
        self.given_up.remove(&seed);
    }

    /// A campaign more that had found nothing after so many runs, and was given up.
    pub fn give_up(&mut self, seed: u64, runs: u64) {
        self.runs.insert(seed, None);
        self.given_up.insert(seed, runs);
    }

    /// Adds what was measured elsewhere, or again: of a campaign that both have, whatever tells more.
    pub fn join(&mut self, other: &Line) {
        debug_assert_eq!((&self.scenario, &self.strategy), (&other.scenario, &other.strategy));
        let most = self.most.max(other.most);
        let other = &other.clone().of_at_most(most);
        *self = self.clone().of_at_most(most);
        for (seed, found) in &other.runs {
            let knows_as_much =
                self.runs.get(seed).is_some_and(|known| known.is_some() || self.had(*seed) >= other.had(*seed));
            match (found, other.given_up.get(seed)) {
                (Some(_), _) => self.add(*seed, *found),
                (None, _) if knows_as_much => {}
                (None, Some(runs)) => self.give_up(*seed, *runs),
                (None, None) => self.add(*seed, None),
            }
        }
    }

    /// The same among campaigns of more runs: those that had all of fewer, and found nothing, were given up after these.
    fn of_at_most(mut self, most: u64) -> Line {
        if most > self.most {
            let found_nothing = self.runs.iter().filter(|(_, found)| found.is_none());
            for (seed, _) in found_nothing {
                self.given_up.entry(*seed).or_insert(self.most);
            }
            self.most = most;
        }
        self
    }

    /// How many runs a campaign had that found nothing.
    fn had(&self, seed: u64) -> u64 {
        self.given_up.get(&seed).copied().unwrap_or(self.most)
    }

    /// How many campaigns there were.
    pub fn campaigns(&self) -> usize {
        self.runs.len()
    }

    /// It as an object.
    pub fn json(&self) -> Value {
        serde_json::to_value(self).expect("a line is plain data")
    }

    /// Reads what was printed; nothing if it is the summary.
    pub fn parse(text: &str) -> Result<Option<Line>, String> {
        let value: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if value.get("summary").is_some() {
            return Ok(None);
        }
        serde_json::from_value(value).map(Some).map_err(|error| error.to_string())
    }

    /// The median; of an even number the mean of the two in the middle. Nothing if half of the campaigns found nothing, or
    /// one was given up before it could tell.
    pub fn median(&self) -> Option<f64> {
        let mut runs: Vec<u64> = self.runs.values().map(|found| found.unwrap_or(u64::MAX)).collect();
        runs.sort_unstable();
        let middle = runs.len().checked_sub(1)? / 2;
        let (low, high) = (runs[middle], runs[runs.len() / 2]);
        (high <= self.at_least()).then(|| (low as f64 + high as f64) / 2.0)
    }

    /// How many runs every campaign had that found nothing.
    pub fn at_least(&self) -> u64 {
        self.given_up.values().copied().min().unwrap_or(self.most)
    }

    /// How many campaigns had all their runs and found nothing.
    pub fn missed(&self) -> usize {
        self.runs.values().filter(|found| found.is_none()).count() - self.given_up()
    }

    /// How many campaigns were given up before they had all their runs, and had found nothing until then.
    pub fn given_up(&self) -> usize {
        self.given_up.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What came of a campaign.
    enum Came {
        Found(u64),
        GivenUp(u64),
        Missed,
    }
    use Came::{Found, GivenUp, Missed};

    fn line(runs: &[(u64, Came)]) -> Line {
        let mut line = Line::new("zoo/A2", Strategy::Guided, 1_000);
        for (seed, came) in runs {
            match came {
                Found(runs) => line.add(*seed, Some(*runs)),
                GivenUp(runs) => line.give_up(*seed, *runs),
                Missed => line.add(*seed, None),
            }
        }
        line
    }

    #[test]
    fn parts_are_joined_by_their_seeds() {
        let mut whole = line(&[(0, Found(7)), (1, GivenUp(64))]);
        whole.join(&line(&[(2, Found(90)), (3, Missed)]));
        assert_eq!(whole, line(&[(0, Found(7)), (1, GivenUp(64)), (2, Found(90)), (3, Missed)]));
        assert_eq!((whole.given_up(), whole.missed(), whole.at_least()), (1, 1, 64));
        whole.join(&line(&[(1, Found(80))]));
        assert_eq!((whole.given_up(), whole.missed(), whole.median()), (0, 1, Some(85.0)));
    }

    #[test]
    fn the_median_is_known_if_nobody_was_given_up_before_it() {
        assert_eq!(line(&[(0, Found(7)), (1, GivenUp(64)), (2, Found(60))]).median(), Some(60.0));
        assert_eq!(line(&[(0, Found(7)), (1, GivenUp(64)), (2, Found(90))]).median(), None, "it may be 65");
        assert_eq!(line(&[(0, Found(7)), (1, Missed), (2, Found(90))]).median(), Some(90.0));
        assert_eq!(line(&[(0, Found(7)), (1, Missed)]).median(), None);
    }

    #[test]
    fn a_campaign_that_was_done_again_counts_once() {
        let mut again = line(&[(0, GivenUp(64)), (1, Found(30)), (2, GivenUp(64)), (3, Missed)]);
        again.join(&line(&[(0, Found(90)), (1, GivenUp(128)), (2, GivenUp(32)), (3, GivenUp(32))]));
        assert_eq!(again, line(&[(0, Found(90)), (1, Found(30)), (2, GivenUp(64)), (3, Missed)]), "what tells more");
        again.join(&line(&[(2, Missed)]));
        assert_eq!((again.given_up(), again.missed(), again.at_least()), (0, 2, 1_000));
    }

    #[test]
    fn among_campaigns_of_more_runs_those_of_fewer_were_given_up() {
        let longer = Line { most: 2_000, ..line(&[(0, Missed), (1, Found(1_500))]) };
        let shorter = line(&[(1, Missed), (2, Missed)]);
        for (mut one, other) in [(longer.clone(), &shorter), (shorter.clone(), &longer)] {
            one.join(other);
            assert_eq!(one, Line { most: 2_000, ..line(&[(0, Missed), (1, Found(1_500)), (2, GivenUp(1_000))]) });
        }
    }

    #[test]
    fn a_line_of_another_form_is_refused() {
        let text = r#"{"most":9,"runs":{"0":null},"scenario":"zoo/A2","stopped":3,"strategy":"guided"}"#;
        assert!(Line::parse(text).unwrap_err().contains("unknown field `stopped`"));
    }

    #[test]
    fn a_line_is_read_as_it_was_printed() {
        let line = line(&[(0, Found(3)), (1, GivenUp(64)), (2, Missed)]);
        assert_eq!(Line::parse(&line.json().to_string()), Ok(Some(line)));
        assert_eq!(Line::parse(r#"{"summary":{}}"#), Ok(None));
    }
}
