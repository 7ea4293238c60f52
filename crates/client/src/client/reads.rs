//! Calls that look, and leave nothing behind. They show the state of the server one is connected to, which may lag
//! behind others, but never behind what this session has seen ([`Client::sync`] first, to see more).

use bytes::Bytes;
use proto::{
    Acl, ExistsRequest, GetAclRequest, GetAllChildrenNumberRequest, GetChildrenRequest, GetDataRequest,
    GetEphemeralsRequest, Id, Request, Response, Stat,
};

use super::writes::if_there;
use super::{Call, Client, misplaced};
use crate::Error;

impl Client {
    /// The data of a znode. Null data, which other clients can write, reads as empty.
    ///
    /// # Errors
    /// `NoNode`, `NoAuth`.
    pub fn get_data(&self, path: &str) -> Call<(Bytes, Stat)> {
        let request = |path| Request::GetData(GetDataRequest { path, watch: false });
        self.call_about(path, request, read_data)
    }

    /// The metadata of a znode; `None` if it is missing.
    pub fn exists(&self, path: &str) -> Call<Option<Stat>> {
        match self.on_server(path) {
            Ok(path) => {
                let request = Request::Exists(ExistsRequest { path, watch: false });
                self.call(request, None, |result| if_there(result.and_then(|answer| read_stat(answer.response))))
            }
            Err(error) => Call::known(Err(error)),
        }
    }

    /// The names of the children, in no order, and the metadata of their parent.
    ///
    /// # Errors
    /// `NoNode`, `NoAuth`.
    pub fn get_children(&self, path: &str) -> Call<(Vec<String>, Stat)> {
        let request = |path| Request::GetChildren2(GetChildrenRequest { path, watch: false });
        self.call_about(path, request, read_children)
    }

    /// The access control list of a znode.
    ///
    /// # Errors
    /// `NoNode`, `NoAuth`.
    pub fn get_acl(&self, path: &str) -> Call<(Vec<Acl>, Stat)> {
        let request = |path| Request::GetAcl(GetAclRequest { path });
        self.call_about(path, request, |response| match response {
            Response::GetAcl(read) => Ok((read.acls, read.stat)),
            other => misplaced(&other),
        })
    }

    /// The ephemeral znodes of this session whose paths start with `prefix`.
    pub fn get_ephemerals(&self, prefix: &str) -> Call<Vec<String>> {
        let chroot = self.0.chroot.clone();
        let request = |prefix_path| Request::GetEphemerals(GetEphemeralsRequest { prefix_path });
        self.call_about(prefix, request, move |response| match response {
            Response::GetEphemerals(read) => Ok(read.ephemerals.iter().map(|path| chroot.strip(path)).collect()),
            other => misplaced(&other),
        })
    }

    /// How many znodes there are below one, at any depth.
    ///
    /// # Errors
    /// `NoNode`, `NoAuth`.
    pub fn all_children_number(&self, path: &str) -> Call<usize> {
        let request = |path| Request::GetAllChildrenNumber(GetAllChildrenNumberRequest { path });
        self.call_about(path, request, |response| match response {
            Response::GetAllChildrenNumber(read) => {
                usize::try_from(read.total_number).map_err(|_| Error::Malformed("a number below zero".to_owned()))
            }
            other => misplaced(&other),
        })
    }

    /// Every identity that this connection has proved.
    pub fn who_am_i(&self) -> Call<Vec<Id>> {
        self.call(Request::WhoAmI, None, |result| match result?.response {
            Response::WhoAmI(read) => Ok(read.client_info.into_iter().map(|info| info.0).collect()),
            other => misplaced(&other),
        })
    }
}

pub(super) fn read_data(response: Response) -> Result<(Bytes, Stat), Error> {
    match response {
        Response::GetData(read) => Ok((read.data.unwrap_or_default(), read.stat)),
        other => misplaced(&other),
    }
}

pub(super) fn read_stat(response: Response) -> Result<Stat, Error> {
    match response {
        Response::Exists(read) => Ok(read.stat),
        other => misplaced(&other),
    }
}

pub(super) fn read_children(response: Response) -> Result<(Vec<String>, Stat), Error> {
    match response {
        Response::GetChildren2(read) => Ok((read.children, read.stat)),
        other => misplaced(&other),
    }
}
