//! Calls that change the tree. When one fails, [`Error::outcome`](crate::Error::outcome) says what is known of it.

use bytes::Bytes;
use proto::{
    Acl, CheckRequest, DeleteRequest, ErrorCode, MultiOperation, MultiRequest, Request, Response, SetAclRequest,
    SetDataRequest, Stat, SyncRequest, path,
};

use super::create::{Creation, is_sequential};
use super::multi::read_multi;
use super::{Call, Client, CreateOptions, Created, misplaced};
use crate::Error;

impl Client {
    /// Creates a znode. A sequential mode appends ten digits to the path; the answer has the whole.
    ///
    /// # Errors
    /// `NodeExists`, `NoNode` (no parent), `NoChildrenForEphemerals`, `NoAuth`, `InvalidAcl`; `Unimplemented` for a
    /// time to live where the service has them switched off.
    pub fn create(&self, path: &str, data: impl Into<Bytes>, options: impl Into<CreateOptions>) -> Call<Created> {
        let options = options.into();
        let creation = self.creation_path(path, &options).and_then(|path| Creation::new(path, data.into(), options));
        let request = match creation {
            Ok(Creation::Plain(request)) => Request::Create2(request),
            Ok(Creation::Container(request)) => Request::CreateContainer(request),
            Ok(Creation::Ttl(request)) => Request::CreateTtl(request),
            Err(error) => return Call::known(Err(error)),
        };
        let chroot = self.0.chroot.clone();
        self.call(request, None, move |result| match result?.response {
            Response::Create2(created) => Ok(Created { path: chroot.strip(&created.path), stat: created.stat }),
            other => misplaced(&other),
        })
    }

    /// The server's name for a znode to be created.
    pub(super) fn creation_path(&self, path: &str, options: &CreateOptions) -> Result<String, Error> {
        if !is_sequential(options) {
            return self.on_server(path);
        }
        path::validate_sequential(path)?;
        Ok(self.0.chroot.apply_to_prefix(path))
    }

    /// Deletes a znode, if it has this version; `None` for any.
    ///
    /// # Errors
    /// `NoNode`, `BadVersion`, `NotEmpty`, `NoAuth`.
    pub fn delete(&self, path: &str, version: Option<i32>) -> Call<()> {
        let version = version.unwrap_or(ANY_VERSION);
        self.call_about(path, |path| Request::Delete(DeleteRequest { path, version }), nothing)
    }

    /// Sets the data of a znode, if it has this version; `None` for any.
    ///
    /// # Errors
    /// `NoNode`, `BadVersion`, `NoAuth`.
    pub fn set_data(&self, path: &str, data: impl Into<Bytes>, version: Option<i32>) -> Call<Stat> {
        let (data, version) = (Some(data.into()), version.unwrap_or(ANY_VERSION));
        let request = |path| Request::SetData(SetDataRequest { path, data, version });
        self.call_about(path, request, |response| match response {
            Response::SetData(set) => Ok(set.stat),
            other => misplaced(&other),
        })
    }

    /// Sets the access control list of a znode, if the list has this version (`aversion`); `None` for any.
    ///
    /// # Errors
    /// `NoNode`, `BadVersion`, `NoAuth`, `InvalidAcl`.
    pub fn set_acl(&self, path: &str, acls: Vec<Acl>, version: Option<i32>) -> Call<Stat> {
        let version = version.unwrap_or(ANY_VERSION);
        let request = |path| Request::SetAcl(SetAclRequest { path, acls, version });
        self.call_about(path, request, |response| match response {
            Response::SetAcl(set) => Ok(set.stat),
            other => misplaced(&other),
        })
    }

    /// Checks that a znode has this version; `None` that it exists. Sent as a multi of one, since Apache ZooKeeper does
    /// not answer a bare check.
    ///
    /// # Errors
    /// `NoNode`, `BadVersion`, `NoAuth`.
    pub fn check(&self, path: &str, version: Option<i32>) -> Call<()> {
        let version = version.unwrap_or(ANY_VERSION);
        let path = match self.on_server(path) {
            Ok(path) => path,
            Err(error) => return Call::known(Err(error)),
        };
        let operations = vec![MultiOperation::Check(CheckRequest { path, version })];
        let chroot = self.0.chroot.clone();
        self.call(Request::Multi(MultiRequest { operations }), None, move |result| {
            match read_multi(result?.response, &chroot) {
                Ok(_) => Ok(()),
                Err(Error::MultiRefused { code, .. }) => Err(Error::Service(code)),
                Err(error) => Err(error),
            }
        })
    }

    /// Lets the server catch up with the leader: later reads of this session see all that had been committed before.
    ///
    /// It is not a quorum operation: a leader that is deposed and does not know it answers too (ZOOKEEPER-1675).
    pub fn sync(&self, path: &str) -> Call<()> {
        self.call_about(path, |path| Request::Sync(SyncRequest { path }), |_| Ok(()))
    }
}

/// Any version will do.
pub(super) const ANY_VERSION: i32 = -1;

/// Reads an answer that says nothing but that all went well.
pub(super) fn nothing(response: Response) -> Result<(), Error> {
    match response {
        Response::Empty => Ok(()),
        other => misplaced(&other),
    }
}

/// `None` if the znode is missing.
pub(super) fn if_there<T>(result: Result<T, Error>) -> Result<Option<T>, Error> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(Error::Service(ErrorCode::NoNode)) => Ok(None),
        Err(error) => Err(error),
    }
}
