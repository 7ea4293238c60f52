//! What lies in a directory, byte for byte.

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
