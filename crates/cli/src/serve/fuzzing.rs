//! `zoo.cfg` from bytes, without a file and the names in it.

use super::properties;
use super::value::Mistake;
use super::zoo_cfg;

/// What came of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading {
    /// It can be used: what the user should know, with the line it is about.
    Settings(Vec<(usize, String)>),
    /// The mistake that stops it, with its line unless something is missing.
    Mistake(Option<usize>, String),
}

/// Reads a file.
#[must_use]
pub fn read_zoo_cfg(bytes: &[u8]) -> Reading {
    match zoo_cfg::read(&properties::text(bytes)) {
        Ok(settings) => Reading::Settings(settings.remarks),
        Err(Mistake { line, why }) => Reading::Mistake(line, why),
    }
}
