//! getEphemerals: what goes with this session?

use bytes::BytesMut;

use crate::wire::{Decode, DecodeError, Encode, Reader, record};

/// Lists the ephemeral znodes of the session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GetEphemeralsRequest {
    /// What their paths must start with.
    pub prefix_path: String,
}

impl Encode for GetEphemeralsRequest {
    fn encode(&self, buffer: &mut BytesMut) {
        self.prefix_path.encode(buffer);
    }
}

/// No prefix at all is as good as an empty one: ZooKeeper looks for it.
impl Decode for GetEphemeralsRequest {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self { prefix_path: Option::<String>::decode(reader)?.unwrap_or_default() })
    }
}

/// What answers getEphemerals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GetEphemeralsResponse {
    /// Their paths.
    pub ephemerals: Vec<String>,
}

record!(GetEphemeralsResponse { ephemerals });
