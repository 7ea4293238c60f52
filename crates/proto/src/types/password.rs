//! What proves that a session is one's own.

use std::fmt;

use bytes::BytesMut;

use crate::wire::{Decode, DecodeError, Encode, Reader};

/// What proves that a session is one's own. Never shown.
///
/// On the wire it is a buffer of any length. A client without a session sends what it likes there,
/// nothing at all included; so whatever has not sixteen bytes reads as [`Password::NONE`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Password(pub [u8; Password::LENGTH]);

impl Password {
    /// Its size in bytes.
    pub const LENGTH: usize = 16;

    /// No password: what a new client asks with, and what a refusal answers.
    pub const NONE: Self = Self([0; Self::LENGTH]);
}

impl fmt::Debug for Password {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Password(hidden)")
    }
}

impl Encode for Password {
    fn encode(&self, buffer: &mut BytesMut) {
        self.0[..].encode(buffer);
    }
}

impl Decode for Password {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let bytes = reader.take_buffer("password")?.unwrap_or_default();
        Ok(bytes.try_into().map_or(Self::NONE, Self))
    }
}
