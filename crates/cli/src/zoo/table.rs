//! The zoo for people: on the terminal, and as a document.

use std::path::Path;

use super::verdict::{Control, Row, Verdict};
use crate::grid::grid;
use crate::matrix::link;

/// The heads of the columns.
const HEADS: [&str; 6] = ["", "outcome", "runs", "by", "faults", "control"];

/// The table for the terminal.
pub fn terminal(rows: &[Row], canary: &Row, verdict: &Verdict) -> String {
    let mut lines = vec![HEADS.map(str::to_owned).to_vec()];
    lines.extend([canary].into_iter().chain(rows).map(|row| entries(row).to_vec()));
    format!("{}{}", grid(&lines), verdict.lines(rows).join("\n"))
}

fn entries(row: &Row) -> [String; 6] {
    let (by, faults) = match (&row.caught, &row.wrong) {
        (Some(caught), _) => (caught.monitor.clone(), format!("{} of {}", caught.smallest, caught.faults)),
        (None, Some(wrong)) => (format!("{} (seed {})", wrong.monitor, wrong.seed), String::new()),
        (None, None) => (String::new(), String::new()),
    };
    [row.scenario.clone(), row.outcome().to_owned(), row.runs.to_string(), by, faults, control(&row.control)]
}

fn control(control: &Control) -> String {
    match control {
        Control::Silent { what, runs } => format!("silent on {runs}: {what}"),
        Control::Loud { what, report } => format!("LOUD at seed {}, {}: {what}", report.seed, report.monitor),
        Control::CannotBe { why } => format!("none: {why}"),
        Control::Missing => "MISSING".to_owned(),
    }
}

/// What comes before the table of the document.
const INTRODUCTION: &str = "\
# The zoo

Bugs from the history of election recipes, of ZooKeeper and of its clients, planted one at a time. A testbed that does not
catch them is not worth its name; neither is one that reports what is right. So each bug has a *control*, the same scenario
put right in the way its users would, which must stay silent on the same seeds; and a *canary*, which always fails, must be
reported. Otherwise the table is void.

*Runs* are seeds until the bug was caught, *by* the monitor that spoke first, *faults* what is left of the schedule after
leaving out what is not needed. `cargo sim run SCENARIO --until-failure --seeds 0..1000` shows each of them.
";

/// The document, as it lies in `file`: a function of the rows, without dates and wall time.
pub fn markdown(rows: &[Row], canary: &Row, verdict: &Verdict, file: &Path) -> String {
    let mut lines = vec![INTRODUCTION.to_owned()];
    lines.push(
        "| bug | what is planted | outcome | runs | by | faults | control |\n|---|---|---|---|---|---|---|".to_owned(),
    );
    for row in [canary].into_iter().chain(rows) {
        let [name, outcome, runs, by, faults, control] = entries(row);
        let saved = row.caught.as_ref().and_then(|caught| caught.file.as_ref());
        let faults = match saved {
            Some(saved) => format!("[{faults}]({})", link(file, Path::new(saved))),
            None => faults,
        };
        let by = if by.is_empty() { by } else { format!("`{by}`") };
        let about = row.about.trim_start_matches("planted: ");
        lines.push(format!("| `{name}` | {about} | {outcome} | {runs} | {by} | {faults} | {control} |"));
    }
    lines.push(format!("\nThe verdict: {}.\n", verdict.lines(rows).join("; ")));
    lines.push(format!("Made by interregnum {}.\n", interregnum::VERSION));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::super::verdict::testing::{canary, caught, report};
    use super::*;

    #[test]
    fn a_bug_is_a_line_and_the_verdict_the_last() {
        let rows = [caught("zoo/A"), Row { caught: None, wrong: Some(report()), ..caught("zoo/B") }];
        let text = terminal(&rows, &canary(), &Verdict::of(&rows, &canary()));
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[1].starts_with("zoo/canary  caught"), "{text}");
        assert!(lines[2].contains("1 of 12") && lines[2].contains("silent on 20: without the bug"), "{text}");
        assert!(lines[3].contains("caught by the wrong monitor") && lines[3].contains("failover"), "{text}");
        assert_eq!(lines[4], "1 of 2 not caught: zoo/B");
    }

    #[test]
    fn the_document_links_to_what_was_saved() {
        let rows = [caught("zoo/A")];
        let text = markdown(&rows, &canary(), &Verdict::of(&rows, &canary()), Path::new("docs/zoo.md"));
        assert!(
            text.contains(
                "| `zoo/A` | something | caught | 4 | `single-leader/belief` | [1 of 12](../schedules/zoo-A.toml) |"
            ),
            "{text}"
        );
        assert!(text.contains("all 1 caught"), "{text}");
    }
}
