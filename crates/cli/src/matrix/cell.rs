//! A cell: one strategy under one family of faults, over many seeds. Plain data, as files keep it between invocations.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::strength::Strength;

/// What came of a strategy under the faults of a column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// The scenario.
    pub scenario: String,
    /// The named settings of the strategy, if they are not the default ones.
    pub profile: Option<String>,
    /// Whether the scenario is meant to break what it is held to: a planted bug, or a control that must fail.
    #[serde(default)]
    pub planted: bool,
    /// What may go wrong: a family, `none` or `all`.
    pub column: String,
    /// What was set for the whole matrix.
    pub settings: BTreeMap<String, String>,
    /// The seeds, as `A..B`.
    pub seeds: String,
    /// How many runs there were.
    pub runs: u64,
    /// What became of each strength.
    pub strengths: BTreeMap<Strength, Held>,
    /// Times without a leader.
    pub interregna: Interregna,
    /// What broke of what is promised whatever the strategy: the service.
    pub failures: Failures,
    /// Points that had to be reached and were not: what holds here proves nothing.
    pub missed: Vec<String>,
    /// The version of Interregnum.
    pub version: String,
}

/// Whether a strength held.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Held {
    /// Its promise in words, such as `unless pause`.
    pub promise: String,
    /// Whether it is promised under the faults of the column.
    pub promised: bool,
    /// In how many runs it broke.
    pub breaks: u64,
    /// In how many runs it broke although the faults of that very run left the promise standing.
    pub contradictions: u64,
    /// The first seed that broke it.
    pub first_seed: Option<u64>,
    /// A small schedule that breaks it, if any does.
    pub smallest: Option<Smallest>,
}

/// A schedule that breaks a strength.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Smallest {
    /// The file, from where the matrix was made.
    pub file: String,
    /// The seed it comes from.
    pub seed: u64,
    /// How many faults it has.
    pub faults: usize,
    /// How many faults the seed had made.
    pub of: usize,
}

/// Times without a leader.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Interregna {
    /// How many there were.
    pub count: u64,
    /// The median, in milliseconds.
    pub median_ms: Option<f64>,
    /// What one in a hundred exceeds.
    pub p99_ms: Option<f64>,
    /// The longest.
    pub max_ms: Option<f64>,
}

/// Runs in which a monitor spoke that is not about leaders, or something panicked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failures {
    /// How many were unsafe.
    pub safety: u64,
    /// In how many something did not happen in time.
    pub liveness: u64,
    /// How many panicked.
    pub panics: u64,
    /// The first of them.
    pub first: Option<FirstFailure>,
}

/// The first run that failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FirstFailure {
    /// Its seed.
    pub seed: u64,
    /// The monitor that spoke, or `panic`.
    pub monitor: String,
    /// What it said.
    pub message: String,
}

impl Cell {
    /// The row that it belongs to: the scenario, and the profile if there is one.
    pub fn row(&self) -> String {
        row(&self.scenario, self.profile.as_deref())
    }

    /// What became of a strength.
    pub fn held(&self, strength: Strength) -> &Held {
        self.strengths.get(&strength).expect("every cell has all strengths: it was checked when it was made or read")
    }

    /// The cell in one word: a mark for each strength. See [`MARKS`].
    pub fn marks(&self) -> String {
        Strength::ALL.into_iter().map(|strength| self.held(strength).mark(strength)).collect()
    }

    /// Whether something is wrong with it that its marks do not tell.
    pub fn remark(&self) -> Option<&'static str> {
        let Failures { safety, liveness, panics, .. } = self.failures;
        match () {
            () if safety + liveness + panics > 0 => Some("†"),
            () if !self.missed.is_empty() => Some("?"),
            () => None,
        }
    }

    /// The command that makes all of its runs again.
    pub fn command(&self, profile: &[(&str, &str)]) -> String {
        let mut words = vec!["cargo sim run".to_owned(), self.scenario.clone(), format!("--seeds {}", self.seeds)];
        let profile = profile.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        for (key, value) in self.settings.clone().into_iter().chain(profile) {
            words.push(format!("--set {key}={value}"));
        }
        if self.column != "all" {
            words.push(format!("--faults {}", self.column));
        }
        words.join(" ")
    }
}

impl Held {
    /// A letter if it broke, with `!` if it must not have; else whether it was promised.
    pub fn mark(&self, strength: Strength) -> String {
        match (self.breaks, self.contradictions, self.promised) {
            (0, _, true) => "+".to_owned(),
            (0, _, false) => "·".to_owned(),
            (_, 0, _) => strength.letter().to_string(),
            (_, _, _) => format!("{}!", strength.letter()),
        }
    }
}

/// The name of a row.
pub fn row(scenario: &str, profile: Option<&str>) -> String {
    let strategy = scenario.strip_prefix("election/").unwrap_or(scenario);
    match profile {
        Some(profile) => format!("{strategy}, {profile}"),
        None => strategy.to_owned(),
    }
}

/// What the marks mean.
pub const MARKS: &str = "B belief, E effect, O order, F failover: broke, as it may · B! and so on: broke, though promised · \
                         + promised, and held · · held, though not promised";

#[cfg(test)]
pub mod testing {
    use super::*;

    /// A cell in which the strengths of these letters broke, each in 3 of 100 runs; nothing but belief under pauses may.
    pub fn cell(scenario: &str, column: &str, broken: &str) -> Cell {
        let held = |strength: Strength| {
            let breaks = if broken.contains(strength.letter()) { 3 } else { 0 };
            let promised = strength != Strength::Belief || (column != "pause" && column != "all");
            let file = format!("matrix/{}-{column}-{strength}.toml", scenario.replace('/', "-"));
            Held {
                promise: if strength == Strength::Belief { "unless pause".into() } else { "always".into() },
                promised,
                breaks,
                contradictions: if promised { breaks } else { 0 },
                first_seed: (breaks > 0).then_some(7),
                smallest: (breaks > 0).then_some(Smallest { file, seed: 9, faults: 1, of: 12 }),
            }
        };
        Cell {
            scenario: scenario.to_owned(),
            profile: None,
            planted: false,
            column: column.to_owned(),
            settings: BTreeMap::new(),
            seeds: "0..100".to_owned(),
            runs: 100,
            strengths: Strength::ALL.into_iter().map(|strength| (strength, held(strength))).collect(),
            interregna: Interregna { count: 4, median_ms: Some(8_000.0), p99_ms: Some(12_345.6), max_ms: Some(2e4) },
            failures: Failures::default(),
            missed: Vec::new(),
            version: "0.1.0".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::testing::cell;
    use super::*;

    #[test]
    fn marks_tell_what_broke_and_whether_it_may() {
        assert_eq!(cell("election/docs", "crash", "").marks(), "++++");
        assert_eq!(cell("election/docs", "pause", "").marks(), "·+++");
        assert_eq!(cell("election/docs", "pause", "BF").marks(), "B++F!");
    }

    #[test]
    fn what_is_written_is_read_again() {
        let cell = cell("election/docs", "pause", "B");
        let line = serde_json::to_string(&cell).unwrap();
        assert_eq!(serde_json::from_str::<Cell>(&line).unwrap(), cell);
    }

    #[test]
    fn the_command_leaves_out_what_goes_without_saying() {
        let mut cell = cell("election/docs", "all", "");
        assert_eq!(cell.command(&[]), "cargo sim run election/docs --seeds 0..100");
        cell.column = "pause".to_owned();
        cell.settings.insert("candidates".into(), "3".into());
        let command =
            "cargo sim run election/docs --seeds 0..100 --set candidates=3 --set fencing=unchecked --faults pause";
        assert_eq!(cell.command(&[("fencing", "unchecked")]), command);
    }
}
