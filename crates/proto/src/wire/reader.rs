//! A cursor over the bytes of one frame.

use std::fmt;

use bytes::Bytes;

use super::DecodeError;

/// A cursor over the bytes of one frame.
///
/// Buffers read through it share the frame's memory, and a frame shares that of its
/// [`FrameDecoder`](crate::FrameDecoder): whoever keeps a buffer for long should copy it, or it
/// keeps all that was read along with it.
pub struct Reader<'a> {
    input: &'a Bytes,
    position: usize,
}

impl<'a> Reader<'a> {
    /// A reader at the start of `input`.
    #[must_use]
    pub fn new(input: &'a Bytes) -> Self {
        Self { input, position: 0 }
    }

    /// How many bytes have been read.
    #[must_use]
    pub fn position(&self) -> usize {
        self.position
    }

    /// How many bytes are left.
    #[must_use]
    pub fn remaining(&self) -> usize {
        self.input.len() - self.position
    }

    /// What is left, without copying.
    #[must_use]
    pub fn rest(&self) -> Bytes {
        self.input.slice(self.position..)
    }

    /// Borrows the next `length` bytes and moves behind them.
    pub(super) fn take(&mut self, what: &'static str, length: usize) -> Result<&'a [u8], DecodeError> {
        let remaining = self.remaining();
        if length > remaining {
            let offset = self.position;
            return Err(DecodeError::Truncated { what, offset, needed: length, remaining });
        }
        let start = self.position;
        self.position += length;
        Ok(&self.input[start..self.position])
    }

    /// Reads an array of a known size.
    pub(super) fn take_array<const LENGTH: usize>(&mut self, what: &'static str) -> Result<[u8; LENGTH], DecodeError> {
        let bytes = self.take(what, LENGTH)?;
        Ok(bytes.try_into().expect("take returns what it was asked for"))
    }

    /// Reads a length; `None` is null.
    pub(super) fn take_length(&mut self, what: &'static str) -> Result<Option<usize>, DecodeError> {
        let offset = self.position;
        let length = i32::from_be_bytes(self.take_array(what)?);
        match usize::try_from(length) {
            Ok(length) => Ok(Some(length)),
            Err(_) if length == -1 => Ok(None),
            Err(_) => Err(DecodeError::NegativeLength { what, offset, length }),
        }
    }

    /// Reads a length and borrows that many bytes; `None` is null.
    pub(crate) fn take_buffer(&mut self, what: &'static str) -> Result<Option<&'a [u8]>, DecodeError> {
        match self.take_length(what)? {
            Some(length) => self.take(what, length).map(Some),
            None => Ok(None),
        }
    }

    /// Reads a length and shares that many bytes of the input; `None` is null.
    pub(super) fn take_shared(&mut self, what: &'static str) -> Result<Option<Bytes>, DecodeError> {
        let buffer = self.take_buffer(what)?;
        Ok(buffer.map(|buffer| self.input.slice_ref(buffer)))
    }
}

/// Shows the place only: the bytes may be a credential.
impl fmt::Debug for Reader<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Reader")
            .field("position", &self.position)
            .field("remaining", &self.remaining())
            .finish_non_exhaustive()
    }
}
