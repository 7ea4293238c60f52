//! Elections in which all candidates want one and the same znode, as HBase, Kafka and Hadoop hold them.

use std::sync::Arc;

use election::resource::Fencing;
use election::{Hadoop, Hbase, Kafka};

use crate::election::Election;

/// Where HBase keeps its znodes.
pub const HBASE: &str = "/hbase";

/// Where Hadoop keeps those of a nameservice.
pub const HADOOP: &str = "/hadoop-ha/ns";

/// Where the resource is.
pub const VAULT: &str = "vault:9000";

/// `election/kafka`: the controller election of Kafka through ZooKeeper.
pub const KAFKA: Election = Election::new(
    "election/kafka",
    "Kafka's controller: an epoch counted up with the election fences every act, on brokers and on the service",
    || Arc::new(Kafka::new("/")),
);

/// `election/hbase`: HBase's active master.
pub const HBASE_MASTER: Election = Election {
    fencing: Fencing::Unchecked,
    ..Election::new(
        "election/hbase",
        "HBase's active master: one ephemeral znode, a lost connection ignored, and no fencing of its own",
        || Arc::new(Hbase::new(HBASE)),
    )
};

/// `election/hadoop`: Hadoop's active and standby.
pub const HADOOP_ELECTOR: Election = Election {
    fencing: Fencing::Explicit,
    ..Election::new(
        "election/hadoop",
        "Hadoop's elector: the old active is fenced off, by the breadcrumb that it left, before the new one acts",
        || Arc::new(Hadoop::new(HADOOP, VAULT)),
    )
};
