//! The metadata of a znode.

use super::{SessionId, Zxid};
use crate::wire::record;

/// The metadata of a znode, as clients see it. The names are ZooKeeper's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct Stat {
    /// The transaction that created the znode.
    pub czxid: Zxid,
    /// The transaction that last wrote the data.
    pub mzxid: Zxid,
    /// When it was created: milliseconds since 1970, on the leader's wall clock.
    pub ctime: i64,
    /// When the data was last written: milliseconds since 1970, on the leader's wall clock.
    pub mtime: i64,
    /// How often the data was written.
    pub version: i32,
    /// How often a child was created or deleted.
    pub cversion: i32,
    /// How often the ACL was written.
    pub aversion: i32,
    /// The session that an ephemeral znode goes with; none for any other.
    pub ephemeral_owner: SessionId,
    /// The length of the data, in bytes.
    pub data_length: i32,
    /// How many children there are.
    pub num_children: i32,
    /// The transaction that last created or deleted a child.
    pub pzxid: Zxid,
}

record!(Stat {
    czxid,
    mzxid,
    ctime,
    mtime,
    version,
    cversion,
    aversion,
    ephemeral_owner,
    data_length,
    num_children,
    pzxid,
});
