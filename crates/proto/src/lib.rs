//! The ZooKeeper wire: records and frames.
