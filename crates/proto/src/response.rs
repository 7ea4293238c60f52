//! What a server answers: the body of a reply. Which one it is, only the request tells.

use bytes::BytesMut;
use thiserror::Error;

use crate::frame::write_frame;
use crate::records::*;
use crate::types::{ErrorCode, OpCode, Zxid, xid};
use crate::wire::{Decode, DecodeError, Encode, Reader};

/// Why a reply could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ResponseError {
    /// The operation is none that a client can have asked for.
    #[error("operation {code} is none that a client can have asked for", code = .0.to_i32())]
    Unsupported(OpCode),
    /// The body is not what answers the operation.
    #[error("the answer to {op_code} is malformed: {error}")]
    Malformed {
        /// The operation.
        op_code: OpCode,
        /// What is wrong with the body.
        error: DecodeError,
    },
}

/// What a server answers when all went well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Response {
    /// To delete, check, ping, auth, setWatches, setWatches2, checkWatches, removeWatches and
    /// closeSession: no body.
    Empty,
    /// To create.
    Create(CreateResponse),
    /// To create2, createContainer and createTTL.
    Create2(Create2Response),
    /// To exists.
    Exists(ExistsResponse),
    /// To getData.
    GetData(GetDataResponse),
    /// To setData.
    SetData(SetDataResponse),
    /// To getACL.
    GetAcl(GetAclResponse),
    /// To setACL.
    SetAcl(SetAclResponse),
    /// To getChildren.
    GetChildren(GetChildrenResponse),
    /// To getChildren2.
    GetChildren2(GetChildren2Response),
    /// To sync.
    Sync(SyncResponse),
    /// To multi, also to one that failed.
    Multi(MultiResponse),
    /// To multiRead.
    MultiRead(MultiReadResponse),
    /// To reconfig: the new configuration.
    Reconfig(GetDataResponse),
    /// To sasl.
    Sasl(SaslResponse),
    /// To getEphemerals.
    GetEphemerals(GetEphemeralsResponse),
    /// To getAllChildrenNumber.
    GetAllChildrenNumber(GetAllChildrenNumberResponse),
    /// To addWatch.
    AddWatch(AddWatchResponse),
    /// To whoAmI.
    WhoAmI(WhoAmIResponse),
}

impl Response {
    /// Reads the rest of a reply to a request with the code `op_code`.
    ///
    /// The inner error is the server's: it refused the operation.
    pub fn decode(
        op_code: OpCode,
        header: &ReplyHeader,
        reader: &mut Reader<'_>,
    ) -> Result<Result<Self, ErrorCode>, ResponseError> {
        if let Some(error) = header.error {
            return Ok(Err(error));
        }
        Self::decode_body(op_code, reader)
            .map_err(|error| ResponseError::Malformed { op_code, error })?
            .ok_or(ResponseError::Unsupported(op_code))
            .map(Ok)
    }

    fn decode_body(op_code: OpCode, reader: &mut Reader<'_>) -> Result<Option<Self>, DecodeError> {
        Ok(Some(match op_code {
            OpCode::Delete
            | OpCode::Check
            | OpCode::Ping
            | OpCode::Auth
            | OpCode::SetWatches
            | OpCode::SetWatches2
            | OpCode::CheckWatches
            | OpCode::RemoveWatches
            | OpCode::CloseSession => Self::Empty,
            OpCode::Create => Self::Create(Decode::decode(reader)?),
            OpCode::Create2 | OpCode::CreateContainer | OpCode::CreateTtl => Self::Create2(Decode::decode(reader)?),
            OpCode::Exists => Self::Exists(Decode::decode(reader)?),
            OpCode::GetData => Self::GetData(Decode::decode(reader)?),
            OpCode::SetData => Self::SetData(Decode::decode(reader)?),
            OpCode::GetAcl => Self::GetAcl(Decode::decode(reader)?),
            OpCode::SetAcl => Self::SetAcl(Decode::decode(reader)?),
            OpCode::GetChildren => Self::GetChildren(Decode::decode(reader)?),
            OpCode::GetChildren2 => Self::GetChildren2(Decode::decode(reader)?),
            OpCode::Sync => Self::Sync(Decode::decode(reader)?),
            OpCode::Multi => Self::Multi(Decode::decode(reader)?),
            OpCode::MultiRead => Self::MultiRead(Decode::decode(reader)?),
            OpCode::Reconfig => Self::Reconfig(Decode::decode(reader)?),
            OpCode::Sasl => Self::Sasl(Decode::decode(reader)?),
            OpCode::GetEphemerals => Self::GetEphemerals(Decode::decode(reader)?),
            OpCode::GetAllChildrenNumber => Self::GetAllChildrenNumber(Decode::decode(reader)?),
            OpCode::AddWatch => Self::AddWatch(Decode::decode(reader)?),
            OpCode::WhoAmI => Self::WhoAmI(Decode::decode(reader)?),
            OpCode::Notification
            | OpCode::DeleteContainer
            | OpCode::CreateSession
            | OpCode::Error
            | OpCode::Unknown(_) => return Ok(None),
        }))
    }
}

impl Encode for Response {
    fn encode(&self, buffer: &mut BytesMut) {
        match self {
            Self::Empty => {}
            Self::Create(body) => body.encode(buffer),
            Self::Create2(body) => body.encode(buffer),
            Self::Exists(body) => body.encode(buffer),
            Self::GetData(body) | Self::Reconfig(body) => body.encode(buffer),
            Self::SetData(body) => body.encode(buffer),
            Self::GetAcl(body) => body.encode(buffer),
            Self::SetAcl(body) => body.encode(buffer),
            Self::GetChildren(body) => body.encode(buffer),
            Self::GetChildren2(body) => body.encode(buffer),
            Self::Sync(body) => body.encode(buffer),
            Self::Multi(body) => body.encode(buffer),
            Self::MultiRead(body) => body.encode(buffer),
            Self::Sasl(body) => body.encode(buffer),
            Self::GetEphemerals(body) => body.encode(buffer),
            Self::GetAllChildrenNumber(body) => body.encode(buffer),
            Self::AddWatch(body) => body.encode(buffer),
            Self::WhoAmI(body) => body.encode(buffer),
        }
    }
}

/// Appends a whole reply: frame, header, and the body if the operation went well.
///
/// # Panics
/// If an error comes with a body, in debug builds: clients do not read it.
pub fn write_reply(buffer: &mut BytesMut, header: &ReplyHeader, response: Option<&Response>) {
    debug_assert!(header.error.is_none() || response.is_none(), "an error has no body");
    write_frame(buffer, |buffer| {
        header.encode(buffer);
        if let Some(response) = response {
            response.encode(buffer);
        }
    });
}

/// Appends a whole watch event: frame, header, event.
///
/// `zxid` is that of the transaction the watch saw, or [`Zxid::NONE`] as before ZooKeeper 3.9
/// (ZOOKEEPER-4655).
pub fn write_notification(buffer: &mut BytesMut, zxid: Zxid, event: &WatcherEvent) {
    write_frame(buffer, |buffer| {
        ReplyHeader { xid: xid::NOTIFICATION, zxid, error: None }.encode(buffer);
        event.encode(buffer);
    });
}
