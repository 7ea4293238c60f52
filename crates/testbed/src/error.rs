//! What a user got wrong: one clear line, with the place and the nearest right name.

use std::fmt::{self, Write};
use std::path::PathBuf;

/// A user's mistake. The command line prints it and exits with 2.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UserError {
    /// A name that nobody has.
    #[error("there is no {kind} `{}`{}", OneLine(.name), Nearest(.nearest))]
    UnknownName {
        /// What was asked for: scenario, parameter, family, node, …
        kind: &'static str,
        /// The name given.
        name: String,
        /// The nearest right one.
        nearest: Option<String>,
    },
    /// A value that is none.
    #[error("`{}` is no {expected} for `{}`: {}", OneLine(.value), OneLine(.key), OneLine(.why))]
    BadValue {
        /// Where it was to go.
        key: String,
        /// What was given.
        value: String,
        /// What was expected.
        expected: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// A schedule file that cannot be used.
    #[error("{}:{line}: {}", .file.display(), OneLine(.why))]
    BadSchedule {
        /// The file.
        file: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong there.
        why: String,
    },
    /// A file that cannot be read or written.
    #[error("{}: {}", .file.display(), OneLine(.why))]
    BadFile {
        /// The file.
        file: PathBuf,
        /// What the operating system says.
        why: String,
    },
    /// Anything else that does not fit together.
    #[error("{}", OneLine(.0))]
    Mismatch(String),
}

/// Shows the suggestion, if there is one.
struct Nearest<'a>(&'a Option<String>);

impl fmt::Display for Nearest<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(nearest) => write!(formatter, "; did you mean `{nearest}`?"),
            None => Ok(()),
        }
    }
}

/// Shows a text in one line: what stands in a file may hold anything.
struct OneLine<'a>(&'a str);

impl fmt::Display for OneLine<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|letter| match letter.is_control() {
            true => write!(formatter, "{}", letter.escape_default()),
            false => formatter.write_char(letter),
        })
    }
}

impl UserError {
    /// A name that nobody has, with the nearest of those that exist.
    pub fn unknown<'a>(kind: &'static str, name: &str, known: impl IntoIterator<Item = &'a str>) -> UserError {
        UserError::UnknownName { kind, name: name.to_owned(), nearest: nearest(name, known) }
    }
}

/// The name nearest to `name`, if one is near enough to have been meant.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    /// Below this similarity a suggestion is a guess.
    const NEAR_ENOUGH: f64 = 0.6;
    let lowercase = name.to_lowercase();
    let similarity = |candidate: &str| strsim::jaro_winkler(&lowercase, &candidate.to_lowercase());
    let mut best: Option<(f64, &str)> = None;
    for candidate in known {
        let score = similarity(candidate);
        if score >= NEAR_ENOUGH && best.is_none_or(|(highest, _)| score > highest) {
            best = Some((score, candidate));
        }
    }
    best.map(|(_, candidate)| candidate.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggests_the_nearest_name_and_none_that_is_far() {
        let known = ["election/docs", "zoo/A30", "zoo/A28"];
        assert_eq!(nearest("election/doc", known), Some("election/docs".into()));
        assert_eq!(nearest("zoo/a30", known), Some("zoo/A30".into()));
        assert_eq!(nearest("qqqq", known), None);
    }

    #[test]
    fn reads_as_one_line() {
        let error = UserError::unknown("scenario", "election/dcos", ["election/docs"]);
        assert_eq!(error.to_string(), "there is no scenario `election/dcos`; did you mean `election/docs`?");
        let error = UserError::unknown("node", "c1\nc2\u{1b}", ["c1"]);
        assert!(error.to_string().starts_with(r"there is no node `c1\nc2\u{1b}`"), "{error}");
    }
}
