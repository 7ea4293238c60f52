//! Bugs of elections for one znode: the A rows of Kafka, HBase, Hadoop and their like.
//!
//! Each is held to what its strategy promises without the bug. `--set planted=false` switches the bug off: the control, on
//! which the monitors must stay silent.

use std::sync::Arc;
use std::time::Duration;

use election::{Hadoop, Hbase, Kafka, Mutant};
use interregnum::Planted;

use crate::election::Election;
use crate::single_node::{HADOOP, HADOOP_ELECTOR, HBASE, HBASE_MASTER, KAFKA, VAULT};

/// How long Patroni's loop takes from its look at the cluster to what it does about it: within its `loop_wait` of 10 s.
const LOOP: Duration = Duration::from_secs(6);

/// How long it takes to reach an old active in order to fence it off.
const FENCING: Duration = Duration::from_secs(3);

/// A22, KAFKA-6082: a controller writes without the check of its epoch.
pub static A22: Election = Election {
    name: "zoo/A22",
    about: "planted: what a controller writes to the service goes out unchecked, even after it was replaced",
    candidate: Some(Mutant::WritesUnchecked),
    sound: Some(KAFKA.strategy),
    planted: Some(Planted { id: "A22", caught_by: &["single-leader/effect"] }),
    ..KAFKA
};

/// A23, KAFKA-13407: an unanswered registration leaves a controller that takes itself for active and does nothing.
pub static A23: Election = Election {
    name: "zoo/A23",
    about: "planted: who finds itself to be the controller takes the election for done, and does nothing",
    strategy: || Arc::new(Kafka::new("/").with_mutant(Mutant::ElectsAnewWhenUnanswered)),
    sound: Some(KAFKA.strategy),
    planted: Some(Planted { id: "A23", caught_by: &["failover"] }),
    ..KAFKA
};

/// A24, KAFKA-1387, KAFKA-4229, KAFKA-7165: the znode of one's own former session is taken for one's own.
pub static A24: Election = Election {
    name: "zoo/A24",
    about: "planted: a lock that bears one's own name is taken for one's own, whatever its session",
    strategy: || Arc::new(Hadoop::new(HADOOP, VAULT).cautious().with_mutant(Mutant::TakesDataForOwner)),
    sound: Some(|| Arc::new(Hadoop::new(HADOOP, VAULT).cautious())),
    planted: Some(Planted { id: "A24", caught_by: &["single-leader/belief", "single-leader/order"] }),
    ..HADOOP_ELECTOR
};

/// A26, of HBase: a master deletes the znode of another that has the same host and port.
pub static A26: Election = Election {
    name: "zoo/A26",
    about: "planted: masters that all know themselves as localhost delete each other's znode",
    strategy: || Arc::new(Hbase::new(HBASE).cautious().on_host("localhost")),
    sound: Some(|| Arc::new(Hbase::new(HBASE).cautious().on_host("localhost").patient())),
    planted: Some(Planted { id: "A26", caught_by: &["single-leader/belief"] }),
    ..HBASE_MASTER
};

/// A27, Patroni #774: a znode with one's own name, of another session, is deleted whatever has become of it.
pub static A27: Election = Election {
    name: "zoo/A27",
    about: "planted: who sees its own name under another session deletes the znode a while later, whosever it is by then",
    strategy: || Arc::new(Hbase::new(HBASE).cautious().taking(LOOP)),
    sound: Some(|| Arc::new(Hbase::new(HBASE).cautious().taking(LOOP).patient())),
    planted: Some(Planted { id: "A27", caught_by: &["single-leader/belief"] }),
    ..HBASE_MASTER
};

/// A32, of Hadoop's breadcrumb: one becomes active before the old active is fenced.
pub static A32: Election = Election {
    name: "zoo/A32",
    about: "planted: the new active acts before the old one is fenced off",
    strategy: || {
        let hadoop = Hadoop::new(HADOOP, VAULT).fencing_after(FENCING);
        Arc::new(hadoop.with_mutant(Mutant::ActivatesBeforeFencing))
    },
    sound: Some(|| Arc::new(Hadoop::new(HADOOP, VAULT).fencing_after(FENCING))),
    planted: Some(Planted { id: "A32", caught_by: &["single-leader/effect"] }),
    ..HADOOP_ELECTOR
};

/// A35, Helix #641 and #642, Solr: what was begun in a session that is over goes on in the next one.
pub static A35: Election = Election {
    name: "zoo/A35",
    about: "planted: an activation goes on under the next session, although the lock went with the former one",
    strategy: || {
        let hadoop = Hadoop::new(HADOOP, VAULT).cautious().fencing_after(FENCING);
        Arc::new(hadoop.with_mutant(Mutant::CarriesOnInNextSession))
    },
    sound: Some(|| Arc::new(Hadoop::new(HADOOP, VAULT).cautious().fencing_after(FENCING))),
    planted: Some(Planted { id: "A35", caught_by: &["single-leader/belief", "single-leader/order"] }),
    ..HADOOP_ELECTOR
};
