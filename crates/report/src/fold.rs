//! Leaves out of a long story what can best be missed, and says what that was.

use std::collections::BTreeMap;

use history::Time;

use crate::story::{About, Entry, Weight};

/// A line of the folded story.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Line<'a> {
    /// An entry as it is.
    Entry(&'a Entry),
    /// So many entries are left out here, of these kinds.
    LeftOut(BTreeMap<About, usize>),
}

/// At most `most` lines: violations always, else what matters most and is nearest to the focus.
///
/// Each stretch left out costs a line of its own, so what is kept is chosen again with less until both fit.
pub(crate) fn fold<'a>(entries: &[&'a Entry], focus: Time, most: usize) -> Vec<Line<'a>> {
    let mut order: Vec<usize> = (0..entries.len()).collect();
    order.sort_by_key(|place| std::cmp::Reverse((rank(entries[*place], focus), *place)));
    for kept in (0..=entries.len().min(most)).rev() {
        let mut is_kept = vec![false; entries.len()];
        order.iter().take(kept).for_each(|place| is_kept[*place] = true);
        let lines = lines(entries, &is_kept);
        if lines.len() <= most {
            return lines;
        }
    }
    Vec::new()
}

/// The higher the more an entry is worth a line. A turn of the story is worth as much as something notable that is four
/// times nearer.
fn rank(entry: &Entry, focus: Time) -> i64 {
    if entry.weight == Weight::Violation {
        return i64::MAX;
    }
    let away = focus.since(entry.at).max(entry.at.since(focus));
    // What is after the violation explains little.
    let seconds = if entry.at > focus { away.as_secs() * 8 } else { away.as_secs() };
    let doublings = i64::from((seconds + 1).ilog2());
    let about = match entry.about {
        About::Belief | About::Truth => 4,
        About::Fault | About::Session => 2,
        _ => 0,
    };
    i64::from(entry.weight as u8) * 8 + about - doublings * 2
}

fn lines<'a>(entries: &[&'a Entry], is_kept: &[bool]) -> Vec<Line<'a>> {
    let mut lines = Vec::new();
    for (stretch, is_kept) in stretches(entries, is_kept) {
        // To say that one is left out takes as much room as the one itself.
        if is_kept || stretch.len() == 1 {
            lines.extend(stretch.iter().map(|entry| Line::Entry(entry)));
        } else {
            let mut counts = BTreeMap::new();
            stretch.iter().for_each(|entry| *counts.entry(entry.about).or_default() += 1);
            lines.push(Line::LeftOut(counts));
        }
    }
    lines
}

/// The entries in stretches that are kept or left out as a whole.
fn stretches<'s, 'a>(entries: &'s [&'a Entry], is_kept: &'s [bool]) -> impl Iterator<Item = (&'s [&'a Entry], bool)> {
    let mut begins = 0;
    is_kept.chunk_by(|one, next| one == next).map(move |chunk| {
        let stretch = &entries[begins..begins + chunk.len()];
        begins += chunk.len();
        (stretch, chunk[0])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(seconds: u64, about: About, weight: Weight) -> Entry {
        Entry { at: Time::from_secs(seconds), node: None, about, weight, words: seconds.to_string() }
    }

    #[test]
    fn keeps_the_violation_and_what_is_near_and_counts_the_rest() {
        let mut entries: Vec<Entry> = (0..500).map(|at| entry(at, About::Life, Weight::Notable)).collect();
        entries.push(entry(500, About::Violation, Weight::Violation));
        let entries: Vec<&Entry> = entries.iter().collect();
        let lines = fold(&entries, Time::from_secs(500), 10);
        assert_eq!(lines.len(), 10);
        assert_eq!(lines[0], Line::LeftOut(BTreeMap::from([(About::Life, 492)])));
        assert_eq!(lines[9], Line::Entry(entries[500]));
        assert_eq!(fold(&entries[498..], Time::from_secs(500), 10).len(), 3, "what fits is left as it is");
    }

    #[test]
    fn never_more_lines_than_allowed_however_scattered_what_matters_is() {
        let weight = |at| if at % 7 == 0 { Weight::Turning } else { Weight::Detail };
        let entries: Vec<Entry> = (0..900).map(|at| entry(at, About::Belief, weight(at))).collect();
        let entries: Vec<&Entry> = entries.iter().collect();
        for most in 1..60 {
            let lines = fold(&entries, Time::from_secs(450), most);
            assert!(!lines.is_empty() && lines.len() <= most, "{} of {most}", lines.len());
        }
    }
}
