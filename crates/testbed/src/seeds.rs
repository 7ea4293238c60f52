//! Ranges of seeds, and madsim's own environment variables for them.

use std::ops::Range;

use crate::error::UserError;

/// Reads `A..B`, B excluded.
///
/// # Errors
/// If it is no range, or runs backwards.
pub fn parse_range(text: &str) -> Result<Range<u64>, UserError> {
    parse_range_of("seeds", text)
}

/// Reads `A..B`, B excluded, of anything that is numbered.
///
/// # Errors
/// If it is no range, or runs backwards; the complaint names the key.
pub fn parse_range_of(key: &str, text: &str) -> Result<Range<u64>, UserError> {
    let bad =
        |why: &str| UserError::BadValue { key: key.into(), value: text.into(), expected: "range", why: why.into() };
    let (from, to) = text.split_once("..").ok_or_else(|| bad("it is written `A..B`, B excluded"))?;
    let number = |text: &str| text.trim().parse::<u64>().map_err(|_| bad("its ends must be whole numbers"));
    let (from, to) = (number(from)?, number(to)?);
    if from > to {
        return Err(bad("it runs backwards"));
    }
    if from == to {
        return Err(bad("it is empty: the end is excluded"));
    }
    Ok(from..to)
}

/// The seeds and the number of jobs that a test is to use.
///
/// `MADSIM_TEST_SEED` sets the first seed, `MADSIM_TEST_NUM` how many, `MADSIM_TEST_JOBS` how many at a time, as those
/// who know madsim expect.
///
/// # Panics
/// If one of them is set to something that is no number: a test has no better way to say so.
pub fn for_test(seeds: Range<u64>) -> (Range<u64>, usize) {
    let number = |name: &str| {
        let text = std::env::var(name).ok()?;
        Some(text.parse::<u64>().unwrap_or_else(|_| panic!("{name} must be a whole number, not `{text}`")))
    };
    let first = number("MADSIM_TEST_SEED");
    let count = number("MADSIM_TEST_NUM").unwrap_or(if first.is_some() { 1 } else { seeds.end - seeds.start });
    let jobs = number("MADSIM_TEST_JOBS").and_then(|jobs| usize::try_from(jobs).ok()).unwrap_or_else(default_jobs);
    let first = first.unwrap_or(seeds.start);
    (first..first + count, jobs.max(1))
}

/// As many jobs as the machine has cores.
pub fn default_jobs() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_run_forward_and_are_not_empty() {
        assert_eq!(parse_range("3..9").unwrap(), 3..9);
        let complaint = |text| parse_range(text).unwrap_err().to_string();
        assert_eq!(complaint("9..3"), "`9..3` is no range for `seeds`: it runs backwards");
        assert!(complaint("3..3").contains("empty"));
        assert!(complaint("3").contains("A..B"));
        assert!(complaint("a..b").contains("whole numbers"));
    }
}
