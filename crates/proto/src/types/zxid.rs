//! The number of a transaction.

use std::fmt;

use bytes::BytesMut;

use crate::wire::{Decode, DecodeError, Encode, Reader};

/// The number of a transaction: the epoch of its leader above, a counter below, 32 bits each.
///
/// Compared as a signed number, as ZooKeeper compares it. Shown in hexadecimal.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Zxid(pub i64);

impl Zxid {
    /// Before the first transaction.
    pub const ZERO: Self = Self(0);

    /// In the header of a watch event before ZooKeeper 3.9: not told.
    pub const NONE: Self = Self(-1);

    /// The zxid with this epoch and counter.
    #[must_use]
    pub const fn new(epoch: u32, counter: u32) -> Self {
        Self(((epoch as i64) << 32) | counter as i64)
    }

    /// The epoch of the leader that proposed it.
    #[must_use]
    pub const fn epoch(self) -> u32 {
        (self.0 >> 32) as u32
    }

    /// Which transaction of its epoch it is. 0 is the start of the epoch.
    #[must_use]
    pub const fn counter(self) -> u32 {
        self.0 as u32
    }

    /// The next one of the same epoch; `None` when the counter is used up.
    #[must_use]
    pub const fn next(self) -> Option<Self> {
        match self.counter() {
            u32::MAX => None,
            _ => Some(Self(self.0 + 1)),
        }
    }
}

impl fmt::Display for Zxid {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:#x}", self.0)
    }
}

impl fmt::Debug for Zxid {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Zxid({self})")
    }
}

impl Encode for Zxid {
    fn encode(&self, buffer: &mut BytesMut) {
        self.0.encode(buffer);
    }
}

impl Decode for Zxid {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        i64::decode(reader).map(Self)
    }
}
