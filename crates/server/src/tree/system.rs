//! The system's own znodes: the root, `/zookeeper`, `/zookeeper/quota`, `/zookeeper/config` (`DataTree` constructor).

use std::sync::Arc;

use bytes::Bytes;
use proto::{Acl, Zxid, path};

use super::{Tree, Znode};
use crate::owner::Owner;

/// Where the service keeps its own.
pub const SYSTEM: &str = "/zookeeper";
/// Where quotas are kept.
pub const QUOTA: &str = "/zookeeper/quota";
/// Where the configuration of the ensemble is kept; readable only.
pub const CONFIG: &str = "/zookeeper/config";

/// Whether nobody may delete this path (`ZKDatabase.isSpecialPath`).
#[must_use]
pub fn is_special(path: &str) -> bool {
    matches!(path, path::ROOT | SYSTEM | QUOTA | CONFIG)
}

impl Tree {
    /// Their counters stay at zero, so that the visible cversion of the root starts at -1, as ZooKeeper's does.
    pub(super) fn plant_system(&mut self) {
        for path in [path::ROOT, SYSTEM, QUOTA, CONFIG] {
            let mut node = Znode::new(Some(Bytes::new()), self.open.clone(), Owner::Nobody, Zxid::ZERO, 0);
            if path == CONFIG {
                node.acls = vec![Acl::read_only()].into();
                node.aversion = -1;
            }
            if let Some(parent) = path::parent(path).and_then(|parent| self.nodes.get_mut(parent)) {
                parent.children.insert(Arc::from(path::name(path)));
            }
            self.nodes.insert(Arc::from(path), node);
        }
    }
}
