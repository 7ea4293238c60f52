//! Elections in which all candidates want one and the same znode, as HBase, Kafka and Hadoop hold them.

use std::sync::Arc;

use election::Kafka;

use crate::election::Election;

/// `election/kafka`: the controller election of Kafka through ZooKeeper.
pub static KAFKA: Election = Election::new(
    "election/kafka",
    "Kafka's controller: an epoch counted up with the election fences every act, on brokers and on the service",
    || Arc::new(Kafka::new("/")),
);
