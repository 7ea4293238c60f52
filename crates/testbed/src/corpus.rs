//! A corpus: a directory of saved runs that are kept, and replayed by a test.
//!
//! A failure must fail again, in the same way, with the same trace. A run that held and reached something rare must hold
//! and reach it again. Whatever does otherwise is told with what was then and what is now. It refuses to put anything right
//! by itself: whether a change was meant is for a person to say, who makes the file anew.

use std::path::{Path, PathBuf};

use history::Keep;

use crate::error::UserError;
use crate::jobs::all_in_order;
use crate::outcome::Outcome;
use crate::plan::Plan;
use crate::replay::replay;
use crate::scenario::Catalogue;
use crate::schedule::SavedRun;

/// The files of a corpus, in the order of their names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Corpus {
    files: Vec<PathBuf>,
}

/// A file whose run is no longer what it was. In words: several lines, the first with the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// The file.
    pub file: PathBuf,
    /// In what it differs, or why it cannot be run at all.
    pub differences: Vec<String>,
}

impl std::fmt::Display for Changed {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} is not the run that was saved", self.file.display())?;
        self.differences.iter().try_for_each(|difference| write!(formatter, "\n  {difference}"))
    }
}

impl Corpus {
    /// All files of a directory whose names end in `.toml`.
    ///
    /// # Errors
    /// If the directory cannot be read.
    pub fn in_directory(directory: &Path) -> Result<Corpus, UserError> {
        let bad = |error: std::io::Error| UserError::BadFile { file: directory.into(), why: error.to_string() };
        let mut files = Vec::new();
        for entry in std::fs::read_dir(directory).map_err(bad)? {
            let file = entry.map_err(bad)?.path();
            if file.extension().is_some_and(|extension| extension == "toml") {
                files.push(file);
            }
        }
        files.sort();
        Ok(Corpus { files })
    }

    /// The files.
    pub fn files(&self) -> &[PathBuf] {
        &self.files
    }

    /// Replays all of them, so many at a time, and gives those that changed, in the order of their names.
    pub fn changed(&self, catalogue: Catalogue, jobs: usize) -> Vec<Changed> {
        let change = |file: &PathBuf| {
            let differences = differences(file, catalogue).unwrap_or_else(|error| vec![error.to_string()]);
            (!differences.is_empty()).then(|| Changed { file: file.clone(), differences })
        };
        all_in_order(&self.files, jobs, change).into_iter().flatten().collect()
    }
}

/// In what a run differs from what its file says.
fn differences(file: &Path, catalogue: Catalogue) -> Result<Vec<String>, UserError> {
    let saved = SavedRun::load(file)?;
    let plan = Plan::from_saved(&saved, file, catalogue)?;
    let again = replay(&plan, saved.found.as_ref(), Keep::Nothing)?;
    let mut differences = again.differences;
    if saved.found.is_none() {
        differences.extend(failed_now(&again.outcome));
    }
    differences.extend(no_longer_reached(&saved.reaches, &again.outcome));
    Ok(differences)
}

fn failed_now(outcome: &Outcome) -> Option<String> {
    let found = outcome.found()?;
    Some(format!("it held when it was saved, and now `{}` breaks: {}", found.monitor, found.message))
}

fn no_longer_reached(points: &[String], outcome: &Outcome) -> Vec<String> {
    let missed = points.iter().filter(|point| outcome.sometimes.of(point) == 0);
    missed.map(|point| format!("it reached `{point}` when it was saved, and no longer does")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shrink::testing::{broken, held};

    #[test]
    fn what_held_must_hold_and_reach_what_it_reached() {
        assert_eq!(failed_now(&held()), None);
        assert!(
            failed_now(&broken("failover", 9, "nobody leads")).unwrap().ends_with("`failover` breaks: nobody leads")
        );
        let mut outcome = held();
        outcome.sometimes.count("failover");
        let points = ["failover", "an ack was lost"].map(str::to_owned);
        let missed = no_longer_reached(&points, &outcome);
        assert_eq!(missed, ["it reached `an ack was lost` when it was saved, and no longer does"]);
    }

    #[test]
    fn only_schedule_files_belong_to_it_and_a_broken_one_is_told() {
        let directory = tempfile::tempdir().unwrap();
        for (name, text) in [("b.toml", "format = 2\n"), ("a.toml", ""), ("README.md", "what this is")] {
            std::fs::write(directory.path().join(name), text).unwrap();
        }
        let corpus = Corpus::in_directory(directory.path()).unwrap();
        assert_eq!(corpus.files().len(), 2);
        for jobs in [1, 3] {
            let changed = corpus.changed(Catalogue(&[]), jobs);
            assert_eq!(changed.len(), 2);
            assert!(changed[0].to_string().contains("a.toml is not the run that was saved\n  "), "{}", changed[0]);
            assert!(changed[1].differences[0].contains("format 2 is unknown"), "{}", changed[1]);
        }
        assert!(Corpus::in_directory(&directory.path().join("nowhere")).is_err());
    }
}
