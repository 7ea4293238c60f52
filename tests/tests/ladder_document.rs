//! `docs/ladder.md` shows what the program prints.
//!
//! Each block of a console holds commands and what they print. A line `…` stands for any lines left out; all others must be
//! there, in this order, and those without a `…` between them one right after the other.

use std::process::Command;
use std::time::Duration;

use interregnum_tests::process::run;
use interregnum_tests::program;

const LIMIT: Duration = Duration::from_secs(120);

const LEFT_OUT: &str = "…";

/// A command of the document, and the lines below it.
struct Shown {
    arguments: Vec<String>,
    lines: Vec<String>,
}

fn shown(document: &str) -> Vec<Shown> {
    let mut all: Vec<Shown> = Vec::new();
    let mut is_console = false;
    for line in document.lines() {
        if line.starts_with("```") {
            is_console = line == "```console";
        } else if is_console {
            match line.strip_prefix("$ cargo sim ") {
                Some(words) => {
                    let arguments = words.split_whitespace().map(str::to_owned).collect();
                    all.push(Shown { arguments, lines: Vec::new() });
                }
                None => all.last_mut().expect("a console begins with a command").lines.push(line.to_owned()),
            }
        }
    }
    all
}

/// The first of the lines shown that are not where they should be.
fn missing<'a>(shown: &'a [String], printed: &[&str]) -> Option<&'a [String]> {
    let mut from = 0;
    for (place, chunk) in shown.split(|line| line == LEFT_OUT).enumerate() {
        // What stands before the first `…` begins the output.
        let places = if place == 0 { from..=from } else { from..=printed.len().saturating_sub(chunk.len()) };
        let is_at = |at: &usize| printed.get(*at..*at + chunk.len()).is_some_and(|lines| lines == chunk);
        match places.into_iter().find(is_at) {
            Some(at) => from = at + chunk.len(),
            None => return Some(chunk),
        }
    }
    None
}

#[test]
fn the_document_of_the_ladder_shows_what_the_runs_print() {
    let file = program::workspace().join("docs/ladder.md");
    let document = std::fs::read_to_string(file).expect("it is readable");
    let all = shown(&document);
    assert!(all.len() >= 4, "the three rungs, and more");
    for Shown { arguments, lines } in &all {
        let mut command = Command::new(program::interregnum());
        let finished = run(command.args(arguments).current_dir(program::workspace()), LIMIT);
        let printed: Vec<&str> = finished.output.lines().collect();
        if let Some(chunk) = missing(lines, &printed) {
            panic!("{arguments:?} does not print\n{}\nbut\n{}", chunk.join("\n"), finished.output);
        }
    }
}

#[test]
fn lines_are_looked_for_in_order_and_together() {
    let printed = ["a", "b", "c", "d"];
    let is_there = |text: &str| missing(&text.split(' ').map(str::to_owned).collect::<Vec<_>>(), &printed).is_none();
    for text in ["a b c d", "… b c …", "a … d", "… d", "… a …"] {
        assert!(is_there(text), "{text}");
    }
    for text in ["b", "… b d …", "… c … b …", "… e", "a … a"] {
        assert!(!is_there(text), "{text}");
    }
}
