//! Documents that somebody asked for.

use std::path::Path;

use interregnum::{UserError, files};

pub use interregnum::files::{create_directory, replace};

/// Writes a document whole or not at all. One that was there is replaced, and that is said.
pub fn write(file: &Path, text: &str) -> Result<(), UserError> {
    if files::replace(file, text)? {
        eprintln!("interregnum: {} was replaced", file.display());
    }
    Ok(())
}
