//! whoAmI: the identities of the connection. The request has no body.

use bytes::BytesMut;

use crate::types::Id;
use crate::wire::{Decode, DecodeError, Encode, Reader, record};

/// What answers whoAmI.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WhoAmIResponse {
    /// Every identity the connection has proved.
    pub client_info: Vec<ClientInfo>,
}

record!(WhoAmIResponse { client_info });

/// An identity, without what proved it. Shown as an [`Id`] is, should a server send more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientInfo(pub Id);

impl Encode for ClientInfo {
    fn encode(&self, buffer: &mut BytesMut) {
        self.0.encode(buffer);
    }
}

impl Decode for ClientInfo {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Id::decode(reader).map(Self)
    }
}
