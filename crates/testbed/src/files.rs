//! Writing files whole, or not at all: what is kept of a failure is worth nothing if half of it is there.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use crate::error::UserError;

/// Writes a file whole or not at all. Says whether another one was there, which is no more.
///
/// It is written under another name in the same directory, synced, and renamed: whoever looks sees the old one or the new
/// one, also after a loss of power. What could not be written whole, as on a full disk, leaves nothing behind.
///
/// # Errors
/// If it cannot be written.
pub fn replace(file: &Path, text: &str) -> Result<bool, UserError> {
    let bad = |error: io::Error| UserError::BadFile { file: file.into(), why: error.to_string() };
    let is_there = file.exists();
    if is_there && fs::read_to_string(file).is_ok_and(|there| there == text) {
        return Ok(false);
    }
    let directory = file.parent().filter(|directory| !directory.as_os_str().is_empty());
    if let Some(directory) = directory {
        create_directory(directory)?;
    }
    let mut torn = file.as_os_str().to_owned();
    torn.push(".part");
    let torn = Path::new(&torn);
    let written = File::create(torn).and_then(|mut output| {
        output.write_all(text.as_bytes())?;
        output.sync_all()
    });
    if let Err(error) = written.and_then(|()| fs::rename(torn, file)) {
        // Half a file is worse than none; that it cannot be removed changes nothing about the first error.
        let _ = fs::remove_file(torn);
        return Err(bad(error));
    }
    // The new name is safe when its directory is. Not every system can sync one: then the file is whole all the same.
    if let Ok(directory) = File::open(directory.unwrap_or(Path::new("."))) {
        let _ = directory.sync_all();
    }
    Ok(is_there)
}

/// Creates a directory and what it lies in, unless it is there.
///
/// # Errors
/// If it cannot be created.
pub fn create_directory(directory: &Path) -> Result<(), UserError> {
    fs::create_dir_all(directory).map_err(|error| UserError::BadFile { file: directory.into(), why: error.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(directory: &Path) -> Vec<String> {
        let entries = fs::read_dir(directory).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn a_document_is_there_whole_and_nothing_else() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("deep").join("a.html");
        assert_eq!(replace(&file, "one"), Ok(false));
        assert_eq!(replace(&file, "one"), Ok(false), "the same is not another");
        assert_eq!(replace(&file, "two"), Ok(true));
        assert_eq!(fs::read_to_string(&file).unwrap(), "two");
        assert_eq!(names(file.parent().unwrap()), ["a.html"]);
    }

    #[test]
    fn what_cannot_take_its_place_leaves_nothing_behind() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("a.html");
        // A directory of that name cannot be replaced by a file.
        fs::create_dir(&file).unwrap();
        let error = replace(&file, "one").unwrap_err().to_string();
        assert!(error.contains("a.html: ") && error.lines().count() == 1, "{error}");
        assert_eq!(names(directory.path()), ["a.html"]);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_full_disk_is_told_in_one_line_and_nothing_torn_is_left() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("a.html");
        // What is written first goes to a device that is always full.
        std::os::unix::fs::symlink("/dev/full", directory.path().join("a.html.part")).unwrap();
        let error = replace(&file, "one").unwrap_err().to_string();
        assert_eq!(error, format!("{}: No space left on device (os error 28)", file.display()));
        assert_eq!(names(directory.path()), Vec::<String>::new());
    }
}
