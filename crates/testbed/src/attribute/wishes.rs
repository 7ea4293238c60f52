//! What the environment wishes of a test: madsim's variables as its users know them, and one of our own.

use std::ops::Range;
use std::path::PathBuf;

use super::Test;
use crate::seeds;

/// The variable that names a schedule to be replayed in place of all seeds.
pub(super) const SCHEDULE: &str = "INTERREGNUM_SCHEDULE";

/// How a test is to be run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wishes {
    pub(super) seeds: Range<u64>,
    pub(super) jobs: usize,
    /// Whether each run is executed twice.
    pub(super) twice: bool,
    /// The schedule to be replayed, if that is all that is wanted.
    pub(super) schedule: Option<PathBuf>,
}

impl Wishes {
    /// What the test says, unless the environment says otherwise.
    pub(super) fn of(test: &Test) -> Wishes {
        let (seeds, jobs) = seeds::for_test(test.seeds.clone());
        let is_set = |name: &str| std::env::var_os(name).is_some();
        Wishes {
            seeds,
            jobs: test.jobs.filter(|_| !is_set("MADSIM_TEST_JOBS")).unwrap_or(jobs),
            // As madsim reads it: whatever its value.
            twice: test.determinism || is_set("MADSIM_TEST_CHECK_DETERMINISM"),
            schedule: std::env::var_os(SCHEDULE).filter(|file| !file.is_empty()).map(PathBuf::from),
        }
    }
}
