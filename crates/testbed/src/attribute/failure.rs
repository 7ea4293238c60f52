//! What a test prints when it fails: what broke, the smallest schedule found, and how to see it again.

use history::Keep;

use super::Test;
use super::kept::{Kept, keep};
use super::wishes::SCHEDULE;
use crate::campaign::{Finding, Summary};
use crate::error::UserError;
use crate::execute::execute;
use crate::outcome::{Outcome, Verdict};
use crate::plan::Plan;
use crate::scenario::Scenario;
use crate::schedule::{Fault, Lasts, SavedRun};
use crate::shrink::shrink;
use crate::span;

/// So many faults of a schedule are shown; who wants more of them reads the file.
const SHOWN: usize = 20;

/// A test that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    /// In one line.
    pub(super) headline: String,
    /// All that is to be said.
    pub(super) text: String,
}

impl Failure {
    /// A run broke something: makes its schedule small, keeps it, and tells all.
    ///
    /// # Errors
    /// If a plan does not fit together.
    pub(super) fn broken(test: &Test, finding: &Finding) -> Result<Failure, UserError> {
        let Finding { plan, outcome, .. } = finding;
        let monitor = outcome.found().map(|found| found.monitor).unwrap_or_default();
        let shrunk = match test.shrink {
            0 => None,
            runs => shrink(plan, &monitor, runs)?,
        };
        let (smallest, expected, runs) = match &shrunk {
            Some(shrunk) => (&shrunk.plan, &shrunk.outcome, Some(shrunk.runs)),
            None => (plan, outcome, None),
        };
        let told = execute(smallest, Keep::Story)?;
        let mut text = Text::default();
        text.what_broke(test, smallest, &told);
        text.schedule(plan, smallest, runs);
        text.story(smallest, &told);
        if !told.same_run(expected) {
            text.line("This run was another one when it was executed again: the code under test is not deterministic.");
        }
        let kept = keep(test, &smallest.to_saved(told.found()));
        text.how_to_see_it_again(test, plan, outcome, kept);
        Ok(Failure { headline: headline(test, plan.seed, outcome), text: text.0 })
    }

    /// A kept schedule broke something once more, or something else.
    pub(super) fn replayed(test: &Test, plan: &Plan, file: &str, outcome: &Outcome, differences: &[String]) -> Failure {
        let mut text = Text::default();
        text.what_broke(test, plan, outcome);
        text.schedule(plan, plan, None);
        text.story(plan, outcome);
        text.differences(differences);
        text.line(&provenance(outcome));
        text.line(&format!("{SCHEDULE}={file} {}", command(test)));
        Failure { headline: headline(test, plan.seed, outcome), text: text.0 }
    }

    /// Two executions of one run were different ones.
    pub(super) fn not_deterministic(test: &Test, seed: u64) -> Failure {
        let headline = format!("`{}` is not deterministic under seed {seed}", test.name());
        let mut text = Text::default();
        text.line(&format!("{headline}: the run was another one when it was executed a second time."));
        text.line(
            "Something in it comes from outside of the simulation: the order of a `HashMap`, a thread, a static,",
        );
        text.line("the real clock, the real network. The page `determinism` of the documentation names the suspects.");
        text.line(&format!("MADSIM_TEST_CHECK_DETERMINISM=1 MADSIM_TEST_SEED={seed} {}", command(test)));
        Failure { headline, text: text.0 }
    }

    /// Everything held, and nothing was reached.
    pub(super) fn vacuous(test: &Test, summary: &Summary, missed: &[&str]) -> Failure {
        let headline =
            format!("`{}` is vacuous: in {} runs never {}", test.name(), summary.runs, missed.join(", never "));
        let mut text = Text::default();
        text.line(&format!("{headline}."));
        text.line(
            "What is to be checked must be told: leadership by `node.lead(token)` or a `tracing` event of target",
        );
        text.line(
            "`leadership`, acts by a `vault` or `node.accepted(…)`. Or it never happened: are the runs long enough?",
        );
        Failure { headline, text: text.0 }
    }
}

/// A text that grows.
#[derive(Default)]
struct Text(String);

impl Text {
    fn line(&mut self, line: &str) {
        self.0.push_str(line);
        self.0.push('\n');
    }

    fn what_broke(&mut self, test: &Test, plan: &Plan, outcome: &Outcome) {
        let (name, seed) = (test.name(), plan.seed);
        match (&outcome.panic, outcome.violations.first()) {
            (Some(message), _) => {
                // When, nobody has noted: a panic leaves no world to ask.
                self.line(&format!("`{name}` panicked under seed {seed}:"));
                self.line(&format!("  {message}"));
            }
            (None, Some(violation)) => {
                self.line(&format!("{} broke at {}, in `{name}` under seed {seed}:", violation.monitor, violation.at));
                self.line(&format!("  {}", violation.message));
            }
            (None, None) => self.line(&format!("`{name}` failed once, and not again, under seed {seed}")),
        }
    }

    fn schedule(&mut self, before: &Plan, smallest: &Plan, runs: Option<u32>) {
        let (before, after) = (before.schedule.faults.len(), smallest.schedule.faults.len());
        match runs {
            Some(runs) => self.line(&format!("{} -> {after}, in {runs} runs:", count(before))),
            None if after == 0 => self.line("without any fault"),
            None => self.line(&format!("{}:", count(after))),
        }
        smallest.schedule.faults.iter().take(SHOWN).for_each(|fault| self.line(&format!("  {}", words(fault))));
        if after > SHOWN {
            self.line(&format!("  … and {} more, all of them in its file", after - SHOWN));
        }
        for (key, value) in smallest.parameters.changed_from(&smallest.scenario.parameters()) {
            self.line(&format!("  with {key} = {value}"));
        }
    }

    /// The story of the run, as `interregnum report --text` tells it, but for its last line: how to see a test again is
    /// said below.
    fn story(&mut self, plan: &Plan, outcome: &Outcome) {
        // Of a run that panicked nothing is kept.
        if outcome.kept.is_empty() {
            return;
        }
        let told = crate::story::text(plan, outcome, "");
        let lines: Vec<&str> = told.trim_end().lines().collect();
        self.line("");
        lines[..lines.len() - 1].iter().for_each(|line| self.line(line));
        self.line("");
    }

    fn differences(&mut self, differences: &[String]) {
        differences.iter().for_each(|difference| self.line(&format!("differs from what was kept: {difference}")));
    }

    fn how_to_see_it_again(&mut self, test: &Test, plan: &Plan, outcome: &Outcome, kept: Result<Kept, UserError>) {
        match kept {
            Ok(Kept { file, in_place_of_another }) => {
                let in_place = if in_place_of_another { ", in place of another" } else { "" };
                self.line(&format!("This schedule is kept{in_place}; it alone again:"));
                self.line(&format!("  {SCHEDULE}={file} {}", command(test)));
            }
            Err(error) => self.line(&format!("This schedule could not be kept: {error}")),
        }
        self.line(&format!("The run as its seed makes it ({}):", provenance(outcome)));
        self.line(&format!("  MADSIM_TEST_SEED={} {}", plan.seed, command(test)));
    }
}

fn headline(test: &Test, seed: u64, outcome: &Outcome) -> String {
    let name = test.name();
    match (outcome.verdict(), outcome.violations.first()) {
        (Verdict::Panic, _) => format!("`{name}` panicked under seed {seed}"),
        (_, Some(violation)) => format!("{} broke in `{name}` under seed {seed}", violation.monitor),
        (_, None) => unreachable!("only what failed has a headline"),
    }
}

/// What the run was a function of.
fn provenance(outcome: &Outcome) -> String {
    // Of a run that panicked nobody has the trace.
    let trace = if outcome.panic.is_none() { format!("trace {}, ", outcome.trace) } else { String::new() };
    format!("{trace}interregnum {}, {}", crate::VERSION, crate::RUSTC)
}

/// How to run this test and no other.
fn command(test: &Test) -> String {
    let features = match test.package.features {
        [] => String::new(),
        features => format!("--features {} ", features.join(",")),
    };
    format!("cargo test -p {} {features}{} -- --exact", test.package.name, test.name())
}

fn count(faults: usize) -> String {
    if faults == 1 { "1 fault".to_owned() } else { format!("{faults} faults") }
}

/// A fault in one line.
fn words(fault: &Fault) -> String {
    let at = span::show(fault.at);
    match fault.lasts {
        _ if fault.kind.is_instant() => format!("at {at}: {}", fault.kind),
        Lasts::For(lasts) => format!("at {at} for {}: {}", span::show(lasts), fault.kind),
        Lasts::Forever => format!("at {at} for ever: {}", fault.kind),
    }
}

/// What a replay that broke nothing says.
pub(super) fn no_longer(saved: &SavedRun, file: &str, differences: &[String]) -> String {
    match &saved.found {
        Some(_) => format!("{file}: {}", differences.join("; ")),
        None => format!("{file}: everything held"),
    }
}
