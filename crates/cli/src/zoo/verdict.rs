//! The rows of the zoo, and what they come to. Pure: it is told what was seen.

use serde::Serialize;
use serde_json::{Value, json};

/// What became of one planted bug.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// The scenario.
    pub scenario: String,
    /// What is planted.
    pub about: String,
    /// How many seeds were run.
    pub runs: u64,
    /// How it was caught, if it was.
    pub caught: Option<Caught>,
    /// The first run that was reported by a monitor which is not meant for this bug, before it was caught.
    pub wrong: Option<Report>,
    /// What became of its control.
    pub control: Control,
}

/// How a bug was caught.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Caught {
    /// By which seed.
    pub seed: u64,
    /// By which monitor.
    pub monitor: String,
    /// How many faults the schedule of that seed has.
    pub faults: usize,
    /// How many are left after leaving out what is not needed.
    pub smallest: usize,
    /// Where the small schedule was saved, if it was.
    pub file: Option<String>,
}

/// What a monitor said of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The seed.
    pub seed: u64,
    /// The monitor, or `panic`.
    pub monitor: String,
    /// What it said.
    pub message: String,
}

/// What became of a control.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Control {
    /// It stayed silent.
    Silent {
        /// What it is.
        what: String,
        /// On how many seeds.
        runs: u64,
    },
    /// A monitor spoke where nothing is wrong.
    Loud {
        /// What it is.
        what: String,
        /// What was said.
        report: Report,
    },
    /// There can be none.
    CannotBe {
        /// Why not.
        why: String,
    },
    /// There is none, and nobody says why.
    Missing,
}

impl Row {
    /// The row in one word.
    pub fn outcome(&self) -> &'static str {
        match (&self.caught, &self.wrong) {
            (Some(_), _) => "caught",
            (None, Some(_)) => "caught by the wrong monitor",
            (None, None) => "not caught",
        }
    }

    /// Why nothing that this row says counts; nothing if it does.
    fn void(&self) -> Option<String> {
        match &self.control {
            Control::Silent { .. } | Control::CannotBe { .. } => None,
            Control::Loud { what, report } => Some(format!(
                "the control of {} ({what}) is not silent: seed {}: {}: {}",
                self.scenario, report.seed, report.monitor, report.message
            )),
            Control::Missing => Some(format!("{} has no control, and does not say why", self.scenario)),
        }
    }

    /// The row as an object.
    pub fn json(&self) -> Value {
        let mut object = serde_json::to_value(self).expect("a row is plain data");
        object["outcome"] = json!(self.outcome());
        object
    }
}

/// What the table comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Every bug was caught, every control was silent, the canary was reported.
    AllCaught,
    /// The table counts, and some bugs were not caught.
    Missed {
        /// Which.
        scenarios: Vec<String>,
    },
    /// Nothing that it says counts.
    Void {
        /// Why not.
        why: Vec<String>,
    },
}

impl Verdict {
    /// The verdict on these rows.
    pub fn of(rows: &[Row], canary: &Row) -> Verdict {
        let silent_canary = match &canary.caught {
            // It fails whatever the seed: the first must do.
            Some(_) if canary.runs == 1 => None,
            Some(caught) => {
                Some(format!("the canary, which always fails, was not reported before seed {}", caught.seed))
            }
            None => Some("the canary, which always fails, was not reported".to_owned()),
        };
        let why: Vec<String> = silent_canary.into_iter().chain(rows.iter().filter_map(Row::void)).collect();
        if !why.is_empty() {
            return Verdict::Void { why };
        }
        let missed = rows.iter().filter(|row| row.caught.is_none()).map(|row| row.scenario.clone());
        match missed.collect::<Vec<_>>() {
            missed if missed.is_empty() => Verdict::AllCaught,
            scenarios => Verdict::Missed { scenarios },
        }
    }

    /// It in one word.
    pub fn name(&self) -> &'static str {
        match self {
            Verdict::AllCaught => "all caught",
            Verdict::Missed { .. } => "missed",
            Verdict::Void { .. } => "void",
        }
    }

    /// What is wrong, a line each.
    pub fn lines(&self, rows: &[Row]) -> Vec<String> {
        match self {
            Verdict::AllCaught => {
                vec![format!("all {} caught, all controls silent, the canary reported", rows.len())]
            }
            Verdict::Missed { scenarios } => {
                vec![format!("{} of {} not caught: {}", scenarios.len(), rows.len(), scenarios.join(", "))]
            }
            Verdict::Void { why } => why.iter().map(|why| format!("VOID: {why}")).collect(),
        }
    }

    /// The summary as an object.
    pub fn json(&self, rows: &[Row], canary: &Row) -> Value {
        json!({"summary": {
            "verdict": self.name(),
            "bugs": rows.len(),
            "caught": rows.iter().filter(|row| row.caught.is_some()).count(),
            "canary": canary.outcome(),
            "void": match self { Verdict::Void { why } => why.clone(), _ => Vec::new() },
        }})
    }
}

#[cfg(test)]
pub mod testing {
    use super::*;

    /// A bug that was caught by seed 3, with a silent control.
    pub fn caught(scenario: &str) -> Row {
        let caught = Caught {
            seed: 3,
            monitor: "single-leader/belief".into(),
            faults: 12,
            smallest: 1,
            file: Some(format!("schedules/{}.toml", scenario.replace('/', "-"))),
        };
        Row {
            scenario: scenario.into(),
            about: "planted: something".into(),
            runs: 4,
            caught: Some(caught),
            wrong: None,
            control: Control::Silent { what: "without the bug".into(), runs: 20 },
        }
    }

    /// The canary, reported by the first seed.
    pub fn canary() -> Row {
        Row { runs: 1, control: Control::CannotBe { why: "it is one".into() }, ..caught("zoo/canary") }
    }

    /// What a monitor says where nothing is wrong.
    pub fn report() -> Report {
        Report { seed: 2, monitor: "failover".into(), message: "no leader".into() }
    }
}

#[cfg(test)]
mod tests {
    use super::testing::{canary, caught, report};
    use super::*;

    #[test]
    fn all_caught_is_all_caught() {
        assert_eq!(Verdict::of(&[caught("zoo/A"), caught("zoo/B")], &canary()), Verdict::AllCaught);
    }

    #[test]
    fn what_another_monitor_caught_was_not_caught() {
        let wrong = Row { caught: None, wrong: Some(report()), ..caught("zoo/A") };
        assert_eq!(wrong.outcome(), "caught by the wrong monitor");
        assert_eq!(wrong.json()["outcome"], "caught by the wrong monitor");
        let verdict = Verdict::of(&[wrong, caught("zoo/B")], &canary());
        assert_eq!(verdict, Verdict::Missed { scenarios: vec!["zoo/A".into()] });
    }

    fn assert_void(rows: &[Row], canary: &Row, part: &str) {
        let verdict = Verdict::of(rows, canary);
        let Verdict::Void { why } = &verdict else { panic!("{verdict:?}") };
        assert_eq!(why.len(), 1, "{why:?}");
        assert!(why[0].contains(part), "{why:?}");
        assert_eq!(verdict.json(rows, canary)["summary"]["verdict"], "void");
        assert!(verdict.lines(rows)[0].starts_with("VOID: "));
    }

    #[test]
    fn a_control_that_speaks_makes_all_void() {
        let loud = Row { control: Control::Loud { what: "put right".into(), report: report() }, ..caught("zoo/A") };
        assert_void(&[loud, caught("zoo/B")], &canary(), "seed 2: failover: no leader");
    }

    #[test]
    fn a_bug_without_a_control_makes_all_void_unless_it_says_why() {
        assert_void(&[Row { control: Control::Missing, ..caught("zoo/A") }], &canary(), "zoo/A has no control");
        let excused = Row { control: Control::CannotBe { why: "it is all bug".into() }, ..caught("zoo/A") };
        assert_eq!(Verdict::of(&[excused], &canary()), Verdict::AllCaught);
    }

    #[test]
    fn a_silent_canary_makes_all_void_even_if_it_speaks_late() {
        assert_void(&[caught("zoo/A")], &Row { caught: None, ..canary() }, "was not reported");
        assert_void(&[caught("zoo/A")], &Row { runs: 4, ..canary() }, "before seed 3");
    }
}
