//! The story in the terminal: fewer than sixty lines of at most a hundred columns, whatever happened.

use std::time::Duration;

use history::{Record, Time};

use crate::distribution::{Class, Distribution, show};
use crate::fold::{Line, fold};
use crate::story::{Entry, Story, Weight};
use crate::subject::Subject;

/// A story has no more lines than this.
pub const MOST_LINES: usize = 59;

/// So wide is a line at most, in characters.
const WIDTH: usize = 100;

/// So many lines the headline, and the lists below it, may take.
const HEADLINE: usize = 6;
const FAULTS: usize = 3;
const ENDING: usize = 8;

/// Tells the story of a run, with a line break at the end of each line.
pub fn text(subject: &Subject, records: &[Record]) -> String {
    let story = Story::new(subject, records);
    let mut lines = beginning(subject, &story);
    let ending = ending(subject, &story);
    let entries: Vec<&Entry> = story.entries.iter().filter(|entry| entry.weight >= Weight::Notable).collect();
    let room = MOST_LINES - lines.len() - ending.len();
    lines.extend(fold(&entries, subject.focus(), room).iter().map(line));
    lines.extend(ending);
    assert!(lines.len() <= MOST_LINES, "the parts fit together");
    lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect()
}

fn beginning(subject: &Subject, story: &Story) -> Vec<String> {
    let mut lines = Vec::new();
    let verdict = match subject.verdict.as_str() {
        "ok" => "everything held",
        "safety" => "a safety violation",
        "liveness" => "a liveness violation",
        other => other,
    };
    lines.push(clip(&format!("{}, seed {}: {verdict}", subject.scenario, subject.seed)));
    if let Some(headline) = subject.headline() {
        lines.extend(wrap(&headline, "  ", HEADLINE));
    }
    let nodes = &subject.nodes;
    let many = |count: usize, one: &str| if count == 1 { format!("1 {one}") } else { format!("{count} {one}s") };
    let mut about = vec![many(nodes.servers.len(), "server"), many(nodes.candidates.len(), "candidate")];
    about.extend(subject.parameters.iter().map(|(key, value)| format!("{key}={value}")));
    about.push(match subject.ended.elapsed() + Duration::from_millis(1) < subject.length {
        true => format!("{:.1} s of {:.0} s", subject.ended.elapsed().as_secs_f64(), subject.length.as_secs_f64()),
        false => format!("{:.0} s", subject.ended.elapsed().as_secs_f64()),
    });
    about.push(match (story.faults.len(), story.never_came.len()) {
        (0, 0) => "no faults".to_owned(),
        (came, 0) => many(came, "fault"),
        (came, never) => format!("{} of {} faults came", came, came + never),
    });
    lines.extend(wrap(&about.join(", "), "  ", FAULTS));
    lines.push(String::new());
    lines
}

fn ending(subject: &Subject, story: &Story) -> Vec<String> {
    let mut lines = vec![String::new()];
    let times = Distribution::new(subject.failovers.clone(), 1);
    let open = story.interregna.iter().rev().find(|interregnum| interregnum.ends.is_none());
    let mut words = match (times.count(), times.quantile(0.5), times.quantile(1.0)) {
        (1, _, Some(longest)) => format!("time without a leader: {}", show(longest)),
        (count, Some(median), Some(longest)) => {
            format!("times without a leader: {count}; median {}, longest {}", show(median), show(longest))
        }
        _ => "no time without a leader was measured".to_owned(),
    };
    if let Some(open) = open {
        let lasted = show(subject.ended.since(open.begins));
        words += &format!("; at the end nobody had led for {lasted}, since {} stopped", open.after);
    }
    lines.extend(wrap(&words, "", 2));
    if let Some(crowd) = story.rivals() {
        let names: Vec<&str> = crowd.what.iter().map(|name| name.as_str()).collect();
        let until = if crowd.ends >= subject.ended { "when the run stopped" } else { "when one gave up" };
        let words = format!(
            "{} believed to lead at once from {} on, until {} {until}",
            names.join(" and "),
            instant(crowd.begins).trim(),
            instant(crowd.ends).trim()
        );
        lines.extend(wrap(&words, "", 2));
    }
    // A command that is cut cannot be pasted: it may be as long as it is.
    lines.push(format!("{} # trace {}, {}", subject.command, subject.trace, subject.versions));
    assert!(lines.len() <= ENDING, "nothing here grows");
    lines
}

fn instant(at: Time) -> String {
    format!("{:8.3}", at.elapsed().as_secs_f64())
}

fn line(line: &Line<'_>) -> String {
    match line {
        Line::Entry(entry) => {
            let node = entry.node.as_deref().unwrap_or("");
            let mark = if entry.weight == Weight::Violation { "✗" } else { " " };
            clip(&format!("{}{mark} {node:<5} {}", instant(entry.at), entry.words))
        }
        Line::LeftOut(counts) => {
            let words: Vec<String> = counts
                .iter()
                .map(|(about, count)| {
                    let (one, many) = about.counted();
                    format!("{count} {}", if *count == 1 { one } else { many })
                })
                .collect();
            clip(&format!("       …        {}", words.join(", ")))
        }
    }
}

/// A line that is not too wide.
fn clip(text: &str) -> String {
    let text = text.trim_end().replace(['\n', '\r', '\t'], " ");
    match text.char_indices().nth(WIDTH) {
        None => text,
        Some(_) => text.chars().take(WIDTH - 1).chain(['…']).collect(),
    }
}

/// Lines that are not too wide, broken between words; what does not fit into so many is cut.
fn wrap(text: &str, indent: &str, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = indent.to_owned();
    for word in text.split_whitespace() {
        if line.chars().count() + 1 + word.chars().count() > WIDTH && line.trim() != "" {
            lines.push(std::mem::replace(&mut line, indent.to_owned()));
        }
        if line.trim() != "" {
            line.push(' ');
        }
        line += word;
    }
    lines.push(line);
    if lines.len() > most {
        lines.truncate(most);
        let last = lines.last_mut().expect("at least one line is allowed");
        let short: String = last.chars().take(WIDTH - 2).collect();
        *last = format!("{short} …");
    }
    lines.iter().map(|line| clip(line)).collect()
}

/// Tells how times without a leader are distributed.
pub fn text_of_times(times: &Distribution) -> String {
    let (Some(median), Some(late), Some(longest)) = (times.quantile(0.5), times.quantile(0.99), times.quantile(1.0))
    else {
        return format!("no times without a leader in {} runs\n", times.runs());
    };
    let mut text = format!(
        "{} times without a leader in {} runs: median {}, p99 {}, longest {}\n",
        times.count(),
        times.runs(),
        show(median),
        show(late),
        show(longest)
    );
    let classes = times.classes();
    let highest = classes.iter().map(|class| class.count).max().unwrap_or(1);
    let mut below = 0;
    for class in classes {
        below += class.count;
        text += &bar(&class, highest, below as f64 / times.count() as f64);
    }
    text
}

fn bar(class: &Class, highest: usize, up_to_here: f64) -> String {
    const LONGEST: usize = 48;
    let whole = class.count * LONGEST;
    // What is there is seen, however little it is.
    let length = (whole / highest).max(usize::from(class.count > 0));
    let from = show(Duration::from_secs_f64(class.from / 1_000.0));
    let bar = "█".repeat(length);
    let percent = up_to_here * 100.0;
    format!("{from:>8} {bar:<LONGEST$} {:>6} {percent:>5.1} %\n", class.count)
}

#[cfg(test)]
mod tests;
