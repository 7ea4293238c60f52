//! A disk: what has been synced, and what has only been written.

use bytes::Bytes;

use crate::durable::{Durable, Proposal};
use crate::effects::Persist;

/// One server's disk.
#[derive(Clone, Debug, Default)]
pub(crate) struct Disk {
    /// What survives.
    synced: Durable,
    /// The application's state in the last snapshot.
    state: Bytes,
    /// What was written since, in order.
    written: Vec<Persist>,
    /// An operator has vouched for the empty disk.
    pub(crate) vouched: bool,
}

/// What a loss of power leaves of what was written and not synced.
///
/// The log and the two epochs are files of their own. Between two syncs nothing orders them, so each keeps a part of its
/// own; what comes after a sync survives only with all that came before it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Survival {
    /// How many of the syncs under way took place.
    pub(crate) syncs: usize,
    /// How many of the writes to the log after them.
    pub(crate) log: usize,
    /// Did the accepted epoch reach the disk?
    pub(crate) accepted: bool,
    /// Did the current epoch?
    pub(crate) current: bool,
}

impl Survival {
    /// Nothing survives.
    pub(crate) const NOTHING: Survival = Survival { syncs: 0, log: 0, accepted: false, current: false };
    /// All does.
    pub(crate) const ALL: Survival = Survival { syncs: usize::MAX, log: usize::MAX, accepted: true, current: true };
}

impl Disk {
    pub(crate) fn new() -> Disk {
        Disk { vouched: true, ..Disk::default() }
    }

    /// What a server that starts finds, and the application's state.
    pub(crate) fn read(&self) -> (Durable, Bytes) {
        assert!(self.written.is_empty(), "a server starts after a crash");
        let lost = !self.vouched && self.synced.current_epoch == 0;
        (Durable { lost, ..self.synced.clone() }, self.state.clone())
    }

    /// Writes; says the token if that was a sync.
    pub(crate) fn write(&mut self, operation: Persist) -> Option<u64> {
        let token = if let Persist::Sync { token } = operation { Some(token) } else { None };
        self.written.push(operation);
        token
    }

    pub(crate) fn writes_under_way(&self) -> usize {
        self.written.len()
    }

    /// Is a history, or the epoch it belongs to, on its way to the disk?
    pub(crate) fn is_sealing(&self) -> bool {
        let part = |operation: &Persist| !matches!(operation, Persist::AcceptedEpoch(_) | Persist::Sync { .. });
        self.written.iter().any(part)
    }

    /// The sync with this token takes place, and all before it.
    pub(crate) fn sync(&mut self, token: u64) {
        let is_it = |operation: &Persist| matches!(operation, Persist::Sync { token: one } if *one == token);
        if let Some(end) = self.written.iter().position(is_it) {
            for operation in self.written.drain(..=end).collect::<Vec<_>>() {
                self.apply(operation);
            }
        }
    }

    /// A snapshot of the application, up to `covered` transactions of the log.
    pub(crate) fn snapshot(&mut self, zxid: crate::Zxid, state: Bytes) {
        if self.written.is_empty() && zxid >= self.synced.snapshot {
            self.synced.snapshot = zxid;
            self.synced.log.retain(|proposal| proposal.zxid > zxid);
            self.state = state;
        }
    }

    pub(crate) fn crash(&mut self, survival: Survival) {
        let (mut syncs, mut log) = (0, 0);
        for operation in std::mem::take(&mut self.written) {
            let whole = syncs < survival.syncs;
            match &operation {
                Persist::Sync { .. } if whole => syncs += 1,
                Persist::Sync { .. } => break,
                Persist::AcceptedEpoch(_) if whole || survival.accepted => self.apply(operation),
                Persist::CurrentEpoch(_) if whole || survival.current => self.apply(operation),
                Persist::AcceptedEpoch(_) | Persist::CurrentEpoch(_) => {}
                _ if whole => self.apply(operation),
                _ if log < survival.log => {
                    log += 1;
                    self.apply(operation);
                }
                _ => {}
            }
        }
    }

    /// The disk is replaced by an empty one, and nobody notices.
    pub(crate) fn wipe(&mut self) {
        *self = Disk::default();
    }

    fn apply(&mut self, operation: Persist) {
        match operation {
            Persist::AcceptedEpoch(epoch) => self.synced.accepted_epoch = epoch,
            Persist::CurrentEpoch(epoch) => self.synced.current_epoch = epoch,
            Persist::Append(proposal) => {
                // A correct server appends in order. What a broken one repeats, recovery drops.
                if proposal.zxid > self.synced.last() {
                    self.synced.log.push(proposal);
                }
            }
            Persist::Truncate(to) => {
                assert!(to >= self.synced.snapshot, "a snapshot holds what is committed only");
                self.synced.log.retain(|proposal: &Proposal| proposal.zxid <= to);
            }
            Persist::InstallSnapshot { zxid, state, tail } => {
                self.synced.snapshot = zxid;
                self.synced.log = tail;
                self.state = state;
            }
            Persist::Sync { .. } => {}
        }
    }
}
