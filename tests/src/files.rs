//! What lies in a directory.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// All files below a directory, with their bytes.
///
/// # Panics
/// If something cannot be read.
#[must_use]
pub fn content(directory: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(directory).expect("the directory can be read") {
        let path = entry.expect("the directory can be read").path();
        if path.is_dir() {
            files.extend(content(&path));
        } else {
            let bytes = std::fs::read(&path).expect("the file can be read");
            files.insert(path, bytes);
        }
    }
    files
}

/// The files below a directory whose names begin so, in order.
///
/// # Panics
/// If something cannot be read.
#[must_use]
pub fn all(directory: &Path, prefix: &str) -> Vec<PathBuf> {
    let is_one = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(prefix));
    content(directory).into_keys().filter(is_one).collect()
}

/// The largest of them.
///
/// # Panics
/// If there is none.
#[must_use]
pub fn largest(directory: &Path, prefix: &str) -> PathBuf {
    let length = |path: &PathBuf| std::fs::metadata(path).map_or(0, |file| file.len());
    all(directory, prefix).into_iter().max_by_key(length).unwrap_or_else(|| panic!("there is no {prefix}"))
}
