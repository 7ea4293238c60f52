//! What a client asks for: one variant an operation, with its body.
//!
//! Refused: codes that only servers use among themselves, and codes nobody knows. Both give
//! [`RequestError::Unsupported`]; a ZooKeeper server answers such a request with `Unimplemented`.

use bytes::BytesMut;
use thiserror::Error;

use crate::frame::write_frame;
use crate::records::*;
use crate::types::OpCode;
use crate::wire::{Decode, DecodeError, Encode, Reader};

/// Why a request could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RequestError {
    /// The operation is none that a client can ask for.
    #[error("operation {code} is none that a client can ask for", code = .0.to_i32())]
    Unsupported(OpCode),
    /// The body is not what the operation wants.
    #[error("the body of {op_code} is malformed: {error}")]
    Malformed {
        /// The operation.
        op_code: OpCode,
        /// What is wrong with the body.
        error: DecodeError,
    },
}

macro_rules! requests {
    (
        bodies { $($(#[$attribute:meta])* $variant:ident($body:ty);)+ }
        bare { $($(#[$bare_attribute:meta])* $bare:ident;)+ }
    ) => {
        /// What a client asks for.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Request {
            $($(#[$attribute])* $variant($body),)+
            $($(#[$bare_attribute])* $bare,)+
        }

        impl Request {
            /// Which operation it is.
            #[must_use]
            pub const fn op_code(&self) -> OpCode {
                match self {
                    $(Self::$variant(_) => OpCode::$variant,)+
                    $(Self::$bare => OpCode::$bare,)+
                }
            }

            fn decode_body(op_code: OpCode, reader: &mut Reader<'_>) -> Result<Option<Self>, DecodeError> {
                Ok(Some(match op_code {
                    $(OpCode::$variant => Self::$variant(Decode::decode(reader)?),)+
                    $(OpCode::$bare => Self::$bare,)+
                    _ => return Ok(None),
                }))
            }
        }

        /// The body alone: a request does not carry its own code.
        impl Encode for Request {
            fn encode(&self, buffer: &mut BytesMut) {
                match self {
                    $(Self::$variant(body) => body.encode(buffer),)+
                    $(Self::$bare => {})+
                }
            }
        }
    };
}

requests! {
    bodies {
        /// create.
        Create(CreateRequest);
        /// create2.
        Create2(CreateRequest);
        /// createContainer.
        CreateContainer(CreateRequest);
        /// createTTL.
        CreateTtl(CreateTtlRequest);
        /// delete.
        Delete(DeleteRequest);
        /// exists.
        Exists(ExistsRequest);
        /// getData.
        GetData(GetDataRequest);
        /// setData.
        SetData(SetDataRequest);
        /// getACL.
        GetAcl(GetAclRequest);
        /// setACL.
        SetAcl(SetAclRequest);
        /// getChildren.
        GetChildren(GetChildrenRequest);
        /// getChildren2.
        GetChildren2(GetChildrenRequest);
        /// sync.
        Sync(SyncRequest);
        /// check, outside a multi.
        Check(CheckRequest);
        /// multi.
        Multi(MultiRequest);
        /// multiRead.
        MultiRead(MultiReadRequest);
        /// reconfig.
        Reconfig(ReconfigRequest);
        /// checkWatches.
        CheckWatches(CheckWatchesRequest);
        /// removeWatches.
        RemoveWatches(RemoveWatchesRequest);
        /// auth.
        Auth(AuthRequest);
        /// setWatches.
        SetWatches(SetWatchesRequest);
        /// setWatches2.
        SetWatches2(SetWatches2Request);
        /// sasl.
        Sasl(SaslRequest);
        /// getEphemerals.
        GetEphemerals(GetEphemeralsRequest);
        /// getAllChildrenNumber.
        GetAllChildrenNumber(GetAllChildrenNumberRequest);
        /// addWatch.
        AddWatch(AddWatchRequest);
    }
    bare {
        /// ping.
        Ping;
        /// whoAmI.
        WhoAmI;
        /// closeSession.
        CloseSession;
    }
}

impl Request {
    /// Reads the body that belongs to `header`.
    ///
    /// The header is read first and apart, so that a request that cannot be read can be answered.
    pub fn decode(header: &RequestHeader, reader: &mut Reader<'_>) -> Result<Self, RequestError> {
        let op_code = header.op_code;
        Self::decode_body(op_code, reader)
            .map_err(|error| RequestError::Malformed { op_code, error })?
            .ok_or(RequestError::Unsupported(op_code))
    }

    /// The path the request is about; `None` if it is about none, or about several.
    #[must_use]
    pub fn path(&self) -> Option<&str> {
        Some(match self {
            Self::Create(request) | Self::Create2(request) | Self::CreateContainer(request) => &request.path,
            Self::CreateTtl(request) => &request.path,
            Self::Delete(request) => &request.path,
            Self::Exists(request) => &request.path,
            Self::GetData(request) => &request.path,
            Self::SetData(request) => &request.path,
            Self::GetAcl(request) => &request.path,
            Self::SetAcl(request) => &request.path,
            Self::GetChildren(request) | Self::GetChildren2(request) => &request.path,
            Self::Sync(request) => &request.path,
            Self::Check(request) => &request.path,
            Self::CheckWatches(request) => &request.path,
            Self::RemoveWatches(request) => &request.path,
            Self::GetEphemerals(request) => &request.prefix_path,
            Self::GetAllChildrenNumber(request) => &request.path,
            Self::AddWatch(request) => &request.path,
            Self::Multi(_)
            | Self::MultiRead(_)
            | Self::Reconfig(_)
            | Self::Auth(_)
            | Self::SetWatches(_)
            | Self::SetWatches2(_)
            | Self::Sasl(_)
            | Self::Ping
            | Self::WhoAmI
            | Self::CloseSession => return None,
        })
    }
}

/// Appends a whole request: frame, header, body.
pub fn write_request(buffer: &mut BytesMut, xid: i32, request: &Request) {
    write_frame(buffer, |buffer| {
        RequestHeader { xid, op_code: request.op_code() }.encode(buffer);
        request.encode(buffer);
    });
}
