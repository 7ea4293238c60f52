//! What stands before each part of a multi.

use crate::types::{ErrorCode, OpCode};
use crate::wire::{Decode, DecodeError, Reader, record};

/// What stands before each part of a multi, request and answer, and behind the last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MultiHeader {
    /// Which operation follows, or whose result.
    pub op_code: OpCode,
    /// Whether this is the end.
    pub done: bool,
    /// In an answer: 0, or the error of the part. In a request, and at the end: -1.
    pub error: Option<ErrorCode>,
}

record!(MultiHeader { op_code, done, error });

impl MultiHeader {
    /// Behind the last part.
    pub const END: Self = Self { op_code: OpCode::Error, done: true, error: Some(ErrorCode::SystemError) };

    /// Before an operation.
    #[must_use]
    pub const fn operation(op_code: OpCode) -> Self {
        Self { op_code, done: false, error: Some(ErrorCode::SystemError) }
    }

    /// Before the result of an operation that went well.
    #[must_use]
    pub const fn result(op_code: OpCode) -> Self {
        Self { op_code, done: false, error: None }
    }

    /// Before the result of one that did not, or that did in a multi which did not.
    #[must_use]
    pub const fn failure(error: Option<ErrorCode>) -> Self {
        Self { op_code: OpCode::Error, done: false, error }
    }

    /// Reads parts until the end, each with the header that stands before it.
    pub(super) fn decode_parts<T>(
        reader: &mut Reader<'_>,
        decode_part: impl Fn(Self, &mut Reader<'_>) -> Result<T, DecodeError>,
    ) -> Result<Vec<T>, DecodeError> {
        let mut parts = Vec::new();
        loop {
            let header = Self::decode(reader)?;
            if header.done {
                return Ok(parts);
            }
            parts.push(decode_part(header, reader)?);
        }
    }
}
