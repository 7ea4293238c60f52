//! Why bytes could not be read.

use thiserror::Error;

/// Why bytes could not be read as the record they were said to be.
///
/// Offsets count from the start of the reader's input, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The input ends before the value does.
    #[error("{what} at byte {offset} needs {needed} bytes, {remaining} are left")]
    Truncated {
        /// The kind of value.
        what: &'static str,
        /// Where the value starts.
        offset: usize,
        /// How many bytes it claims.
        needed: usize,
        /// How many bytes the input still holds.
        remaining: usize,
    },
    /// A length below zero that is not -1, the mark of null.
    #[error("{what} at byte {offset} has the length {length}")]
    NegativeLength {
        /// The kind of value.
        what: &'static str,
        /// Where its length stands.
        offset: usize,
        /// The length as sent.
        length: i32,
    },
    /// A null where a value is required.
    #[error("{what} at byte {offset} is null")]
    Null {
        /// The kind of value.
        what: &'static str,
        /// Where its length stands.
        offset: usize,
    },
    /// An operation inside a multi that has no place there.
    #[error("operation {code} at byte {offset} has no place in a {what}")]
    MisplacedOperation {
        /// The kind of multi.
        what: &'static str,
        /// Behind which header: where its body would start.
        offset: usize,
        /// The operation code as sent.
        code: i32,
    },
}
