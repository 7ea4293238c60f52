//! Writing what was asked for.

use std::path::Path;

use interregnum::UserError;

/// Writes a document whole or not at all. One that was there is replaced, and that is said.
pub fn write(file: &Path, text: &str) -> Result<(), UserError> {
    let bad = |error: std::io::Error| UserError::BadFile { file: file.into(), why: error.to_string() };
    let is_there = file.exists();
    if is_there && std::fs::read_to_string(file).is_ok_and(|there| there == text) {
        return Ok(());
    }
    if let Some(directory) = file.parent().filter(|directory| !directory.as_os_str().is_empty()) {
        create_directory(directory)?;
    }
    let torn = file.with_extension("part");
    std::fs::write(&torn, text).map_err(bad)?;
    std::fs::rename(&torn, file).map_err(bad)?;
    if is_there {
        eprintln!("interregnum: {} was replaced", file.display());
    }
    Ok(())
}

/// Creates a directory and what it lies in, unless it is there.
pub fn create_directory(directory: &Path) -> Result<(), UserError> {
    std::fs::create_dir_all(directory)
        .map_err(|error| UserError::BadFile { file: directory.into(), why: error.to_string() })
}
