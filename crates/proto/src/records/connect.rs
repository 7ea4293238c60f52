//! The handshake: the first frame each way, without a header.
//!
//! Each ends with an optional `readOnly`, added in ZooKeeper 3.4. Old peers do not send it, and
//! some do not expect it: a server sends it only to a client that did (ZOOKEEPER-4814).

use bytes::BytesMut;

use crate::types::{Password, SessionId, Zxid};
use crate::wire::{Decode, DecodeError, Encode, Reader};

/// Asks for a session: a new one, or one's own back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectRequest {
    /// Always 0.
    pub protocol_version: i32,
    /// The latest transaction the client has seen; a server that is behind it must refuse.
    pub last_zxid_seen: Zxid,
    /// The session timeout wished for, in milliseconds.
    pub timeout_milliseconds: i32,
    /// The session to get back, or none for a new one.
    pub session_id: SessionId,
    /// What proves that the session is one's own.
    pub password: Password,
    /// Whether a read-only server will do; `None` if not sent.
    pub read_only: Option<bool>,
}

impl Encode for ConnectRequest {
    fn encode(&self, buffer: &mut BytesMut) {
        self.protocol_version.encode(buffer);
        self.last_zxid_seen.encode(buffer);
        self.timeout_milliseconds.encode(buffer);
        self.session_id.encode(buffer);
        self.password.encode(buffer);
        encode_read_only(self.read_only, buffer);
    }
}

impl Decode for ConnectRequest {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            protocol_version: Decode::decode(reader)?,
            last_zxid_seen: Decode::decode(reader)?,
            timeout_milliseconds: Decode::decode(reader)?,
            session_id: Decode::decode(reader)?,
            password: Decode::decode(reader)?,
            read_only: decode_read_only(reader)?,
        })
    }
}

/// Grants a session, or refuses one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectResponse {
    /// Always 0.
    pub protocol_version: i32,
    /// The session timeout granted, in milliseconds; 0 or less is a refusal.
    pub timeout_milliseconds: i32,
    /// The session.
    pub session_id: SessionId,
    /// What will prove that the session is one's own.
    pub password: Password,
    /// Whether the server is read-only; `None` if not sent.
    pub read_only: Option<bool>,
}

impl ConnectResponse {
    /// What a client gets whose session has expired, or whose password is wrong.
    #[must_use]
    pub fn refused(read_only: Option<bool>) -> Self {
        Self {
            protocol_version: 0,
            timeout_milliseconds: 0,
            session_id: SessionId::NONE,
            password: Password::NONE,
            read_only,
        }
    }

    /// Whether this is a refusal (`ClientCnxnSocket`: a timeout of 0 or less).
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.timeout_milliseconds <= 0
    }
}

impl Encode for ConnectResponse {
    fn encode(&self, buffer: &mut BytesMut) {
        self.protocol_version.encode(buffer);
        self.timeout_milliseconds.encode(buffer);
        self.session_id.encode(buffer);
        self.password.encode(buffer);
        encode_read_only(self.read_only, buffer);
    }
}

impl Decode for ConnectResponse {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            protocol_version: Decode::decode(reader)?,
            timeout_milliseconds: Decode::decode(reader)?,
            session_id: Decode::decode(reader)?,
            password: Decode::decode(reader)?,
            read_only: decode_read_only(reader)?,
        })
    }
}

fn encode_read_only(read_only: Option<bool>, buffer: &mut BytesMut) {
    if let Some(read_only) = read_only {
        read_only.encode(buffer);
    }
}

fn decode_read_only(reader: &mut Reader<'_>) -> Result<Option<bool>, DecodeError> {
    match reader.remaining() {
        0 => Ok(None),
        _ => bool::decode(reader).map(Some),
    }
}
