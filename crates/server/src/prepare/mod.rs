//! Preparing: the leader turns a request into a transaction (`PrepRequestProcessor.java`).
//!
//! All decisions fall here and in the order in which ZooKeeper takes them, because the order decides which error a
//! client sees when several apply. What is decided depends on the tree as it will be ([`outstanding`]), not as it is.

mod create;
mod outstanding;

use std::sync::Arc;

use proto::{ErrorCode, Id, MultiOperation, Permissions, Request, SessionId, Zxid, path};

use crate::access::Rules;
use crate::database::Database;
use crate::sessions::Sessions;
use crate::transaction::{Acls, Change, Ticket, Transaction};
use crate::tree::is_special;

use outstanding::{Outstanding, View};

/// Who asks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asker<'a> {
    /// Its session.
    pub(crate) session: SessionId,
    /// Which request it is.
    pub(crate) ticket: Ticket,
    /// What its connection has proved.
    pub(crate) identities: &'a [Id],
}

/// What may be switched on.
#[derive(Clone, Debug, Default)]
pub(crate) struct Options {
    /// Whether TTL znodes may be made (`zookeeper.extendedTypesEnabled`).
    pub(crate) extended_types: bool,
    /// Whether hard limits of quotas stop writes (`zookeeper.enforceQuota`).
    pub(crate) enforce_quota: bool,
    /// Who may do what.
    pub(crate) access: Rules,
}

/// The leader's desk: the requests it has decided about and that are not applied yet.
pub(crate) struct Preparer {
    outstanding: Outstanding,
    last_zxid: Zxid,
    options: Options,
}

/// What every decision is taken upon.
struct Desk<'a> {
    outstanding: &'a mut Outstanding,
    database: &'a Database,
    sessions: &'a Sessions,
    asker: Asker<'a>,
    zxid: Zxid,
    options: &'a Options,
}

impl Preparer {
    /// A desk for a leader whose last transaction is `last_zxid`.
    pub(crate) fn new(last_zxid: Zxid, options: Options) -> Preparer {
        Preparer { outstanding: Outstanding::default(), last_zxid, options }
    }

    /// Decides about a write. The transaction takes the next zxid, also if the request fails.
    pub(crate) fn prepare(
        &mut self,
        (database, sessions): (&Database, &Sessions),
        asker: Asker<'_>,
        request: &Request,
        wall_milliseconds: i64,
    ) -> Transaction {
        let zxid = self.next_zxid();
        let options = &self.options;
        let mut desk = Desk { outstanding: &mut self.outstanding, database, sessions, asker, zxid, options };
        let change = desk.decide(request).unwrap_or_else(Change::Failure);
        Transaction { zxid, session: asker.session, ticket: asker.ticket, time: wall_milliseconds, change }
    }

    /// Opens a session.
    pub(crate) fn open_session(
        &mut self,
        (session, ticket): (SessionId, Ticket),
        timeout_milliseconds: i32,
        wall: i64,
    ) -> Transaction {
        let change = Change::CreateSession { timeout_milliseconds };
        Transaction { zxid: self.next_zxid(), session, ticket, time: wall, change }
    }

    /// Refuses a request without looking at what it asks for.
    pub(crate) fn refuse(
        &mut self,
        (session, ticket): (SessionId, Ticket),
        error: ErrorCode,
        wall: i64,
    ) -> Transaction {
        Transaction { zxid: self.next_zxid(), session, ticket, time: wall, change: Change::Failure(error) }
    }

    /// Closes a session: from here on it can create nothing (ZOOKEEPER-1208), and every znode it has or is about to
    /// have goes with it.
    pub(crate) fn close_session(
        &mut self,
        database: &Database,
        sessions: &mut Sessions,
        (session, ticket): (SessionId, Ticket),
        wall: i64,
    ) -> Transaction {
        let zxid = self.next_zxid();
        let paths = self.outstanding.ephemerals(database, session);
        for path in &paths {
            self.outstanding.delete(database, path, zxid);
        }
        sessions.mark_closing(session);
        Transaction { zxid, session, ticket, time: wall, change: Change::CloseSession { paths } }
    }

    /// Deletes a container or TTL znode whose time has come, if it is still without children.
    pub(crate) fn reap(&mut self, database: &Database, path: &Arc<str>, wall: i64) -> Transaction {
        let zxid = self.next_zxid();
        let change = match self.outstanding.view(&database.tree, path) {
            Err(error) => Change::Failure(error),
            Ok(view) if view.child_count > 0 => Change::Failure(ErrorCode::NotEmpty),
            Ok(view) if view.owner.session().is_some() => Change::Failure(ErrorCode::BadVersion),
            Ok(_) => {
                self.outstanding.delete(database, path, zxid);
                Change::Delete { path: path.clone() }
            }
        };
        Transaction { zxid, session: SessionId::NONE, ticket: Ticket::NONE, time: wall, change }
    }

    /// Forgets what was noted about transactions that are applied by now.
    pub(crate) fn forget(&mut self, applied: Zxid) {
        self.outstanding.forget(applied);
    }

    fn next_zxid(&mut self) -> Zxid {
        // A lone server has no epoch to change: the counter runs over into it, as in ZooKeeper. In an ensemble the
        // broadcast refuses to go on with an epoch that has no numbers left (ZOOKEEPER-1277).
        self.last_zxid = Zxid(self.last_zxid.0 + 1);
        self.last_zxid
    }
}

impl Outstanding {
    /// Notes that a znode goes.
    fn delete(&mut self, database: &Database, path: &Arc<str>, zxid: Zxid) {
        if let Some(parent_path) = path::parent(path)
            && let Ok(mut parent) = self.view(&database.tree, parent_path)
        {
            parent.child_count -= 1;
            self.put(zxid, Arc::from(parent_path), Some(parent));
        }
        self.put(zxid, path.clone(), None);
    }
}

impl Desk<'_> {
    fn decide(&mut self, request: &Request) -> Result<Change, ErrorCode> {
        match request {
            Request::Multi(multi) => self.multi(&multi.operations),
            Request::Create(create) | Request::Create2(create) => self.create(create::Order::plain(create)),
            Request::CreateContainer(create) => self.create(create::Order::container(create)),
            Request::CreateTtl(create) => self.create(create::Order::mortal(create)),
            Request::Delete(delete) => self.delete(&delete.path, delete.version),
            Request::SetData(set) => self.set_data(&set.path, set.data.as_ref(), set.version),
            Request::SetAcl(set) => self.set_acl(&set.path, &set.acls, set.version),
            Request::Check(check) => self.check(&check.path, check.version),
            Request::Sync(_) => self.sessions.check(self.asker.session).map(|()| Change::Barrier),
            Request::Reconfig(_) => Err(ErrorCode::ReconfigDisabled),
            _ => Err(ErrorCode::Unimplemented),
        }
    }

    /// All or nothing; each operation sees what those before it will have done.
    fn multi(&mut self, operations: &[MultiOperation]) -> Result<Change, ErrorCode> {
        let mut changes = Vec::with_capacity(operations.len());
        let mut failed = false;
        for operation in operations {
            if failed {
                changes.push(Change::Failure(ErrorCode::RuntimeInconsistency));
                continue;
            }
            let change = self.decide_part(operation).or_else(|error| {
                failed = true;
                self.outstanding.roll_back(self.zxid);
                // What ZooKeeper fails to read fails as a whole.
                if error == ErrorCode::MarshallingError { Err(error) } else { Ok(Change::Failure(error)) }
            })?;
            changes.push(change);
        }
        Ok(Change::Multi(changes))
    }

    fn decide_part(&mut self, operation: &MultiOperation) -> Result<Change, ErrorCode> {
        match operation {
            MultiOperation::Create(_)
            | MultiOperation::Create2(_)
            | MultiOperation::CreateContainer(_)
            | MultiOperation::CreateTtl(_) => {
                self.create(create::Order::in_multi(operation).ok_or(ErrorCode::MarshallingError)?)
            }
            MultiOperation::Delete(delete) => self.delete(&delete.path, delete.version),
            MultiOperation::SetData(set) => self.set_data(&set.path, set.data.as_ref(), set.version),
            MultiOperation::Check(check) => self.check(&check.path, check.version),
        }
    }

    fn delete(&mut self, path: &str, version: i32) -> Result<Change, ErrorCode> {
        self.sessions.check(self.asker.session)?;
        let parent_path = self.parent_of(path)?;
        if is_special(path) {
            return Err(ErrorCode::BadArguments);
        }
        let parent = self.view(parent_path)?;
        self.options.access.check(&parent.acls, Permissions::DELETE, self.asker.identities)?;
        let node = self.view(path)?;
        next_version(node.version, version)?;
        if node.child_count > 0 {
            return Err(ErrorCode::NotEmpty);
        }
        let path: Arc<str> = Arc::from(path);
        self.outstanding.delete(self.database, &path, self.zxid);
        Ok(Change::Delete { path })
    }

    fn set_data(&mut self, path: &str, data: Option<&bytes::Bytes>, version: i32) -> Result<Change, ErrorCode> {
        self.sessions.check(self.asker.session)?;
        validate(path)?;
        let mut node = self.view(path)?;
        self.options.access.check(&node.acls, Permissions::WRITE, self.asker.identities)?;
        let length = data.map_or(0, |data| data.len() as i64);
        self.check_quota(path, 0, length - node.data_length)?;
        let version = next_version(node.version, version)?;
        let path: Arc<str> = Arc::from(path);
        node.version = version;
        node.data_length = length;
        self.outstanding.put(self.zxid, path.clone(), Some(node));
        Ok(Change::SetData { path, data: data.map(own), version })
    }

    fn set_acl(&mut self, path: &str, acls: &[proto::Acl], version: i32) -> Result<Change, ErrorCode> {
        self.sessions.check(self.asker.session)?;
        validate(path)?;
        let acls = self.resolve(acls)?;
        let mut node = self.view(path)?;
        self.options.access.check(&node.acls, Permissions::ADMIN, self.asker.identities)?;
        let version = next_version(node.aversion, version)?;
        let path: Arc<str> = Arc::from(path);
        node.aversion = version;
        // Noted at once, so that what is prepared behind it is judged by the new list.
        node.acls = acls.clone();
        self.outstanding.put(self.zxid, path.clone(), Some(node));
        Ok(Change::SetAcl { path, acls, version })
    }

    fn check(&mut self, path: &str, version: i32) -> Result<Change, ErrorCode> {
        self.sessions.check(self.asker.session)?;
        validate(path)?;
        let node = self.view(path)?;
        self.options.access.check(&node.acls, Permissions::READ, self.asker.identities)?;
        next_version(node.version, version)?;
        Ok(Change::Check { path: Arc::from(path) })
    }

    fn view(&self, path: &str) -> Result<View, ErrorCode> {
        self.outstanding.view(&self.database.tree, path)
    }

    fn check_quota(&self, path: &str, nodes: i64, bytes: i64) -> Result<(), ErrorCode> {
        if !self.options.enforce_quota {
            return Ok(());
        }
        self.database.tree.check_quota(path, nodes, bytes)
    }

    /// The list as it is to be stored. The commonest one is shared by all znodes.
    fn resolve(&self, acls: &[proto::Acl]) -> Result<Acls, ErrorCode> {
        let open = self.database.tree.open_acls();
        if acls == &**open {
            return Ok(open.clone());
        }
        self.options.access.resolve(acls, self.asker.identities).map(Acls::from)
    }

    /// The parent's path, for operations that look no closer at the path than this.
    fn parent_of<'p>(&self, path: &'p str) -> Result<&'p str, ErrorCode> {
        if path.contains('\0') {
            return Err(ErrorCode::BadArguments);
        }
        let slash = path.rfind('/').ok_or(ErrorCode::BadArguments)?;
        Ok(&path[..slash])
    }
}

/// Data in memory of their own: a slice of the frame would keep all of what was read with it.
fn own(data: &bytes::Bytes) -> bytes::Bytes {
    bytes::Bytes::copy_from_slice(data)
}

fn validate(path: &str) -> Result<(), ErrorCode> {
    path::validate(path).map_err(|_| ErrorCode::BadArguments)
}

/// The version after this one. -1 stands for any version, so it is never the next one (ZOOKEEPER-4743).
fn next_version(current: i32, expected: i32) -> Result<i32, ErrorCode> {
    if expected != -1 && expected != current {
        return Err(ErrorCode::BadVersion);
    }
    Ok(match current.wrapping_add(1) {
        -1 => 0,
        next => next,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_skip_the_number_that_means_any() {
        assert_eq!(next_version(-2, -1), Ok(0));
        assert_eq!(next_version(i32::MAX, i32::MAX), Ok(i32::MIN));
        assert_eq!(next_version(3, 2), Err(ErrorCode::BadVersion));
    }
}
