//! What clients read of the ensemble in `/zookeeper/config` (`ZKDatabase.initConfigInZKDatabase`).
//!
//! No transaction wrote it, so that it is not in the tree, which is a function of transactions alone: each server lays
//! what it was started with over the empty znode there. It cannot be changed: `reconfig` is refused.

use bytes::Bytes;
use host::WallTime;
use proto::Stat;

use crate::config::Config;
use crate::tree::{CONFIG, Znode, canonical};

/// What a server was started with, and when.
#[derive(Clone, Debug)]
pub(super) struct Description {
    text: Bytes,
    /// The wall clock, in milliseconds since the Unix epoch.
    time: i64,
}

impl Description {
    pub(super) fn of(config: &Config, wall: WallTime) -> Option<Description> {
        let text = config.ensemble.as_ref()?.description.as_ref()?;
        Some(Description { text: Bytes::from(text.clone()), time: wall.as_millis() })
    }
}

/// A znode's data and metadata as clients of a server with this description see them.
pub(super) fn seen(description: Option<&Description>, path: &str, node: &Znode) -> (Option<Bytes>, Stat) {
    let stat = node.stat();
    match description {
        Some(Description { text, time }) if canonical(path) == CONFIG => {
            let data_length = i32::try_from(text.len()).unwrap_or(i32::MAX);
            (Some(text.clone()), Stat { version: -1, mtime: *time, data_length, ..stat })
        }
        _ => (node.data.clone(), stat),
    }
}
