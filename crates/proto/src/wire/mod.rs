//! The jute encoding: fields in order, big-endian integers, lengths in front, nothing else.
//!
//! A record knows neither its own name nor its length, so a reader has to know what to expect.
//! Bytes after the end of a record are ignored, as ZooKeeper ignores them: that is how fields were
//! added to the protocol. Two sources of trouble are refused here, once for all records: a length
//! that the input does not hold, and a negative length other than -1 (null).

mod error;
mod primitives;
mod reader;
mod record;

use bytes::{Bytes, BytesMut};

pub use error::DecodeError;
pub use primitives::encode_vector;
pub use reader::Reader;
pub(crate) use record::record;

/// A value that can be appended to a buffer in its jute form.
pub trait Encode {
    /// Appends the value.
    ///
    /// # Panics
    /// If a string, buffer or vector is longer than `i32::MAX`: no frame could carry it.
    fn encode(&self, buffer: &mut BytesMut);
}

/// A value that can be read from its jute form.
pub trait Decode: Sized {
    /// Reads the value where the reader stands and moves the reader behind it.
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError>;

    /// Reads the value from the start of `bytes`; what follows it is ignored.
    fn from_bytes(bytes: &Bytes) -> Result<Self, DecodeError> {
        Self::decode(&mut Reader::new(bytes))
    }
}
