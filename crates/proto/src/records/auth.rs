//! auth: proves an identity on this connection.

use crate::types::Secret;
use crate::wire::record;

/// Proves an identity on this connection (`AuthPacket`). Its xid is
/// [`xid::AUTH`](crate::xid::AUTH).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthRequest {
    /// Always 0; nobody looks at it.
    pub auth_type: i32,
    /// The scheme.
    pub scheme: String,
    /// The proof, as the scheme wants it: `user:password` for `digest`.
    pub credential: Secret,
}

record!(AuthRequest { auth_type, scheme, credential });
