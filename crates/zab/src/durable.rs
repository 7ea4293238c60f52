//! What a server finds on its disk.

use bytes::Bytes;

use crate::zxid::{Epoch, Zxid};

/// A transaction in a log.
#[derive(Clone, derive_more::Debug, PartialEq, Eq)]
pub struct Proposal {
    /// Its place.
    pub zxid: Zxid,
    /// What it is about: opaque here.
    #[debug("{} bytes", payload.len())]
    pub payload: Bytes,
}

/// What survived on the disk: handed to [`Peer::new`](crate::Peer::new) at recovery.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Durable {
    /// The last [`Persist::AcceptedEpoch`](crate::Persist::AcceptedEpoch).
    pub accepted_epoch: Epoch,
    /// The last [`Persist::CurrentEpoch`](crate::Persist::CurrentEpoch).
    pub current_epoch: Epoch,
    /// The transaction up to which the recovered application's state goes: that of the last snapshot.
    pub snapshot: Zxid,
    /// The logged transactions above the snapshot, in order.
    pub log: Vec<Proposal>,
    /// The disk is empty, and nobody vouches that it always was.
    ///
    /// A voter that has lost its disk has forgotten what it acknowledged and which epochs it promised itself to; if it
    /// voted like a new one, a quorum could form that has never seen an acknowledged write (ZOOKEEPER-261). An empty disk
    /// does not say which of the two it is, so the shell has to: [`Durable::first_boot`] where the operator created the
    /// server (ZooKeeper's `initialize` file), [`Durable::lost`] otherwise. A server that has lost its disk neither votes
    /// nor counts in discovery; it joins a working ensemble, and once synchronised with an established leader it is a
    /// voter like any other. A majority of lost disks therefore never elects: that needs an operator, as it should.
    ///
    /// The shell says `lost` until it finds a current epoch on the disk: that is written only after the first
    /// synchronisation is whole, while accepted epoch and log come earlier.
    pub lost: bool,
}

impl Durable {
    /// A new server, of a new ensemble or added to one: empty, and rightly so.
    pub fn first_boot() -> Durable {
        Durable::default()
    }

    /// A server that finds its disk empty and should not have.
    pub fn lost() -> Durable {
        Durable { lost: true, ..Durable::default() }
    }

    /// The last logged transaction.
    pub fn last(&self) -> Zxid {
        self.log.last().map_or(self.snapshot, |proposal| proposal.zxid)
    }

    /// Repairs what a crash may have left between two writes, instead of refusing to start as ZooKeeper does
    /// (ZOOKEEPER-1653, 2307, 2354). Says whether anything had to be repaired.
    ///
    /// - *The log has a transaction of epoch e, the current epoch is lower*: power went after the log of a
    ///   synchronisation was written and before the epoch was. The current epoch says "my history contains the history
    ///   that epoch e began with". The log is written in order, so a log with a transaction of epoch e contains all that
    ///   came before it, the beginning of e included: what the epoch says is true, and may be written down. Refusing
    ///   to start would take a sound replica out of the quorum for ever.
    /// - *The accepted epoch is below the current one*: accepting an epoch is a promise not to take part in one that is
    ///   not higher. To enter an epoch is more than to accept it, and to promise more is always safe.
    pub fn repair(&mut self) -> bool {
        let current = self.current_epoch.max(self.last().epoch());
        let accepted = self.accepted_epoch.max(current);
        let repaired = (accepted, current) != (self.accepted_epoch, self.current_epoch);
        (self.accepted_epoch, self.current_epoch) = (accepted, current);
        assert!(self.accepted_epoch >= self.current_epoch && self.current_epoch >= self.last().epoch());
        repaired
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_ahead_of_its_epoch_is_repaired() {
        let proposal = Proposal { zxid: Zxid::new(3, 1), payload: Bytes::new() };
        let mut durable = Durable { accepted_epoch: 3, current_epoch: 2, log: vec![proposal], ..Durable::default() };
        assert!(durable.repair());
        assert_eq!((durable.accepted_epoch, durable.current_epoch), (3, 3));
        assert!(!durable.repair());
    }

    #[test]
    fn an_accepted_epoch_behind_the_current_one_is_repaired() {
        let mut durable = Durable { accepted_epoch: 1, current_epoch: 2, ..Durable::default() };
        assert!(durable.repair());
        assert_eq!((durable.accepted_epoch, durable.current_epoch), (2, 2));
    }
}
