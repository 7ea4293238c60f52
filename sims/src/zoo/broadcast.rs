//! Bugs of the atomic broadcast: the B rows. Registers are written and read on it.

use interregnum::Planted;
use server::Mutant;

use crate::service::{REGISTER, Service, WRITERS};

/// What may show that history was lost, or that there are two: the official properties, or what clients see of it.
const DIVERGES: &[&str] = &[
    "zab/leadership-1",
    "zab/leadership-2",
    "zab/prefix-consistency",
    "zab/integrity",
    "zab/agreement",
    "zab/total-order",
    "zab/local-primary-order",
    "zab/global-primary-order",
    "zab/primary-integrity",
    "durability",
    "digest",
    "epochs",
    "linearizable",
];

/// Registers on a broadcast with one bug.
const fn broadcast(name: &'static str, about: &'static str, mutant: zab::Mutant, planted: Planted) -> Service {
    WRITERS.with_bug(name, about, Mutant::Broadcast(mutant), planted)
}

/// B1, ZOOKEEPER-1343: a new epoch only above higher ones.
pub static B1: Service = broadcast(
    "zoo/B1",
    "planted: a new epoch is above the accepted ones that are higher, but not above equal ones",
    zab::Mutant::ReusesEpoch,
    Planted { id: "B1", caught_by: DIVERGES },
);

/// B3, ZOOKEEPER-2355: a history that is not there yet.
pub static B3: Service = broadcast(
    "zoo/B3",
    "planted: a learner counts a DIFF as its own history from the header on",
    zab::Mutant::ClaimsDiffEarly,
    Planted { id: "B3", caught_by: DIVERGES },
);

/// B4, ZOOKEEPER-4643: the epoch before its history.
pub static B4: Service = broadcast(
    "zoo/B4",
    "planted: the current epoch is written before the history it stands for",
    zab::Mutant::EntersEpochFirst,
    Planted { id: "B4", caught_by: DIVERGES },
);

/// B5, ZOOKEEPER-4646: NEWLEADER acknowledged too early.
pub static B5: Service = broadcast(
    "zoo/B5",
    "planted: NEWLEADER is acknowledged before what was synchronised is on disk",
    zab::Mutant::AcksNewLeaderUnsynced,
    Planted { id: "B5", caught_by: DIVERGES },
);

/// B9, ZOOKEEPER-3023: logged after the acknowledgement.
pub static B9: Service = broadcast(
    "zoo/B9",
    "planted: what was synchronised is logged after NEWLEADER was acknowledged",
    zab::Mutant::LogsAfterAck,
    Planted { id: "B9", caught_by: DIVERGES },
);

/// B10, ZOOKEEPER-4785: one barrier for history and epoch.
pub static B10: Service = broadcast(
    "zoo/B10",
    "planted: history and current epoch go to the disk together, with one barrier after both",
    zab::Mutant::EntersEpochUnsynced,
    Planted { id: "B10", caught_by: DIVERGES },
);

/// B11, ZOOKEEPER-2845: the logged tail forgotten.
pub static B11: Service = broadcast(
    "zoo/B11",
    "planted: in a later election of one life a server forgets what it logged and did not deliver",
    zab::Mutant::ForgetsLoggedTail,
    Planted { id: "B11", caught_by: DIVERGES },
);

/// B12, ZOOKEEPER-3104: NEWLEADER overtakes.
pub static B12: Service = broadcast(
    "zoo/B12",
    "planted: NEWLEADER overtakes what it is to seal",
    zab::Mutant::NewLeaderFirst,
    Planted { id: "B12", caught_by: DIVERGES },
);

/// B16, ZOOKEEPER-1154: TRUNC leaves too much.
pub static B16_LESS: Service = broadcast(
    "zoo/B16",
    "planted: TRUNC leaves one transaction too many",
    zab::Mutant::TruncatesTooLittle,
    Planted { id: "B16", caught_by: DIVERGES },
);

/// B16, ZOOKEEPER-1156: TRUNC takes too much.
pub static B16_MORE: Service = broadcast(
    "zoo/B16-more",
    "planted: TRUNC takes one transaction too many, which is not sent again",
    zab::Mutant::TruncatesTooMuch,
    Planted { id: "B16-more", caught_by: DIVERGES },
);

/// B16, ZOOKEEPER-962: a gap between synchronisation and broadcast.
pub static B16_GAP: Service = broadcast(
    "zoo/B16-gap",
    "planted: what is proposed while a learner synchronises passes it by",
    zab::Mutant::JoinsLate,
    Planted { id: "B16-gap", caught_by: DIVERGES },
);

/// B17, ZOOKEEPER-1192: no quorum of epoch acknowledgements.
pub static B17: Service = broadcast(
    "zoo/B17",
    "planted: the leader does not wait for a quorum to acknowledge its epoch",
    zab::Mutant::SkipsEpochAcks,
    Planted { id: "B17", caught_by: DIVERGES },
);

/// B19, ZOOKEEPER-1653: refuses to start.
pub static B19: Service = broadcast(
    "zoo/B19",
    "planted: a server that finds its epochs behind its log refuses to start",
    zab::Mutant::RefusesRepair,
    Planted { id: "B19", caught_by: &["restart"] },
);

/// B24, ZOOKEEPER-261: votes with an empty disk.
pub static B24: Service = broadcast(
    "zoo/B24",
    "planted: a voter that lost its disk votes as if it were new",
    zab::Mutant::VotesAfterLoss,
    Planted { id: "B24", caught_by: DIVERGES },
);

/// B25, ZOOKEEPER-1675: no bug planted, but ZooKeeper's own sync, taken for one that makes reads linearizable.
pub static B25: Service = REGISTER.with_sync_of_the_leader_alone(
    "zoo/B25",
    "planted: sync asks the leader alone, which may be deposed and not know it",
    Planted { id: "B25", caught_by: &["linearizable"] },
);

/// B27, half is a quorum: of an even number of servers.
pub static B27: Service = broadcast(
    "zoo/B27",
    "planted: half of the servers are a quorum",
    zab::Mutant::HalfIsQuorum,
    Planted { id: "B27", caught_by: DIVERGES },
)
.on(4);

/// B27, the leader counts itself too early.
pub static B27_LEADER: Service = broadcast(
    "zoo/B27-leader",
    "planted: the leader counts itself before its log is on disk",
    zab::Mutant::LeaderAcksUnsynced,
    Planted { id: "B27-leader", caught_by: DIVERGES },
);

/// B28, acknowledged before the fsync.
pub static B28: Service = broadcast(
    "zoo/B28",
    "planted: a follower acknowledges a proposal before it is on disk",
    zab::Mutant::AcksUnsynced,
    Planted { id: "B28", caught_by: DIVERGES },
);
