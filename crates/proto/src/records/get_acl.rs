//! getACL: who may do what?

use crate::types::{Acl, Stat};
use crate::wire::record;

/// Reads the access control list of a znode.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GetAclRequest {
    /// Which znode.
    pub path: String,
}

record!(GetAclRequest { path });

/// What answers getACL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GetAclResponse {
    /// Who may do what.
    pub acls: Vec<Acl>,
    /// The metadata.
    pub stat: Stat,
}

record!(GetAclResponse { acls, stat });
