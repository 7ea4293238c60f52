//! What every replica holds: the tree, the sessions, and how far it has come.
//!
//! [`Database::apply`] is the only way to change it, and a function of the transaction alone: replicas that applied the
//! same transactions are equal, and their digests are too (`ZKDatabase.java`, `DataTree.processTxn`).

use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};

use bytes::Bytes;
use proto::{ErrorCode, SessionId, Stat, Zxid, path};

use crate::sessions::identity;
use crate::transaction::{Change, Transaction};
use crate::tree::{Mutation, Tree};

/// What every replica holds.
#[derive(Clone, Debug, Default)]
pub struct Database {
    /// The znodes.
    pub tree: Tree,
    /// Every open session and its timeout in milliseconds, as granted at its creation.
    pub sessions: BTreeMap<SessionId, i32>,
    /// The last transaction applied.
    pub last_zxid: Zxid,
    /// The highest session that each server ever opened, closed ones included: no id is given twice.
    pub highest_sessions: BTreeMap<u8, SessionId>,
}

/// What came of a transaction, for the one who asked for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A znode was created.
    Created(std::sync::Arc<str>, Stat),
    /// A znode was deleted.
    Deleted,
    /// Data were set.
    DataSet(Stat),
    /// An access control list was set.
    AclsSet(Stat),
    /// A condition held.
    Checked,
    /// Everything before it is applied, and a quorum has confirmed it.
    Synced,
    /// A session began.
    SessionCreated,
    /// A session ended.
    SessionClosed,
    /// The outcomes of a multi; if it failed, all are errors, and `None` stands for those before the failing one.
    Multi(Vec<Result<Outcome, Option<ErrorCode>>>),
}

impl Database {
    /// Applies a transaction. What happened to znodes is appended to `told`, in order.
    ///
    /// # Errors
    /// The error that the transaction carries, or the one that a second application meets.
    pub fn apply(&mut self, transaction: &Transaction, told: &mut Vec<Mutation>) -> Result<Outcome, ErrorCode> {
        self.last_zxid = self.last_zxid.max(transaction.zxid);
        match &transaction.change {
            Change::Multi(changes) => Ok(Outcome::Multi(self.apply_all(transaction, changes, told))),
            change => self.apply_one(transaction, change, told),
        }
    }

    fn apply_all(
        &mut self,
        transaction: &Transaction,
        changes: &[Change],
        told: &mut Vec<Mutation>,
    ) -> Vec<Result<Outcome, Option<ErrorCode>>> {
        let failed = changes.iter().any(|change| matches!(change, Change::Failure(_)));
        let apply = |change: &Change| match change {
            Change::Failure(error) => Err(Some(*error)),
            _ if failed => Err(None),
            change => self.apply_one(transaction, change, told).map_err(Some),
        };
        changes.iter().map(apply).collect()
    }

    fn apply_one(
        &mut self,
        transaction: &Transaction,
        change: &Change,
        told: &mut Vec<Mutation>,
    ) -> Result<Outcome, ErrorCode> {
        let Transaction { zxid, session, time, .. } = *transaction;
        match change {
            Change::CreateSession { timeout_milliseconds } => {
                self.sessions.insert(session, *timeout_milliseconds);
                let highest = self.highest_sessions.entry(identity::server_of(session)).or_default();
                *highest = (*highest).max(session);
                Ok(Outcome::SessionCreated)
            }
            Change::CloseSession { paths } => {
                for path in paths {
                    // Missing already: its own delete came first, or this is a second application.
                    let _ = self.tree.delete(path, zxid, told);
                }
                self.sessions.remove(&session);
                Ok(Outcome::SessionClosed)
            }
            Change::Create(create) => {
                let stat = self.tree.create(create, zxid, time, told)?;
                Ok(Outcome::Created(create.path.clone(), stat))
            }
            Change::Delete { path } => self.tree.delete(path, zxid, told).map(|()| Outcome::Deleted),
            Change::SetData { path, data, version } => {
                self.tree.set_data(path, data.clone(), *version, (zxid, time), told).map(Outcome::DataSet)
            }
            Change::SetAcl { path, acls, version } => {
                self.tree.set_acls(path, acls.clone(), *version).map(Outcome::AclsSet)
            }
            Change::Check { .. } => Ok(Outcome::Checked),
            Change::Barrier => Ok(Outcome::Synced),
            Change::Failure(error) => Err(*error),
            // Nothing that was prepared or read nests multis.
            Change::Multi(_) => Err(ErrorCode::RuntimeInconsistency),
        }
    }

    /// A number that is equal on equal replicas, whatever the order in which their znodes lie in memory.
    #[must_use]
    pub fn digest(&self) -> u64 {
        let mut hasher = Digest::default();
        self.last_zxid.hash(&mut hasher);
        self.highest_sessions.hash(&mut hasher);
        for (session, timeout) in &self.sessions {
            (session, timeout).hash(&mut hasher);
        }
        self.tree.walk(path::ROOT, &mut |path, node| {
            (path, node.stat(), node.owner, node.cversion).hash(&mut hasher);
            node.data.as_ref().map(Bytes::as_ref).hash(&mut hasher);
            node.acls.hash(&mut hasher);
        });
        hasher.finish()
    }
}

/// FNV-1a: the same on every machine and in every build, which std's hasher does not promise.
#[derive(Clone, Copy)]
struct Digest(u64);

impl Default for Digest {
    fn default() -> Digest {
        Digest(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for Digest {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
