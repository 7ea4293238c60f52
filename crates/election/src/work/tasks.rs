//! A set of numbered tasks, written as people do: `1-17,19,23-25`.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// The text is no set of tasks.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{0}` is no set of tasks, such as `1-17,19`")]
pub struct TasksError(String);

/// A set of tasks, kept as ranges: those that are done are nearly all without a gap.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tasks {
    /// The first and the last of each range. No two of them touch.
    ranges: BTreeMap<u64, u64>,
}

impl Tasks {
    /// Whether this task is one of them.
    #[must_use]
    pub fn contains(&self, task: u64) -> bool {
        self.ranges.range(..=task).next_back().is_some_and(|(_, last)| task <= *last)
    }

    /// Adds one.
    pub fn insert(&mut self, task: u64) {
        if self.contains(task) {
            return;
        }
        let (mut first, mut last) = (task, task);
        if let Some((start, end)) = self.ranges.range(..task).next_back().map(|(start, end)| (*start, *end))
            && end + 1 == task
        {
            first = start;
        }
        if let Some(end) = task.checked_add(1).and_then(|next| self.ranges.remove(&next)) {
            last = end;
        }
        self.ranges.insert(first, last);
    }

    /// Adds all of the others.
    pub fn extend(&mut self, others: &Tasks) {
        others.iter().for_each(|task| self.insert(task));
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = u64> {
        self.ranges.iter().flat_map(|(first, last)| *first..=*last)
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.ranges.iter().map(|(first, last)| last - first + 1).sum()
    }
}

impl FromIterator<u64> for Tasks {
    fn from_iter<I: IntoIterator<Item = u64>>(tasks: I) -> Tasks {
        let mut set = Tasks::default();
        tasks.into_iter().for_each(|task| set.insert(task));
        set
    }
}

impl fmt::Display for Tasks {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, (first, last)) in self.ranges.iter().enumerate() {
            let comma = if place > 0 { "," } else { "" };
            match first == last {
                true => write!(formatter, "{comma}{first}")?,
                false => write!(formatter, "{comma}{first}-{last}")?,
            }
        }
        Ok(())
    }
}

impl FromStr for Tasks {
    type Err = TasksError;

    fn from_str(text: &str) -> Result<Tasks, TasksError> {
        let mut tasks = Tasks::default();
        for range in text.split(',').filter(|_| !text.is_empty()) {
            let (first, last) = range.split_once('-').unwrap_or((range, range));
            let number = |text: &str| text.parse::<u64>().map_err(|_| TasksError(range.to_owned()));
            let (first, last) = (number(first)?, number(last)?);
            // In order and without overlap, as they are written.
            let is_behind = tasks.ranges.last_key_value().is_none_or(|(_, end)| first > *end);
            if first == 0 || last < first || !is_behind {
                return Err(TasksError(range.to_owned()));
            }
            match first.checked_sub(1).filter(|before| tasks.contains(*before)) {
                Some(_) => *tasks.ranges.last_entry().expect("it holds the one before").get_mut() = last,
                None => drop(tasks.ranges.insert(first, last)),
            }
        }
        Ok(tasks)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_written_and_read_again() {
        for text in ["", "7", "1-3", "1-17,19,23-25"] {
            assert_eq!(text.parse::<Tasks>().map(|tasks| tasks.to_string()).as_deref(), Ok(text));
        }
        let mut tasks: Tasks = [5, 3, 1, 2, 9].into_iter().collect();
        assert_eq!(tasks.to_string(), "1-3,5,9");
        tasks.extend(&"4,8-10".parse().expect("a set"));
        assert_eq!((tasks.to_string().as_str(), tasks.count()), ("1-5,8-10", 8));
        assert!(tasks.contains(9) && !tasks.contains(7));
        for text in ["x", "3-1", "1-", "0", "5,3", "1-4,4", ","] {
            assert!(text.parse::<Tasks>().is_err(), "{text}");
        }
    }
}
