//! What a comparison comes to: medians side by side, and what guidance is worth.

use std::collections::BTreeMap;

use interregnum::explore::Strategy;
use serde_json::{Value, json};

use super::line::Line;
use crate::grid::grid;

/// Rows that need no more than this many runs at random have nothing to be guided to.
const HARD: u64 = 100;

/// All lines, by bug and strategy.
pub struct Tally {
    rows: Vec<(String, BTreeMap<Strategy, Line>)>,
}

impl Tally {
    /// The tally of these lines, in the order of the catalogue.
    pub fn of(lines: &[Line]) -> Tally {
        let mut rows: Vec<(String, BTreeMap<Strategy, Line>)> = Vec::new();
        for line in lines {
            let Ok(strategy) = line.strategy.parse() else { continue };
            match rows.iter_mut().find(|(name, _)| *name == line.scenario) {
                Some((_, row)) => {
                    row.entry(strategy).and_modify(|known| known.join(line)).or_insert_with(|| line.clone());
                }
                None => rows.push((line.scenario.clone(), BTreeMap::from([(strategy, line.clone())]))),
            }
        }
        let place = |name: &str| sims::CATALOGUE.0.iter().position(|scenario| scenario.name() == name);
        rows.sort_by_key(|(name, _)| place(name));
        Tally { rows }
    }

    /// The lines, those of a bug and a strategy joined.
    pub fn lines(&self) -> impl Iterator<Item = &Line> {
        self.rows.iter().flat_map(|(_, row)| row.values())
    }

    /// Whether no campaign of the guided strategy had all its runs and missed its bug.
    pub fn guided_missed_none(&self) -> bool {
        self.guided(Line::missed).is_empty()
    }

    /// Whether every campaign of the guided strategy found its bug.
    fn guided_found_all(&self) -> bool {
        self.guided_missed_none() && self.guided(Line::given_up).is_empty()
    }

    /// The bugs of which this is not nothing for the guided strategy, each with the number.
    fn guided(&self, count: impl Fn(&Line) -> usize) -> Vec<String> {
        let of = |(name, row): &(String, BTreeMap<Strategy, Line>)| {
            let line = row.get(&Strategy::Guided)?;
            let count = count(line);
            (count > 0).then(|| format!("{name} in {count} of {} campaigns", line.campaigns()))
        };
        self.rows.iter().filter_map(of).collect()
    }

    /// How many times fewer runs a strategy takes than random, in the geometric mean over the rows for which random takes
    /// over a hundred; and how many rows those are. A median that is not known counts as all the runs there were, which
    /// favours whoever did not find it.
    fn factor(&self, strategy: Strategy) -> Option<(f64, usize)> {
        let known = |line: &Line| line.median().unwrap_or(line.at_least() as f64);
        let factors: Vec<f64> = self
            .rows
            .iter()
            .filter_map(|(_, row)| {
                let random = known(row.get(&Strategy::Random)?);
                (random > HARD as f64).then_some(random / known(row.get(&strategy)?))
            })
            .collect();
        if factors.is_empty() {
            return None;
        }
        let mean = factors.iter().map(|factor| factor.ln()).sum::<f64>() / factors.len() as f64;
        Some((mean.exp(), factors.len()))
    }

    /// What it comes to, a line each.
    fn conclusions(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for strategy in [Strategy::Swarm, Strategy::Guided] {
            if let Some((factor, rows)) = self.factor(strategy) {
                lines.push(format!(
                    "{strategy} takes {factor:.2} times fewer runs than random, in the geometric mean over the {rows} rows for which random takes over {HARD}"
                ));
            }
        }
        if self.guided_found_all() {
            lines.push("guided found every bug in every campaign".to_owned());
        }
        let missed = ("guided missed", self.guided(Line::missed));
        let given_up = ("guided was given up at", self.guided(Line::given_up));
        for (what, bugs) in [missed, given_up] {
            if !bugs.is_empty() {
                lines.push(format!("{what} {}", bugs.join(", ")));
            }
        }
        lines
    }

    fn cells(&self) -> Vec<Vec<String>> {
        let cell = |line: Option<&Line>| match line {
            None => "-".to_owned(),
            Some(line) => {
                let median =
                    line.median().map_or_else(|| format!("> {}", line.at_least()), |median| format!("{median}"));
                match line.missed() {
                    0 => median,
                    missed => format!("{median} ({missed} of {} missed)", line.campaigns()),
                }
            }
        };
        let of = |(name, row): &(String, BTreeMap<Strategy, Line>)| {
            let mut cells = vec![name.clone()];
            cells.extend(Strategy::ALL.map(|strategy| cell(row.get(&strategy))));
            cells
        };
        self.rows.iter().map(of).collect()
    }

    /// For the terminal.
    pub fn terminal(&self) -> String {
        let mut lines = vec![vec![String::new(), "random".into(), "swarm".into(), "guided".into()]];
        lines.extend(self.cells());
        format!("{}{}", grid(&lines), self.conclusions().join("\n"))
    }

    /// The summary as an object.
    pub fn json(&self) -> Value {
        let factor = |strategy| self.factor(strategy).map(|(factor, _)| (factor * 100.0).round() / 100.0);
        json!({"summary": {
            "bugs": self.rows.len(),
            "hard": self.factor(Strategy::Guided).map_or(0, |(_, rows)| rows),
            "swarm_factor": factor(Strategy::Swarm),
            "guided_factor": factor(Strategy::Guided),
            "guided_found_all": self.guided_found_all(),
        }})
    }

    /// The document.
    pub fn markdown(&self) -> String {
        let campaigns = self.lines().map(Line::campaigns).max().unwrap_or(0);
        let most = self.lines().map(|line| line.most).max().unwrap_or(0);
        let mut text = format!(
            "# What guidance is worth\n\nRuns until each planted bug is caught by a monitor that is meant for it: the median of {campaigns} campaigns with\n\
             different seeds, of at most {most} runs each. *Random* draws every schedule alike, *swarm* with weights of its own, *guided*\n\
             changes schedules that reached something new. Random and swarm stop once the median is known, guided goes on to the end. Made\n\
             by `interregnum zoo --compare {campaigns} --runs {most}`, which can be done in parts: `--from` joins them.\n\n\
             | bug | random | swarm | guided |\n|---|---|---|---|\n"
        );
        for cells in self.cells() {
            text.push_str(&format!("| `{}` | {} |\n", cells[0], cells[1..].join(" | ")));
        }
        text.push('\n');
        for line in self.conclusions() {
            text.push_str(&format!("- {line}\n"));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(scenario: &str, strategy: Strategy, runs: &[Option<u64>]) -> Line {
        let mut line = Line::new(scenario, strategy, 1_000);
        (0..).zip(runs).for_each(|(seed, found)| line.add(seed, *found));
        line
    }

    #[test]
    fn the_factor_is_over_what_is_hard_at_random() {
        let tally = Tally::of(&[
            line("zoo/A2", Strategy::Random, &[Some(400), Some(200), Some(900)]),
            line("zoo/A2", Strategy::Guided, &[Some(100), Some(50), Some(300)]),
            line("zoo/A8", Strategy::Random, &[Some(900), None, None]),
            line("zoo/A8", Strategy::Guided, &[Some(1_000), Some(1_000), Some(1)]),
            line("zoo/A1", Strategy::Random, &[Some(3), Some(2), Some(9)]),
            line("zoo/A1", Strategy::Guided, &[Some(90), Some(90), Some(90)]),
        ]);
        let (factor, rows) = tally.factor(Strategy::Guided).unwrap();
        assert_eq!((rows, factor), (2, 2.0), "4 and 1 in the geometric mean");
        assert!(tally.guided_found_all());
        let mut given_up = line("zoo/A8", Strategy::Random, &[Some(900), Some(20)]);
        given_up.give_up(2, 912);
        assert_eq!((given_up.median(), given_up.missed()), (Some(900.0), 0));
        assert!(tally.terminal().contains("> 1000 (2 of 3 missed)"), "{}", tally.terminal());
    }

    #[test]
    fn a_miss_is_told() {
        let missed = line("zoo/A2", Strategy::Guided, &[Some(1), None]);
        let tally = Tally::of(&[missed]);
        assert!(!tally.guided_found_all());
        assert!(tally.markdown().contains("guided missed zoo/A2 in 1 of 2 campaigns"), "{}", tally.markdown());
    }

    #[test]
    fn what_was_given_up_is_neither_found_nor_missed() {
        let mut given_up = line("zoo/A2", Strategy::Guided, &[Some(30)]);
        given_up.give_up(1, 64);
        given_up.give_up(2, 64);
        let tally = Tally::of(&[line("zoo/A2", Strategy::Random, &[Some(640); 3]), given_up]);
        assert!(tally.guided_missed_none() && !tally.guided_found_all());
        assert!(tally.factor(Strategy::Guided).is_some_and(|(factor, _)| (factor - 10.0).abs() < 1e-9), "64 at least");
        let told = tally.markdown();
        assert!(
            told.contains("| > 64 |") && told.contains("guided was given up at zoo/A2 in 2 of 3 campaigns"),
            "{told}"
        );
    }
}
