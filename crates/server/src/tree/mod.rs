//! The tree of znodes: what the service holds.
//!
//! It applies what was decided elsewhere and judges nothing: permissions, versions and sequence numbers are settled when
//! a transaction is prepared. Applying one twice leaves the tree as applying it once does.
//!
//! An empty path means the root (`DataTree` keeps the root under both names).

mod quota;
mod system;
mod znode;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bytes::Bytes;
use history::ServiceEvent;
use indexmap::IndexMap;
use proto::{Acl, ErrorCode, SessionId, Stat, Zxid, path};

use crate::owner::Owner;
use crate::transaction::{Acls, Create};

pub use system::{CONFIG, QUOTA, SYSTEM, is_special};
pub use znode::Znode;

/// Something that happened to a znode, with what is needed to judge who may hear of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mutation {
    /// It was created.
    Created {
        /// Its path.
        path: Arc<str>,
        /// Its access control list.
        acls: Acls,
        /// That of its parent.
        parent_acls: Acls,
        /// What it lives and dies with.
        owner: Owner,
        /// The number at the end of its path, if the service drew it.
        sequence: Option<i32>,
    },
    /// It was deleted.
    Deleted {
        /// Its path.
        path: Arc<str>,
        /// The access control list it had.
        acls: Acls,
        /// That of its parent.
        parent_acls: Acls,
    },
    /// Its data was set.
    Changed {
        /// Its path.
        path: Arc<str>,
        /// Its access control list.
        acls: Acls,
    },
}

impl Mutation {
    /// The mutation as the history of the service tells it.
    pub(crate) fn event(&self, zxid: Zxid) -> ServiceEvent {
        let zxid = zxid.0;
        match self {
            Mutation::Created { path, owner, sequence, .. } => {
                ServiceEvent::Created { path: path.to_string(), zxid, owner: owner.visible().0, sequence: *sequence }
            }
            Mutation::Deleted { path, .. } => ServiceEvent::Deleted { path: path.to_string(), zxid },
            Mutation::Changed { path, .. } => ServiceEvent::Changed { path: path.to_string(), zxid },
        }
    }
}

/// The tree of znodes.
#[derive(Clone, Debug)]
pub struct Tree {
    nodes: IndexMap<Arc<str>, Znode>,
    ephemerals: BTreeMap<SessionId, BTreeSet<Arc<str>>>,
    containers: BTreeSet<Arc<str>>,
    mortals: BTreeSet<Arc<str>>,
    limited: BTreeSet<String>,
    open: Acls,
}

impl Tree {
    /// A tree with nothing in it but the system's own znodes.
    #[must_use]
    pub fn new() -> Tree {
        let mut tree = Tree {
            nodes: IndexMap::new(),
            ephemerals: BTreeMap::new(),
            containers: BTreeSet::new(),
            mortals: BTreeSet::new(),
            limited: BTreeSet::new(),
            open: vec![Acl::open()].into(),
        };
        tree.plant_system();
        tree
    }

    /// The znode with this path.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&Znode> {
        self.nodes.get(canonical(path))
    }

    fn get_mut(&mut self, path: &str) -> Option<&mut Znode> {
        self.nodes.get_mut(canonical(path))
    }

    /// How many znodes there are, the root and the system's own among them.
    #[must_use]
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Never: there is always a root.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        false
    }

    /// The access control list that grants everything to everybody, shared.
    #[must_use]
    pub fn open_acls(&self) -> &Acls {
        &self.open
    }

    /// The paths of the znodes that live and die with a session, sorted.
    pub fn ephemerals(&self, session: SessionId) -> impl Iterator<Item = &Arc<str>> {
        self.ephemerals.get(&session).into_iter().flatten()
    }

    /// How many znodes live and die with sessions.
    #[must_use]
    pub fn ephemeral_count(&self) -> usize {
        self.ephemerals.values().map(BTreeSet::len).sum()
    }

    /// Sessions and the znodes that live and die with them.
    pub fn owners(&self) -> impl Iterator<Item = (SessionId, &BTreeSet<Arc<str>>)> {
        self.ephemerals.iter().map(|(session, paths)| (*session, paths))
    }

    /// The znodes that are due to go by themselves (`ContainerManager.getCandidates`): containers that had children and
    /// have none, and childless TTL znodes that nobody wrote to for longer than their time to live.
    ///
    /// `now` is the leader's wall clock, in milliseconds since the Unix epoch.
    #[must_use]
    pub fn due(&self, now: i64) -> Vec<Arc<str>> {
        let is_spent = |path: &&Arc<str>| {
            self.nodes.get(&***path).is_some_and(|node| node.children.is_empty() && node.cversion > 0)
        };
        let is_outlived = |path: &&Arc<str>| {
            self.nodes.get(&***path).is_some_and(|node| match node.owner {
                Owner::Time(ttl) => node.children.is_empty() && now.saturating_sub(node.mtime) > ttl,
                _ => false,
            })
        };
        let containers = self.containers.iter().filter(is_spent);
        let mortals = self.mortals.iter().filter(is_outlived);
        containers.chain(mortals).cloned().collect()
    }

    /// How many znodes lie below a path, at any depth.
    #[must_use]
    pub fn descendant_count(&self, path: &str) -> usize {
        let mut count = 0;
        self.walk(canonical(path), &mut |_, _| count += 1);
        count.max(1) - 1
    }

    /// Calls `visit` for a znode and everything below it, parents before children, siblings by name.
    pub fn walk(&self, path: &str, visit: &mut impl FnMut(&str, &Znode)) {
        let mut pending = vec![path.to_owned()];
        while let Some(path) = pending.pop() {
            let Some(node) = self.nodes.get(path.as_str()) else { continue };
            visit(&path, node);
            let mut names: Vec<&Arc<str>> = node.children.iter().collect();
            names.sort_unstable_by(|left, right| right.cmp(left));
            pending.extend(names.into_iter().map(|name| path::join(&path, name)));
        }
    }

    /// Creates a znode.
    ///
    /// # Errors
    /// `NoNode` if the parent is missing, `NodeExists` if it is there already; both happen only on a second application.
    pub fn create(
        &mut self,
        create: &Create,
        zxid: Zxid,
        time: i64,
        told: &mut Vec<Mutation>,
    ) -> Result<Stat, ErrorCode> {
        let parent_path = path::parent(&create.path).ok_or(ErrorCode::NoNode)?;
        let name = path::name(&create.path);
        let parent = self.nodes.get_mut(parent_path).ok_or(ErrorCode::NoNode)?;
        let is_new = !parent.children.contains(name);
        parent.add_child(name, create.parent_cversion, zxid);
        if !is_new {
            return Err(ErrorCode::NodeExists);
        }
        let parent_acls = parent.acls.clone();
        let node = Znode::new(create.data.clone(), create.acls.clone(), create.owner, zxid, time);
        let stat = node.stat();
        let before = self.nodes.insert(create.path.clone(), node);
        debug_assert!(before.is_none(), "the parent did not know it");
        self.register(create.path.clone(), create.owner);
        self.account_created(&create.path, stat.data_length.into());
        told.push(Mutation::Created {
            path: create.path.clone(),
            acls: create.acls.clone(),
            parent_acls,
            owner: create.owner,
            sequence: create.sequence(),
        });
        Ok(stat)
    }

    /// Deletes a znode.
    ///
    /// # Errors
    /// `NoNode` if there is none, which happens only on a second application.
    pub fn delete(&mut self, path: &Arc<str>, zxid: Zxid, told: &mut Vec<Mutation>) -> Result<(), ErrorCode> {
        let node = self.nodes.swap_remove(&**path).ok_or(ErrorCode::NoNode)?;
        debug_assert!(node.children.is_empty(), "only a znode without children is deleted");
        self.unregister(path, node.owner);
        let parent_path = path::parent(path).ok_or(ErrorCode::NoNode)?;
        let parent = self.nodes.get_mut(parent_path).ok_or(ErrorCode::NoNode)?;
        parent.remove_child(path::name(path), zxid);
        let parent_acls = parent.acls.clone();
        self.account_deleted(path, node.data_length());
        told.push(Mutation::Deleted { path: path.clone(), acls: node.acls, parent_acls });
        Ok(())
    }

    /// Sets the data of a znode.
    ///
    /// # Errors
    /// `NoNode` if there is none.
    pub fn set_data(
        &mut self,
        path: &Arc<str>,
        data: Option<Bytes>,
        version: i32,
        (zxid, time): (Zxid, i64),
        told: &mut Vec<Mutation>,
    ) -> Result<Stat, ErrorCode> {
        let node = self.nodes.get_mut(canonical(path)).ok_or(ErrorCode::NoNode)?;
        let length_before = node.data_length();
        node.data = data;
        node.version = version;
        node.mzxid = zxid;
        node.mtime = time;
        let stat = node.stat();
        told.push(Mutation::Changed { path: path.clone(), acls: node.acls.clone() });
        self.account_changed(path, i64::from(stat.data_length) - length_before as i64);
        Ok(stat)
    }

    /// Sets the access control list of a znode. No watch hears of it.
    ///
    /// # Errors
    /// `NoNode` if there is none.
    pub fn set_acls(&mut self, path: &str, acls: Acls, version: i32) -> Result<Stat, ErrorCode> {
        let node = self.get_mut(path).ok_or(ErrorCode::NoNode)?;
        node.acls = acls;
        node.aversion = version;
        Ok(node.stat())
    }

    /// Puts a znode back whose parent is there already. For snapshots, which list parents before children.
    ///
    /// # Errors
    /// `NoNode` if the parent is missing.
    pub(crate) fn restore(&mut self, path: &str, node: Znode) -> Result<(), ErrorCode> {
        if let Some(parent_path) = path::parent(path) {
            let parent = self.nodes.get_mut(parent_path).ok_or(ErrorCode::NoNode)?;
            parent.children.insert(Arc::from(path::name(path)));
        }
        let path: Arc<str> = Arc::from(path);
        let acls = if *node.acls == *self.open { self.open.clone() } else { node.acls.clone() };
        self.register(path.clone(), node.owner);
        let children = self.nodes.get(&path).map(|before| before.children.clone()).unwrap_or_default();
        self.nodes.insert(path.clone(), Znode { children, acls, ..node });
        self.limit_restored(&path);
        Ok(())
    }

    fn register(&mut self, path: Arc<str>, owner: Owner) {
        match owner {
            Owner::Nobody => {}
            Owner::Session(session) => {
                self.ephemerals.entry(session).or_default().insert(path);
            }
            Owner::Children => {
                self.containers.insert(path);
            }
            Owner::Time(_) => {
                self.mortals.insert(path);
            }
        }
    }

    fn unregister(&mut self, path: &Arc<str>, owner: Owner) {
        match owner {
            Owner::Nobody => {}
            Owner::Session(session) => {
                if let Some(paths) = self.ephemerals.get_mut(&session) {
                    paths.remove(path);
                    if paths.is_empty() {
                        self.ephemerals.remove(&session);
                    }
                }
            }
            Owner::Children => {
                self.containers.remove(path);
            }
            Owner::Time(_) => {
                self.mortals.remove(path);
            }
        }
    }
}

impl Default for Tree {
    fn default() -> Tree {
        Tree::new()
    }
}

/// The one name a znode is kept under.
#[must_use]
pub fn canonical(path: &str) -> &str {
    if path.is_empty() { path::ROOT } else { path }
}
