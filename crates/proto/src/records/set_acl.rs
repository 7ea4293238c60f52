//! setACL: who may do what from now on.

use crate::types::{Acl, Stat};
use crate::wire::record;

/// Writes the access control list of a znode.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetAclRequest {
    /// Which znode.
    pub path: String,
    /// Who may do what.
    pub acls: Vec<Acl>,
    /// The version of the list expected; -1 for any.
    pub version: i32,
}

record!(SetAclRequest { path, acls, version });

/// What answers setACL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetAclResponse {
    /// The metadata.
    pub stat: Stat,
}

record!(SetAclResponse { stat });
