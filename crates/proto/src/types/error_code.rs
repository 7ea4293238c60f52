//! Why an operation failed.

use bytes::BytesMut;

use super::open_enum::open_enum;
use crate::wire::{Decode, DecodeError, Encode, Reader};

open_enum! {
    /// Why an operation failed (`KeeperException.Code`).
    ///
    /// Success is not an error: the wire's 0 is the `None` of an `Option<ErrorCode>`.
    pub enum ErrorCode {
        /// Something on the server's side; also the start of the range of server errors.
        SystemError = -1, "SystemError";
        /// In a failed multi: an operation behind the one that failed.
        RuntimeInconsistency = -2, "RuntimeInconsistency";
        /// The server found its data inconsistent.
        DataInconsistency = -3, "DataInconsistency";
        /// The connection went while the answer was pending. Made by clients, never sent.
        ConnectionLoss = -4, "ConnectionLoss";
        /// The request could not be read or the answer could not be written.
        MarshallingError = -5, "MarshallingError";
        /// The server does not know the operation, or has it switched off.
        Unimplemented = -6, "Unimplemented";
        /// No answer in time. Made by clients, never sent.
        OperationTimeout = -7, "OperationTimeout";
        /// An argument is invalid.
        BadArguments = -8, "BadArguments";
        /// The session is not known; no longer sent.
        UnknownSession = -12, "UnknownSession";
        /// No quorum of the new configuration is connected and up to date.
        NewConfigNoQuorum = -13, "NewConfigNoQuorum";
        /// Another reconfiguration is in progress.
        ReconfigInProgress = -14, "ReconfigInProgress";
        /// The start of the range of errors that a caller can cause.
        ApiError = -100, "APIError";
        /// The znode does not exist.
        NoNode = -101, "NoNode";
        /// The ACL does not allow it.
        NoAuth = -102, "NoAuth";
        /// The version is not the one expected.
        BadVersion = -103, "BadVersion";
        /// An ephemeral znode cannot have children.
        NoChildrenForEphemerals = -108, "NoChildrenForEphemerals";
        /// The znode exists already.
        NodeExists = -110, "NodeExists";
        /// The znode has children.
        NotEmpty = -111, "NotEmpty";
        /// The session has expired.
        SessionExpired = -112, "SessionExpired";
        /// The callback is invalid. Made by clients, never sent.
        InvalidCallback = -113, "InvalidCallback";
        /// The ACL is empty or names nobody.
        InvalidAcl = -114, "InvalidACL";
        /// The authentication failed.
        AuthFailed = -115, "AuthFailed";
        /// The session has moved to another connection.
        SessionMoved = -118, "SessionMoved";
        /// The server is read-only, the operation is not.
        NotReadOnly = -119, "NotReadOnly";
        /// A local session cannot own an ephemeral znode.
        EphemeralOnLocalSession = -120, "EphemeralOnLocalSession";
        /// There is no such watcher.
        NoWatcher = -121, "NoWatcher";
        /// No answer within the client's request timeout. Made by clients, never sent.
        RequestTimeout = -122, "RequestTimeout";
        /// Reconfiguration is switched off.
        ReconfigDisabled = -123, "ReconfigDisabled";
        /// The server insists on SASL authentication and closes the session.
        SessionClosedRequireSaslAuth = -124, "SessionClosedRequireSaslAuth";
        /// A quota would be exceeded.
        QuotaExceeded = -125, "QuotaExceeded";
        /// The server throttles operations.
        ThrottledOp = -127, "ThrottledOp";
    }
}

impl ErrorCode {
    /// What the number on the wire stands for; `None` for 0, success.
    #[must_use]
    pub const fn from_i32(code: i32) -> Option<Self> {
        match code {
            0 => None,
            code => Some(Self::classify(code)),
        }
    }
}

impl std::error::Error for ErrorCode {}

/// `None` is 0: no error.
impl Encode for Option<ErrorCode> {
    fn encode(&self, buffer: &mut BytesMut) {
        self.map_or(0, ErrorCode::to_i32).encode(buffer);
    }
}

impl Decode for Option<ErrorCode> {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        i32::decode(reader).map(ErrorCode::from_i32)
    }
}
