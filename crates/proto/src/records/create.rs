//! create, create2, createContainer, createTTL: a new znode.

use bytes::Bytes;

use crate::types::{Acl, CreateMode, Stat};
use crate::wire::record;

/// Creates a znode: the body of create, create2 and createContainer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateRequest {
    /// The path; a sequential mode appends a number to it.
    pub path: String,
    /// The data; null is not empty.
    pub data: Option<Bytes>,
    /// Who may do what.
    pub acls: Vec<Acl>,
    /// The mode, as sent; see [`CreateMode`].
    pub flags: i32,
}

record!(CreateRequest { path, data, acls, flags });

impl CreateRequest {
    /// The mode; `None` if the flags stand for nothing.
    #[must_use]
    pub fn mode(&self) -> Option<CreateMode> {
        CreateMode::from_i32(self.flags)
    }
}

/// Creates a znode with a time to live: the body of createTTL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateTtlRequest {
    /// The path; a sequential mode appends a number to it.
    pub path: String,
    /// The data; null is not empty.
    pub data: Option<Bytes>,
    /// Who may do what.
    pub acls: Vec<Acl>,
    /// The mode, as sent; see [`CreateMode`].
    pub flags: i32,
    /// The time to live, in milliseconds.
    pub ttl_milliseconds: i64,
}

record!(CreateTtlRequest { path, data, acls, flags, ttl_milliseconds });

impl CreateTtlRequest {
    /// The mode; `None` if the flags stand for nothing.
    #[must_use]
    pub fn mode(&self) -> Option<CreateMode> {
        CreateMode::from_i32(self.flags)
    }
}

/// What answers create.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateResponse {
    /// The path created, with its number if it has one.
    pub path: String,
}

record!(CreateResponse { path });

/// What answers create2, createContainer and createTTL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Create2Response {
    /// The path created, with its number if it has one.
    pub path: String,
    /// The metadata of the new znode.
    pub stat: Stat,
}

record!(Create2Response { path, stat });
