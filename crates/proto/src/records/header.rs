//! What stands before every body but the handshake's.

use crate::types::{ErrorCode, OpCode, Zxid};
use crate::wire::record;

/// What stands before the body of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestHeader {
    /// The client's own count, or one of [`xid`](crate::xid).
    pub xid: i32,
    /// Which operation.
    pub op_code: OpCode,
}

record!(RequestHeader { xid, op_code });

/// What stands before the body of a reply, and before a watch event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReplyHeader {
    /// The xid of the request, or [`xid::NOTIFICATION`](crate::xid::NOTIFICATION).
    pub xid: i32,
    /// The latest transaction the server had applied.
    pub zxid: Zxid,
    /// Why the operation failed. A reply with an error has no body.
    pub error: Option<ErrorCode>,
}

record!(ReplyHeader { xid, zxid, error });
