//! multiRead: several reads in one request, each for itself.
//!
//! Refused: operations that are not getData or getChildren.

use bytes::BytesMut;

use super::multi::misplaced;
use super::{GetChildrenRequest, GetChildrenResponse, GetDataRequest, GetDataResponse, MultiHeader};
use crate::types::{ErrorCode, OpCode};
use crate::wire::{Decode, DecodeError, Encode, Reader};

/// Several reads in one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MultiReadRequest {
    /// The operations, in order.
    pub operations: Vec<MultiReadOperation>,
}

/// A read inside a multiRead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MultiReadOperation {
    /// getData.
    GetData(GetDataRequest),
    /// getChildren.
    GetChildren(GetChildrenRequest),
}

impl MultiReadOperation {
    /// Which operation it is.
    #[must_use]
    pub fn op_code(&self) -> OpCode {
        match self {
            Self::GetData(_) => OpCode::GetData,
            Self::GetChildren(_) => OpCode::GetChildren,
        }
    }

    /// The path it is about.
    #[must_use]
    pub fn path(&self) -> &str {
        match self {
            Self::GetData(request) => &request.path,
            Self::GetChildren(request) => &request.path,
        }
    }
}

impl Encode for MultiReadRequest {
    fn encode(&self, buffer: &mut BytesMut) {
        for operation in &self.operations {
            MultiHeader::operation(operation.op_code()).encode(buffer);
            match operation {
                MultiReadOperation::GetData(request) => request.encode(buffer),
                MultiReadOperation::GetChildren(request) => request.encode(buffer),
            }
        }
        MultiHeader::END.encode(buffer);
    }
}

impl Decode for MultiReadRequest {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let operations = MultiHeader::decode_parts(reader, |header, reader| {
            Ok(match header.op_code {
                OpCode::GetData => MultiReadOperation::GetData(Decode::decode(reader)?),
                OpCode::GetChildren => MultiReadOperation::GetChildren(Decode::decode(reader)?),
                other => return Err(misplaced("multiRead", other, reader)),
            })
        })?;
        Ok(Self { operations })
    }
}

/// What answers multiRead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MultiReadResponse {
    /// The results, one an operation, in order.
    pub results: Vec<MultiReadResult>,
}

/// The result of a read inside a multiRead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MultiReadResult {
    /// Of getData.
    GetData(GetDataResponse),
    /// Of getChildren.
    GetChildren(GetChildrenResponse),
    /// Of a read that failed.
    Error(Option<ErrorCode>),
}

impl Encode for MultiReadResponse {
    fn encode(&self, buffer: &mut BytesMut) {
        for result in &self.results {
            match result {
                MultiReadResult::GetData(response) => {
                    MultiHeader::result(OpCode::GetData).encode(buffer);
                    response.encode(buffer);
                }
                MultiReadResult::GetChildren(response) => {
                    MultiHeader::result(OpCode::GetChildren).encode(buffer);
                    response.encode(buffer);
                }
                MultiReadResult::Error(error) => {
                    MultiHeader::failure(*error).encode(buffer);
                    error.encode(buffer);
                }
            }
        }
        MultiHeader::END.encode(buffer);
    }
}

impl Decode for MultiReadResponse {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let results = MultiHeader::decode_parts(reader, |header, reader| {
            Ok(match header.op_code {
                OpCode::GetData => MultiReadResult::GetData(Decode::decode(reader)?),
                OpCode::GetChildren => MultiReadResult::GetChildren(Decode::decode(reader)?),
                OpCode::Error => MultiReadResult::Error(Decode::decode(reader)?),
                other => return Err(misplaced("multiRead response", other, reader)),
            })
        })?;
        Ok(Self { results })
    }
}
