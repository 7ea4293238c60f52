//! Where the schedules of failed tests are kept.

use std::path::{Path, PathBuf};

use super::Test;
use crate::error::UserError;
use crate::scenario::Scenario;
use crate::schedule::SavedRun;
use crate::testbed::beside;

/// A schedule that was kept.
pub(super) struct Kept {
    /// Where, as a person standing in the package's directory would write it.
    pub(super) file: String,
    /// Whether something else was there before.
    pub(super) in_place_of_another: bool,
}

/// Keeps a run.
///
/// # Errors
/// If its directory cannot be made, or the file not written.
pub(super) fn keep(test: &Test, run: &SavedRun) -> Result<Kept, UserError> {
    let package = Path::new(test.package.directory);
    let directory = match test.save {
        Some(directory) => beside(package, Path::new(directory)),
        None => target_directory(package).join("interregnum"),
    };
    std::fs::create_dir_all(&directory)
        .map_err(|error| UserError::BadFile { file: directory.clone(), why: error.to_string() })?;
    let file = directory.join(format!("{}-{}.toml", test.name().replace("::", "-"), run.seed));
    let in_place_of_another = run.save_or_replace(&file)?;
    let shown = file.strip_prefix(package).unwrap_or(&file);
    Ok(Kept { file: shown.display().to_string(), in_place_of_another })
}

/// The directory that cargo builds into: above the program that runs, it is the one that cargo has marked.
fn target_directory(package: &Path) -> PathBuf {
    let program = std::env::current_exe().unwrap_or_default();
    let is_marked = |directory: &&Path| directory.join("CACHEDIR.TAG").is_file();
    program.ancestors().skip(1).find(is_marked).map_or_else(|| package.join("target"), Path::to_owned)
}
