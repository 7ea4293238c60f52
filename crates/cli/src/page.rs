//! Pages of runs, written beside what they are about.

use std::path::{Path, PathBuf};

use interregnum::{Plan, UserError, story};

use crate::files;

/// The file that the page of a saved run goes into: beside it, under its name.
pub fn beside(file: &Path) -> PathBuf {
    file.with_extension("html")
}

/// Executes a plan that was saved in a file once more, and writes its page beside the file. Gives the page's place.
pub fn write(plan: &Plan, saved: &Path) -> Result<PathBuf, UserError> {
    let page = story::page_of_plan(plan, &command(saved))?;
    let file = beside(saved);
    files::write(&file, &page)?;
    Ok(file)
}

/// The command that shows a saved run again.
pub fn command(saved: &Path) -> String {
    format!("cargo sim replay {}", saved.display())
}
