//! Why a call did not succeed, and whether the write it asked for may have happened all the same.

use proto::path::PathError;
use proto::{ErrorCode, SessionId};
use thiserror::Error;

use crate::SessionState;

/// What is known about the write behind a failed call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It did not happen and will not.
    NotDone,
    /// It may have happened, may not have, or may still happen later.
    Unknown,
}

/// Why a call did not succeed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Error {
    /// The service answered, with a refusal.
    #[error("the service refused: {0}")]
    Service(ErrorCode),
    /// A multi was refused as a whole, because of one of its operations.
    #[error("the service refused the multi because of its operation {index}: {code}")]
    MultiRefused {
        /// The operation at fault, counted from 0.
        index: usize,
        /// Why.
        code: ErrorCode,
    },
    /// The connection was lost (or given up) before the answer came. The session may well live on.
    #[error("the connection was lost ({})", sent_in_words(*sent))]
    ConnectionLoss {
        /// Whether the request had been handed to the connection.
        sent: bool,
    },
    /// The call's time was up. See [`Config::call_timeout`](crate::Config::call_timeout).
    #[error("no answer in time ({})", sent_in_words(*sent))]
    Timeout {
        /// Whether the request had been handed to the connection.
        sent: bool,
    },
    /// The session is gone, and with it this client's use.
    #[error("the session has expired ({})", sent_in_words(*sent))]
    SessionExpired {
        /// Whether the request had been handed to the connection.
        sent: bool,
    },
    /// The client was closed.
    #[error("the client is closed ({})", sent_in_words(*sent))]
    Closed {
        /// Whether the request had been handed to the connection.
        sent: bool,
    },
    /// The service refused the client's credentials, and with them the client.
    #[error("the authentication failed ({})", sent_in_words(*sent))]
    AuthFailed {
        /// Whether the request had been handed to the connection.
        sent: bool,
    },
    /// The answer could not be understood.
    #[error("the answer makes no sense: {0}")]
    Malformed(String),
    /// The path is none that a znode can have. Nothing was sent.
    #[error("{0}")]
    BadPath(#[from] PathError),
    /// An argument that no server would take. Nothing was sent.
    #[error("{0}")]
    BadArgument(&'static str),
}

fn sent_in_words(sent: bool) -> &'static str {
    if sent { "the request was sent" } else { "the request was not sent" }
}

impl Error {
    /// What is known about the write the call asked for. For a read it says nothing of interest.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        match self {
            Error::Service(code) => outcome_of(*code),
            Error::ConnectionLoss { sent }
            | Error::Timeout { sent }
            | Error::SessionExpired { sent }
            | Error::Closed { sent }
            | Error::AuthFailed { sent } => {
                if *sent {
                    Outcome::Unknown
                } else {
                    Outcome::NotDone
                }
            }
            Error::Malformed(_) => Outcome::Unknown,
            Error::MultiRefused { .. } | Error::BadPath(_) | Error::BadArgument(_) => Outcome::NotDone,
        }
    }

    /// The service's own word, if it answered.
    #[must_use]
    pub fn code(&self) -> Option<ErrorCode> {
        match self {
            Error::Service(code) | Error::MultiRefused { code, .. } => Some(*code),
            _ => None,
        }
    }

    /// Whether the service answered with this code.
    #[must_use]
    pub fn is(&self, code: ErrorCode) -> bool {
        self.code() == Some(code)
    }

    /// Whether no later call on this client can succeed: a new client is needed.
    #[must_use]
    pub fn is_session_over(&self) -> bool {
        matches!(self, Error::SessionExpired { .. } | Error::Closed { .. } | Error::AuthFailed { .. })
    }

    /// What a call gets that found the session over, or was caught by its end.
    pub(crate) fn of_ended(state: SessionState, sent: bool) -> Error {
        match state {
            SessionState::Expired => Error::SessionExpired { sent },
            SessionState::AuthFailed => Error::AuthFailed { sent },
            SessionState::Closed => Error::Closed { sent },
            SessionState::Connecting | SessionState::Connected | SessionState::Disconnected => {
                Error::ConnectionLoss { sent }
            }
        }
    }
}

/// A refusal means that nothing was done, save for the codes by which a server says that it does not know itself.
fn outcome_of(code: ErrorCode) -> Outcome {
    match code {
        ErrorCode::SystemError
        | ErrorCode::RuntimeInconsistency
        | ErrorCode::DataInconsistency
        | ErrorCode::ConnectionLoss
        | ErrorCode::MarshallingError
        | ErrorCode::OperationTimeout
        | ErrorCode::RequestTimeout
        | ErrorCode::Unknown(_) => Outcome::Unknown,
        _ => Outcome::NotDone,
    }
}

/// Why a watch will not fire any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
#[non_exhaustive]
pub enum WatchEnded {
    /// The session has expired.
    #[error("the session has expired")]
    Expired,
    /// The client was closed, or the last of its handles was dropped.
    #[error("the client is closed")]
    Closed,
    /// The service refused the client's credentials.
    #[error("the authentication failed")]
    AuthFailed,
    /// The watch was taken away by [`Client::remove_watches`](crate::Client::remove_watches).
    #[error("the watch was removed")]
    Removed,
}

/// A session to go on with, from another client's life. Whoever has it can act as that client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Credentials {
    /// The session.
    pub session: SessionId,
    /// What proves that it is one's own.
    pub password: proto::Password,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_means_not_done_unless_the_server_does_not_know_itself() {
        let certain = [ErrorCode::NoNode, ErrorCode::BadVersion, ErrorCode::NodeExists, ErrorCode::SessionMoved];
        for code in certain {
            assert_eq!(Error::Service(code).outcome(), Outcome::NotDone, "{code}");
        }
        for code in [ErrorCode::SystemError, ErrorCode::RequestTimeout] {
            assert_eq!(Error::Service(code).outcome(), Outcome::Unknown, "{code}");
        }
    }

    #[test]
    fn what_was_sent_and_not_answered_is_unknown() {
        for (sent, outcome) in [(true, Outcome::Unknown), (false, Outcome::NotDone)] {
            assert_eq!(Error::ConnectionLoss { sent }.outcome(), outcome);
            assert_eq!(Error::Timeout { sent }.outcome(), outcome);
            assert_eq!(Error::SessionExpired { sent }.outcome(), outcome);
            assert_eq!(Error::Closed { sent }.outcome(), outcome);
        }
    }
}
