//! One znode: its data, its counters and the names of its children.

use std::sync::Arc;

use bytes::Bytes;
use indexmap::IndexSet;
use proto::{Stat, Zxid};

use crate::owner::Owner;
use crate::transaction::Acls;

/// A znode.
#[derive(Clone, Debug)]
pub struct Znode {
    /// Its data; null is not empty.
    pub data: Option<Bytes>,
    /// Who may do what.
    pub acls: Acls,
    /// What it lives and dies with.
    pub owner: Owner,
    /// The transaction that created it.
    pub czxid: Zxid,
    /// The transaction that last set its data.
    pub mzxid: Zxid,
    /// The transaction that last created or deleted a child.
    pub pzxid: Zxid,
    /// The leader's wall clock at its creation, in milliseconds since the Unix epoch.
    pub ctime: i64,
    /// The leader's wall clock when its data was last set, in milliseconds since the Unix epoch.
    pub mtime: i64,
    /// How often its data was set.
    pub version: i32,
    /// How many children were ever created: the source of sequence numbers. Clients see another number, see
    /// [`Znode::stat`].
    pub cversion: i32,
    /// How often its access control list was set.
    pub aversion: i32,
    /// The names of its children, in no useful order: one who takes the first for the lowest shall find out.
    pub children: IndexSet<Arc<str>>,
}

impl Znode {
    pub(super) fn new(data: Option<Bytes>, acls: Acls, owner: Owner, zxid: Zxid, time: i64) -> Znode {
        Znode {
            data,
            acls,
            owner,
            czxid: zxid,
            mzxid: zxid,
            pzxid: zxid,
            ctime: time,
            mtime: time,
            version: 0,
            cversion: 0,
            aversion: 0,
            children: IndexSet::new(),
        }
    }

    /// The metadata as clients see it. The visible cversion counts creates and deletes: twice the creates, less the
    /// children that are still there (`DataNode.copyStat`).
    #[must_use]
    pub fn stat(&self) -> Stat {
        let num_children = self.child_count();
        Stat {
            czxid: self.czxid,
            mzxid: self.mzxid,
            ctime: self.ctime,
            mtime: self.mtime,
            version: self.version,
            cversion: self.cversion.wrapping_mul(2).wrapping_sub(num_children),
            aversion: self.aversion,
            ephemeral_owner: self.owner.visible(),
            data_length: i32::try_from(self.data_length()).unwrap_or(i32::MAX),
            num_children,
            pzxid: self.pzxid,
        }
    }

    /// How many children it has.
    #[must_use]
    pub fn child_count(&self) -> i32 {
        i32::try_from(self.children.len()).unwrap_or(i32::MAX)
    }

    /// The length of its data in bytes; null has none.
    #[must_use]
    pub fn data_length(&self) -> usize {
        self.data.as_ref().map_or(0, Bytes::len)
    }

    /// A child more. The counters are only raised, so that a transaction applied twice counts once (`DataTree.createNode`).
    pub(super) fn add_child(&mut self, name: &str, cversion: i32, zxid: Zxid) {
        self.children.insert(Arc::from(name));
        // A wrapped counter is newer than an unwrapped one: compare the distance, not the numbers.
        if cversion.wrapping_sub(self.cversion) > 0 {
            self.cversion = cversion;
            self.pzxid = self.pzxid.max(zxid);
        }
    }

    /// A child less.
    pub(super) fn remove_child(&mut self, name: &str, zxid: Zxid) {
        self.children.swap_remove(name);
        self.pzxid = self.pzxid.max(zxid);
    }
}
