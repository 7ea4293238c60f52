//! What the tree will look like once everything prepared is applied.
//!
//! The leader decides about a request before those ahead of it are applied, so it keeps the pending state of every znode
//! they touch (`ZooKeeperServer.outstandingChanges`). A failed multi takes its records back, those of the parents
//! included (ZOOKEEPER-1624: else sequence numbers leak or repeat).

use std::collections::VecDeque;
use std::sync::Arc;

use indexmap::IndexMap;
use proto::{ErrorCode, SessionId, Zxid};

use crate::database::Database;
use crate::owner::Owner;
use crate::transaction::Acls;
use crate::tree::{Tree, Znode, canonical};

/// What decisions about a znode depend on.
#[derive(Clone, Debug)]
pub(crate) struct View {
    pub(crate) acls: Acls,
    pub(crate) owner: Owner,
    pub(crate) version: i32,
    pub(crate) cversion: i32,
    pub(crate) aversion: i32,
    pub(crate) child_count: i32,
    pub(crate) data_length: i64,
}

impl View {
    fn of(node: &Znode) -> View {
        View {
            acls: node.acls.clone(),
            owner: node.owner,
            version: node.version,
            cversion: node.cversion,
            aversion: node.aversion,
            child_count: node.child_count(),
            data_length: node.data_length() as i64,
        }
    }
}

/// A znode as it will be; `None` once it will be gone.
#[derive(Clone, Debug)]
struct Record {
    zxid: Zxid,
    view: Option<View>,
}

/// A record put: enough to take it back.
struct Put {
    zxid: Zxid,
    path: Arc<str>,
    owner: Option<Owner>,
    before: Option<Record>,
}

/// The pending state of every znode that a prepared transaction touches.
#[derive(Default)]
pub(crate) struct Outstanding {
    records: IndexMap<Arc<str>, Record>,
    puts: VecDeque<Put>,
}

impl Outstanding {
    /// The znode as it will be.
    pub(crate) fn view(&self, tree: &Tree, path: &str) -> Result<View, ErrorCode> {
        let path = canonical(path);
        match self.records.get(path) {
            Some(record) => record.view.clone().ok_or(ErrorCode::NoNode),
            None => tree.get(path).map(View::of).ok_or(ErrorCode::NoNode),
        }
    }

    /// Whether the znode will be there.
    pub(crate) fn exists(&self, tree: &Tree, path: &str) -> bool {
        match self.records.get(path) {
            Some(record) => record.view.is_some(),
            None => tree.get(path).is_some(),
        }
    }

    /// Notes what a transaction will make of a znode; `None` if it deletes it.
    pub(crate) fn put(&mut self, zxid: Zxid, path: Arc<str>, view: Option<View>) {
        let owner = view.as_ref().map(|view| view.owner);
        let before = self.records.insert(path.clone(), Record { zxid, view });
        self.puts.push_back(Put { zxid, path, owner, before });
    }

    /// Takes back everything noted for this transaction.
    pub(crate) fn roll_back(&mut self, zxid: Zxid) {
        while let Some(put) = self.puts.pop_back_if(|put| put.zxid == zxid) {
            match put.before {
                Some(before) => self.records.insert(put.path, before),
                None => self.records.swap_remove(&put.path),
            };
        }
    }

    /// Forgets what is applied by now: the tree itself has it.
    pub(crate) fn forget(&mut self, applied: Zxid) {
        while let Some(put) = self.puts.pop_front_if(|put| put.zxid <= applied) {
            if self.records.get(&put.path).is_some_and(|record| record.zxid <= applied) {
                self.records.swap_remove(&put.path);
            }
        }
    }

    /// Every znode that will live and die with a session, the prepared ones included, sorted.
    pub(crate) fn ephemerals(&self, database: &Database, session: SessionId) -> Vec<Arc<str>> {
        let mut paths: std::collections::BTreeSet<Arc<str>> = database.tree.ephemerals(session).cloned().collect();
        for put in &self.puts {
            match put.owner {
                None => {
                    paths.remove(&put.path);
                }
                Some(owner) if owner == Owner::Session(session) => {
                    paths.insert(put.path.clone());
                }
                Some(_) => {}
            }
        }
        paths.into_iter().collect()
    }
}
