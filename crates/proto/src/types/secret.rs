//! Bytes that must not be shown.

use std::fmt;

use bytes::{Bytes, BytesMut};

use crate::wire::{Decode, DecodeError, Encode, Reader};

/// Bytes that must not be shown: a credential, a token. Null on the wire reads as empty.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Secret(pub Bytes);

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(hidden)")
    }
}

impl Encode for Secret {
    fn encode(&self, buffer: &mut BytesMut) {
        self.0[..].encode(buffer);
    }
}

impl Decode for Secret {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self(Option::<Bytes>::decode(reader)?.unwrap_or_default()))
    }
}
