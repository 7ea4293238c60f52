//! multi: several writes, all or none.
//!
//! Refused: operations that are not writes. ZooKeeper refuses a mixture of reads and writes
//! (`MultiOperationRecord.add`); reads for themselves are a multiRead.

use bytes::BytesMut;

use super::{
    CheckRequest, Create2Response, CreateRequest, CreateResponse, CreateTtlRequest, DeleteRequest, MultiHeader,
    SetDataRequest, SetDataResponse,
};
use crate::types::{ErrorCode, OpCode};
use crate::wire::{Decode, DecodeError, Encode, Reader};

/// Several writes, all or none, at one zxid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MultiRequest {
    /// The operations, in order; each sees what those before it did.
    pub operations: Vec<MultiOperation>,
}

/// A write inside a multi.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MultiOperation {
    /// create.
    Create(CreateRequest),
    /// create2.
    Create2(CreateRequest),
    /// createContainer.
    CreateContainer(CreateRequest),
    /// createTTL.
    CreateTtl(CreateTtlRequest),
    /// delete.
    Delete(DeleteRequest),
    /// setData.
    SetData(SetDataRequest),
    /// check.
    Check(CheckRequest),
}

impl MultiOperation {
    /// Which operation it is.
    #[must_use]
    pub fn op_code(&self) -> OpCode {
        match self {
            Self::Create(_) => OpCode::Create,
            Self::Create2(_) => OpCode::Create2,
            Self::CreateContainer(_) => OpCode::CreateContainer,
            Self::CreateTtl(_) => OpCode::CreateTtl,
            Self::Delete(_) => OpCode::Delete,
            Self::SetData(_) => OpCode::SetData,
            Self::Check(_) => OpCode::Check,
        }
    }

    /// The path it is about.
    #[must_use]
    pub fn path(&self) -> &str {
        match self {
            Self::Create(request) | Self::Create2(request) | Self::CreateContainer(request) => &request.path,
            Self::CreateTtl(request) => &request.path,
            Self::Delete(request) => &request.path,
            Self::SetData(request) => &request.path,
            Self::Check(request) => &request.path,
        }
    }
}

impl Encode for MultiRequest {
    fn encode(&self, buffer: &mut BytesMut) {
        for operation in &self.operations {
            MultiHeader::operation(operation.op_code()).encode(buffer);
            match operation {
                MultiOperation::Create(request)
                | MultiOperation::Create2(request)
                | MultiOperation::CreateContainer(request) => request.encode(buffer),
                MultiOperation::CreateTtl(request) => request.encode(buffer),
                MultiOperation::Delete(request) => request.encode(buffer),
                MultiOperation::SetData(request) => request.encode(buffer),
                MultiOperation::Check(request) => request.encode(buffer),
            }
        }
        MultiHeader::END.encode(buffer);
    }
}

impl Decode for MultiRequest {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let operations = MultiHeader::decode_parts(reader, |header, reader| {
            Ok(match header.op_code {
                OpCode::Create => MultiOperation::Create(Decode::decode(reader)?),
                OpCode::Create2 => MultiOperation::Create2(Decode::decode(reader)?),
                OpCode::CreateContainer => MultiOperation::CreateContainer(Decode::decode(reader)?),
                OpCode::CreateTtl => MultiOperation::CreateTtl(Decode::decode(reader)?),
                OpCode::Delete => MultiOperation::Delete(Decode::decode(reader)?),
                OpCode::SetData => MultiOperation::SetData(Decode::decode(reader)?),
                OpCode::Check => MultiOperation::Check(Decode::decode(reader)?),
                other => return Err(misplaced("multi", other, reader)),
            })
        })?;
        Ok(Self { operations })
    }
}

/// What answers multi. A multi that failed has only errors for results, and none in its header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MultiResponse {
    /// The results, one an operation, in order.
    pub results: Vec<MultiResult>,
}

impl MultiResponse {
    /// The first error, and the index of its operation. It is the one that failed: operations
    /// before it have none.
    #[must_use]
    pub fn failure(&self) -> Option<(usize, ErrorCode)> {
        self.results.iter().enumerate().find_map(|(index, result)| match result {
            MultiResult::Error(Some(error)) => Some((index, *error)),
            _ => None,
        })
    }
}

/// The result of a write inside a multi.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MultiResult {
    /// Of create.
    Create(CreateResponse),
    /// Of create2, createContainer and createTTL.
    Create2(Create2Response),
    /// Of delete.
    Delete,
    /// Of setData.
    SetData(SetDataResponse),
    /// Of check.
    Check,
    /// Of any operation in a multi that failed: none before the one that failed, its own error,
    /// `RuntimeInconsistency` after it.
    Error(Option<ErrorCode>),
}

impl Encode for MultiResponse {
    fn encode(&self, buffer: &mut BytesMut) {
        for result in &self.results {
            match result {
                MultiResult::Create(response) => {
                    MultiHeader::result(OpCode::Create).encode(buffer);
                    response.encode(buffer);
                }
                MultiResult::Create2(response) => {
                    MultiHeader::result(OpCode::Create2).encode(buffer);
                    response.encode(buffer);
                }
                MultiResult::Delete => MultiHeader::result(OpCode::Delete).encode(buffer),
                MultiResult::SetData(response) => {
                    MultiHeader::result(OpCode::SetData).encode(buffer);
                    response.encode(buffer);
                }
                MultiResult::Check => MultiHeader::result(OpCode::Check).encode(buffer),
                MultiResult::Error(error) => {
                    MultiHeader::failure(*error).encode(buffer);
                    error.encode(buffer);
                }
            }
        }
        MultiHeader::END.encode(buffer);
    }
}

impl Decode for MultiResponse {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let results = MultiHeader::decode_parts(reader, |header, reader| {
            Ok(match header.op_code {
                OpCode::Create => MultiResult::Create(Decode::decode(reader)?),
                OpCode::Create2 | OpCode::CreateContainer | OpCode::CreateTtl => {
                    MultiResult::Create2(Decode::decode(reader)?)
                }
                OpCode::Delete => MultiResult::Delete,
                OpCode::SetData => MultiResult::SetData(Decode::decode(reader)?),
                OpCode::Check => MultiResult::Check,
                OpCode::Error => MultiResult::Error(Decode::decode(reader)?),
                other => return Err(misplaced("multi response", other, reader)),
            })
        })?;
        Ok(Self { results })
    }
}

/// The error for an operation that has no place where it is.
pub(super) fn misplaced(what: &'static str, op_code: OpCode, reader: &Reader<'_>) -> DecodeError {
    let offset = reader.position();
    DecodeError::MisplacedOperation { what, offset, code: op_code.to_i32() }
}
