//! addWatch: a watch that stays.

use bytes::BytesMut;

use crate::types::WatchMode;
use crate::wire::{Decode, DecodeError, Encode, Reader, record};

/// Adds a persistent watch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddWatchRequest {
    /// Where.
    pub path: String,
    /// What it covers, as sent; see [`WatchMode`].
    pub mode: i32,
}

record!(AddWatchRequest { path, mode });

impl AddWatchRequest {
    /// What the watch covers; `None` if the number stands for nothing.
    #[must_use]
    pub fn watch_mode(&self) -> Option<WatchMode> {
        WatchMode::from_i32(self.mode)
    }
}

/// What answers an addWatch that went well: a 0 (`FinalRequestProcessor` sends an
/// `ErrorResponse`, and the Java client insists on reading one). Its absence is accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct AddWatchResponse;

impl Encode for AddWatchResponse {
    fn encode(&self, buffer: &mut BytesMut) {
        0_i32.encode(buffer);
    }
}

impl Decode for AddWatchResponse {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        if reader.remaining() > 0 {
            i32::decode(reader)?;
        }
        Ok(Self)
    }
}
