//! Atomic broadcast: the safety properties of ZooKeeper's TLA+ specifications, and that what was delivered is not lost.
//!
//! After `protocol-spec/Zab.tla` and `system-spec/zk-3.7/ZkV3_7_0.tla` of Apache ZooKeeper's specifications, widened from
//! followers to every server, observers and restarted ones included, with contents compared by checksum. One tracker
//! follows what is broadcast and delivered; each property is a rule over it, in a file of its own.

mod agreement;
mod durability;
mod global_primary_order;
mod integrity;
mod leadership;
mod ledger;
mod local_primary_order;
mod prefix_consistency;
mod primary_integrity;
#[cfg(test)]
mod testing;
mod total_order;

use history::{ClientEvent, DiskEvent, EnsembleEvent, Event, NodeName, Record, ServiceEvent};

use crate::processes::life_ended;
use crate::sometimes::HISTORY_ROTTED;
use crate::{Monitor, Report};

use ledger::{Delivery, Ledger, Transaction};

/// The rules of atomic broadcast. Each speaks under its own name:
///
/// | name | rule |
/// |---|---|
/// | `zab/leadership-1` | two servers that lead have different epochs |
/// | `zab/leadership-2` | an epoch has one established leader at most |
/// | `zab/prefix-consistency` | of the histories of any two servers one is the beginning of the other |
/// | `zab/integrity` | what is delivered was broadcast, with that content |
/// | `zab/agreement` | of any two servers one has delivered all that the other has |
/// | `zab/total-order` | no two servers deliver two transactions in opposite order |
/// | `zab/local-primary-order` | all that a primary broadcast before a delivered transaction is delivered before it |
/// | `zab/global-primary-order` | what is of a lower epoch is delivered before what is of a higher |
/// | `zab/primary-integrity` | a leader has delivered all of earlier epochs that anybody has |
/// | `durability` | what was delivered, or shown to a client, each later leader has, and no server loses |
///
/// The specification's `ShouldNotBeTriggered` is about messages, which are not told: it is asserted inside `zab`.
///
/// The last 65536 transactions are remembered. Of a server that comes back from farther behind nothing is judged until it
/// has come so far. Disks that rot excuse the loss of history, which is counted; disks that are replaced do not, for a
/// server that has lost its disk has no vote until it is synchronised.
pub struct Zab {
    ledger: Ledger,
    rules: Vec<Box<dyn Rule>>,
    is_ensemble: bool,
    has_rotten_disk: bool,
}

/// One property, judged step by step.
trait Rule: Send {
    fn step(&mut self, step: &Step<'_>, report: &mut Report);
}

/// What happened.
struct Step<'a> {
    record: &'a Record,
    node: &'a NodeName,
    what: What,
    ledger: &'a Ledger,
}

enum What {
    /// A server begins with the state as of a transaction; whether others have been there.
    Begins { zxid: i64, is_known: bool },
    /// It removed from its log what comes after this transaction.
    Truncates { to: i64 },
    /// As leader, it begins to synchronise.
    Synchronising { epoch: u32 },
    /// As leader, a quorum has its initial history.
    Established { epoch: u32, initial: i64 },
    /// It is ready for clients.
    Serves,
    /// It no longer leads, if it did.
    Ends,
    /// It broadcasts; whether the zxid is new.
    Broadcasts { transaction: Transaction, is_new: bool },
    /// It delivers.
    Delivers(Delivery),
    /// A client was shown the service as of a transaction.
    Shown { zxid: i64 },
}

impl Default for Zab {
    fn default() -> Zab {
        Zab::new()
    }
}

impl Zab {
    /// All of its rules.
    pub fn new() -> Zab {
        Zab::with(vec![
            Box::new(leadership::Leadership::default()),
            Box::new(prefix_consistency::PrefixConsistency),
            Box::new(integrity::Integrity),
            Box::new(agreement::Agreement),
            Box::new(total_order::TotalOrder),
            Box::new(local_primary_order::LocalPrimaryOrder),
            Box::new(global_primary_order::GlobalPrimaryOrder),
            Box::new(primary_integrity::PrimaryIntegrity::default()),
            Box::new(durability::Durability),
        ])
    }

    fn with(rules: Vec<Box<dyn Rule>>) -> Zab {
        Zab { ledger: Ledger::default(), rules, is_ensemble: false, has_rotten_disk: false }
    }

    /// What an event means for the rules, if anything.
    fn read(&mut self, node: &NodeName, record: &Record) -> Option<What> {
        let event = match &record.event {
            Event::Ensemble(event) => event,
            Event::Service(ServiceEvent::Serving { .. }) => return Some(What::Serves),
            Event::Service(ServiceEvent::NotServing { .. }) => return Some(What::Ends),
            Event::Client(ClientEvent::Replied { zxid, .. }) => return Some(What::Shown { zxid: *zxid }),
            Event::Machine(_) => return life_ended(record).map(|_| What::Ends),
            _ => return None,
        };
        Some(match event {
            EnsembleEvent::Recovered { snapshot: zxid, .. } | EnsembleEvent::Restored { zxid } => {
                What::Begins { zxid: *zxid, is_known: self.ledger.begin(node, *zxid) }
            }
            EnsembleEvent::Truncated { to } => What::Truncates { to: *to },
            EnsembleEvent::Synchronising { epoch } => What::Synchronising { epoch: *epoch },
            EnsembleEvent::Established { epoch, initial } => What::Established { epoch: *epoch, initial: *initial },
            EnsembleEvent::Resigned { .. } => What::Ends,
            EnsembleEvent::Broadcast { zxid, checksum } => {
                let transaction = Transaction { zxid: *zxid, checksum: *checksum };
                What::Broadcasts { transaction, is_new: self.ledger.broadcast(transaction) }
            }
            EnsembleEvent::Delivered { zxid, checksum } => {
                What::Delivers(self.ledger.deliver(node, Transaction { zxid: *zxid, checksum: *checksum }))
            }
            _ => return None,
        })
    }
}

impl Monitor for Zab {
    fn name(&self) -> &'static str {
        "zab"
    }

    fn observe(&mut self, record: &Record, report: &mut Report) {
        match &record.event {
            Event::Ensemble(_) => self.is_ensemble = true,
            Event::Disk(DiskEvent::Rotted { .. }) => self.has_rotten_disk = true,
            _ => {}
        }
        let (true, Some(node)) = (self.is_ensemble, &record.node) else { return };
        let Some(what) = self.read(node, record) else { return };
        let lost = match what {
            What::Established { epoch, initial } if self.ledger.last_before(epoch) > initial => Some(initial),
            _ => None,
        };
        // What a rotten disk has lost is lost: from here on the history goes without it.
        if let (Some(initial), true) = (lost, self.has_rotten_disk) {
            report.sometimes(HISTORY_ROTTED);
            self.ledger.lose_above(initial);
        }
        let step = Step { record, node, what, ledger: &self.ledger };
        for rule in &mut self.rules {
            rule.step(&step, report);
        }
        // Said once.
        if let Some(initial) = lost {
            self.ledger.lose_above(initial);
        }
    }
}
