//! The page: sections between marks, which are found, compared and replaced.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::{Case, Record, Section};

/// What stands before and behind a section.
pub(super) fn marks(name: &str) -> (String, String) {
    (format!("<!-- {name} -->\n"), format!("<!-- end of {name} -->\n"))
}

/// What lies between the marks.
pub(super) fn find<'a>(page: &'a str, name: &str) -> Option<&'a str> {
    let (begin, end) = marks(name);
    let (_, rest) = page.split_once(&begin)?;
    rest.split_once(&end).map(|(section, _)| section)
}

/// The page with another section between the marks.
pub(super) fn replace(page: &str, name: &str, section: &str) -> Option<String> {
    let (begin, end) = marks(name);
    let (before, rest) = page.split_once(&begin)?;
    let (_, after) = rest.split_once(&end)?;
    Some(format!("{before}{begin}{section}{end}{after}"))
}

/// The first line that differs, in both; versions may differ in their last parts.
pub(super) fn difference(committed: &str, seen: &str) -> Option<String> {
    let (committed, seen) = (stable(committed), stable(seen));
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<String>>();
    let (committed, seen) = (lines(&committed), lines(&seen));
    let at = (0..committed.len().max(seen.len())).find(|at| committed.get(*at) != seen.get(*at))?;
    let line = |lines: &[String]| lines.get(at).map_or("nothing", String::as_str).to_owned();
    Some(format!("it says {:?}, and {:?} was seen", line(&committed), line(&seen)))
}

/// The text with every version cut to its first two numbers: `3.8.0-11` is `3.8`.
fn stable(text: &str) -> String {
    text.split_inclusive([' ', '\n']).map(|word| version(word).unwrap_or_else(|| word.to_owned())).collect()
}

fn version(word: &str) -> Option<String> {
    let ends = word.find([' ', '\n', ',', ':', ')']).unwrap_or(word.len());
    let (number, rest) = word.split_at(ends);
    let mut parts = number.splitn(3, '.');
    let (major, minor, _) = (parts.next()?, parts.next()?, parts.next()?);
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    (is_number(major) && is_number(minor)).then(|| format!("{major}.{minor}{rest}"))
}

/// What the page says of these runs.
pub(super) fn render(section: &Section, records: &[Record]) -> String {
    let mut text = format!("## {}\n\n{}\n\n", section.title, section.about);
    text.push_str("| client | version | server | passed | failed | skipped |\n|---|---|---|---|---|---|\n");
    for Record { client, version, server, passed, failed, skipped } in records {
        let (failed, skipped) = (failed.len(), skipped.len());
        say(&mut text, format_args!("| {client} | {version} | {server} | {passed} | {failed} | {skipped} |\n"));
    }
    list(&mut text, "Failed", records, |record| &record.failed);
    list(&mut text, "Skipped", records, |record| &record.skipped);
    text
}

/// The cases that share a reason, in one line, with the servers if not all of them saw it.
fn list(text: &mut String, heading: &str, records: &[Record], cases: impl Fn(&Record) -> &Vec<Case>) {
    // Reason and servers, then names.
    let mut groups: BTreeMap<(&str, Vec<String>), Vec<&str>> = BTreeMap::new();
    let mut seen: BTreeMap<(&str, &str), Vec<String>> = BTreeMap::new();
    for record in records {
        for case in cases(record) {
            seen.entry((&case.reason, &case.name)).or_default().push(record.server.to_string());
        }
    }
    for ((reason, name), servers) in seen {
        groups.entry((reason, servers)).or_default().push(name);
    }
    if groups.is_empty() {
        return;
    }
    say(text, format_args!("\n{heading}:\n\n"));
    for ((reason, servers), names) in groups {
        let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        let only = if servers.len() == records.len() { String::new() } else { format!(" ({})", servers.join("; ")) };
        say(text, format_args!("- {reason}{only}: {}\n", names.join(", ")));
    }
}

fn say(text: &mut String, what: std::fmt::Arguments<'_>) {
    text.write_fmt(what).expect("writing to a string does not fail");
}

#[cfg(test)]
mod tests {
    use super::super::Server;
    use super::super::record::tests::{apache, record};
    use super::*;

    const SECTION: Section = Section { name: "x", title: "The client", about: "All it can do." };

    #[test]
    fn a_section_shows_every_run_and_why_cases_are_missing() {
        let ours = record(Server::interregnum(3), &["b"], &[("c", "no TLS here"), ("d", "no TLS here"), ("e", "slow")]);
        let theirs = record(apache(3), &["b"], &[("e", "slow")]);
        let expected = "## The client\n\nAll it can do.\n\n\
             | client | version | server | passed | failed | skipped |\n|---|---|---|---|---|---|\n\
             | client | 1.2.3 | Interregnum, three servers | 7 | 1 | 3 |\n\
             | client | 1.2.3 | Apache ZooKeeper 3.8.0, three servers | 7 | 1 | 1 |\n\
             \nFailed:\n\n- no luck: `b`\n\
             \nSkipped:\n\n- no TLS here (Interregnum, three servers): `c`, `d`\n- slow: `e`\n";
        assert_eq!(render(&SECTION, &[ours, theirs]), expected);
    }

    #[test]
    fn only_what_lies_between_the_marks_is_replaced() {
        let page = "# Page\n<!-- x -->\nold\n<!-- end of x -->\nby hand\n";
        assert_eq!(find(page, "x"), Some("old\n"));
        let expected = "# Page\n<!-- x -->\nnew\n<!-- end of x -->\nby hand\n";
        assert_eq!(replace(page, "x", "new\n").as_deref(), Some(expected));
        assert_eq!(replace(page, "y", "new\n"), None);
        assert_eq!(find("<!-- x -->\nno end", "x"), None);
    }

    #[test]
    fn the_last_parts_of_versions_may_differ_and_nothing_else() {
        assert_eq!(difference("| a | 3.8.0 | 5 |\n", "| a | 3.8.4-12+deb | 5 |\n"), None);
        assert_eq!(difference("Apache ZooKeeper 3.8.0, three\n", "Apache ZooKeeper 3.8.1, three\n"), None);
        let seen = difference("same\n| a | 3.8.0 | 5 |\n", "same\n| a | 3.9.0 | 5 |\n").expect("another minor version");
        assert_eq!(seen, "it says \"| a | 3.8 | 5 |\", and \"| a | 3.9 | 5 |\" was seen");
        assert_eq!(difference("a\n", "a\nb\n").as_deref(), Some("it says \"nothing\", and \"b\" was seen"));
    }
}
