//! sasl: a step of an authentication dialogue. Read and written, not understood.

use crate::types::Secret;
use crate::wire::record;

/// The client's step (`GetSASLRequest`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SaslRequest {
    /// The client's token.
    pub token: Secret,
}

record!(SaslRequest { token });

/// The server's step (`SetSASLResponse`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SaslResponse {
    /// The server's token.
    pub token: Secret,
}

record!(SaslResponse { token });
