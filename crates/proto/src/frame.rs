//! Frames: a 4-byte big-endian length, then that many bytes.
//!
//! Refused: a negative length, and one above the limit (`jute.maxbuffer`, `NIOServerCnxn.readLength`).
//! A length is only a claim, so nothing is reserved for it: memory grows with the bytes that came.
//!
//! The first four bytes of a connection may be a command in four letters instead of a length; the
//! server asks with [`FrameDecoder::peek_word`] before it takes the first frame.

use std::fmt;

use bytes::{Buf, Bytes, BytesMut};
use thiserror::Error;

use crate::wire::Encode;

/// ZooKeeper's default for `jute.maxbuffer`, in bytes: just under one mebibyte.
pub const DEFAULT_LIMIT: usize = 0xf_ffff;

const LENGTH_SIZE: usize = size_of::<i32>();

/// A length that no frame may have. The stream has lost its place: close the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum FrameError {
    /// A length below zero.
    #[error("a frame with the negative length {length}")]
    Negative {
        /// The length as sent.
        length: i32,
    },
    /// A length above the limit.
    #[error("a frame of {length} bytes where at most {limit} are allowed")]
    Oversized {
        /// The length as sent, in bytes.
        length: usize,
        /// The limit, in bytes.
        limit: usize,
    },
}

/// Cuts a stream of bytes into frames.
pub struct FrameDecoder {
    buffer: BytesMut,
    limit: usize,
}

impl FrameDecoder {
    /// A decoder that accepts frames of up to `limit` bytes, the length itself not counted.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self { buffer: BytesMut::new(), limit }
    }

    /// Appends bytes of the stream.
    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// The buffer, to read from a socket into its end without a copy.
    pub fn buffer_mut(&mut self) -> &mut BytesMut {
        &mut self.buffer
    }

    /// The next four bytes of the stream, left where they are; `None` until they have come.
    #[must_use]
    pub fn peek_word(&self) -> Option<[u8; LENGTH_SIZE]> {
        self.buffer.first_chunk().copied()
    }

    /// How many bytes have come that no frame has taken yet.
    #[must_use]
    pub fn buffered(&self) -> usize {
        self.buffer.len()
    }

    /// Takes the body of the next frame; `None` until all of it has come.
    ///
    /// The body shares the decoder's memory. After an error every further call gives the same one.
    pub fn next_frame(&mut self) -> Result<Option<Bytes>, FrameError> {
        let Some(word) = self.peek_word() else {
            return Ok(None);
        };
        let length = self.checked_length(i32::from_be_bytes(word))?;
        if self.buffer.len() - LENGTH_SIZE < length {
            return Ok(None);
        }
        self.buffer.advance(LENGTH_SIZE);
        Ok(Some(self.buffer.split_to(length).freeze()))
    }

    fn checked_length(&self, length: i32) -> Result<usize, FrameError> {
        let limit = self.limit;
        match usize::try_from(length) {
            Ok(length) if length <= limit => Ok(length),
            Ok(length) => Err(FrameError::Oversized { length, limit }),
            Err(_) => Err(FrameError::Negative { length }),
        }
    }
}

impl Default for FrameDecoder {
    fn default() -> Self {
        Self::new(DEFAULT_LIMIT)
    }
}

/// Shows sizes only: the bytes may be a credential.
impl fmt::Debug for FrameDecoder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("FrameDecoder")
            .field("buffered", &self.buffer.len())
            .field("limit", &self.limit)
            .finish()
    }
}

/// Appends a frame whose body is what `body` appends; the length is filled in afterwards.
///
/// # Panics
/// If the body is longer than `i32::MAX` bytes.
pub fn write_frame(buffer: &mut BytesMut, body: impl FnOnce(&mut BytesMut)) {
    let start = buffer.len();
    buffer.extend_from_slice(&[0; LENGTH_SIZE]);
    body(buffer);
    let body_length = buffer.len() - start - LENGTH_SIZE;
    let length = i32::try_from(body_length).expect("a frame holds at most i32::MAX bytes");
    buffer[start..start + LENGTH_SIZE].copy_from_slice(&length.to_be_bytes());
}

/// Appends a frame whose body is one record.
///
/// # Panics
/// If the record is longer than `i32::MAX` bytes.
pub fn write_record(buffer: &mut BytesMut, record: &impl Encode) {
    write_frame(buffer, |buffer| record.encode(buffer));
}
