//! Several operations in one request: writes that all happen or none, reads that each stand for themselves.

use bytes::Bytes;
use proto::{
    CheckRequest, DeleteRequest, ErrorCode, GetChildrenRequest, GetDataRequest, MultiOperation, MultiReadOperation,
    MultiReadRequest, MultiReadResult, MultiRequest, MultiResult, Request, Response, SetDataRequest, Stat,
};

use super::create::Creation;
use super::writes::ANY_VERSION;
use super::{Call, Client, CreateOptions, misplaced};
use crate::{Chroot, Error};

impl Client {
    /// Gathers writes that all happen, at one zxid, or none. Each sees what those before it did.
    pub fn multi(&self) -> Multi {
        Multi { client: self.clone(), operations: Vec::new(), error: None }
    }

    /// Gathers reads that go in one request and each stand for themselves.
    pub fn multi_read(&self) -> MultiRead {
        MultiRead { client: self.clone(), operations: Vec::new(), error: None }
    }
}

/// Writes that all happen or none. Nothing goes out before [`Multi::commit`].
#[must_use = "nothing happens before the commit"]
pub struct Multi {
    client: Client,
    operations: Vec<MultiOperation>,
    /// The first operation that cannot be asked for.
    error: Option<Error>,
}

/// What an operation of a multi did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MultiOutcome {
    /// It created a znode.
    Created {
        /// Its path, with its number if it has one.
        path: String,
        /// Its metadata, if it is a container or has a time to live: inside a multi, every other create is taken for
        /// the old operation (`MultiOperationRecord.deserialize`), whose answer has none.
        stat: Option<Stat>,
    },
    /// It deleted.
    Deleted,
    /// It set data; this is the metadata since.
    DataSet(Stat),
    /// The version was the one expected.
    Checked,
}

impl Multi {
    /// Creates a znode; see [`Client::create`].
    pub fn create(self, path: &str, data: impl Into<Bytes>, options: impl Into<CreateOptions>) -> Multi {
        let options = options.into();
        let operation = self.client.creation_path(path, &options).and_then(|path| {
            Ok(match Creation::new(path, data.into(), options)? {
                Creation::Plain(request) => MultiOperation::Create2(request),
                Creation::Container(request) => MultiOperation::CreateContainer(request),
                Creation::Ttl(request) => MultiOperation::CreateTtl(request),
            })
        });
        self.and(operation)
    }

    /// Deletes a znode, if it has this version; `None` for any.
    pub fn delete(self, path: &str, version: Option<i32>) -> Multi {
        let version = version.unwrap_or(ANY_VERSION);
        let path = self.client.on_server(path);
        self.and(path.map(|path| MultiOperation::Delete(DeleteRequest { path, version })))
    }

    /// Sets the data of a znode, if it has this version; `None` for any.
    pub fn set_data(self, path: &str, data: impl Into<Bytes>, version: Option<i32>) -> Multi {
        let (data, version) = (Some(data.into()), version.unwrap_or(ANY_VERSION));
        let path = self.client.on_server(path);
        self.and(path.map(|path| MultiOperation::SetData(SetDataRequest { path, data, version })))
    }

    /// Lets nothing happen unless a znode has this version; `None`: unless it exists.
    pub fn check(self, path: &str, version: Option<i32>) -> Multi {
        let version = version.unwrap_or(ANY_VERSION);
        let path = self.client.on_server(path);
        self.and(path.map(|path| MultiOperation::Check(CheckRequest { path, version })))
    }

    fn and(mut self, operation: Result<MultiOperation, Error>) -> Multi {
        match operation {
            Ok(operation) => self.operations.push(operation),
            Err(error) => self.error = self.error.or(Some(error)),
        }
        self
    }

    /// Asks for all of it. The answers are in the order of the operations.
    ///
    /// # Errors
    /// [`Error::MultiRefused`] with the operation at fault: nothing was done then.
    pub fn commit(self) -> Call<Vec<MultiOutcome>> {
        if let Some(error) = self.error {
            return Call::known(Err(error));
        }
        let chroot = self.client.0.chroot.clone();
        let request = Request::Multi(MultiRequest { operations: self.operations });
        self.client.call(request, None, move |result| read_multi(result?.response, &chroot))
    }
}

pub(super) fn read_multi(response: Response, chroot: &Chroot) -> Result<Vec<MultiOutcome>, Error> {
    let Response::Multi(multi) = response else { return misplaced(&response) };
    if let Some((index, code)) = refusal(&multi.results) {
        return Err(Error::MultiRefused { index, code });
    }
    let outcome = |result| {
        Ok(match result {
            MultiResult::Create(created) => MultiOutcome::Created { path: chroot.strip(&created.path), stat: None },
            MultiResult::Create2(created) => {
                MultiOutcome::Created { path: chroot.strip(&created.path), stat: Some(created.stat) }
            }
            MultiResult::Delete => MultiOutcome::Deleted,
            MultiResult::SetData(set) => MultiOutcome::DataSet(set.stat),
            MultiResult::Check => MultiOutcome::Checked,
            MultiResult::Error(_) => return Err(Error::Malformed("a refusal without a reason".to_owned())),
        })
    };
    multi.results.into_iter().map(outcome).collect()
}

/// The operation at fault. Those before it have no error, those behind it one that says nothing.
fn refusal(results: &[MultiResult]) -> Option<(usize, ErrorCode)> {
    let errors = results.iter().enumerate().filter_map(|(index, result)| match result {
        MultiResult::Error(Some(code)) => Some((index, *code)),
        _ => None,
    });
    errors.clone().find(|(_, code)| *code != ErrorCode::RuntimeInconsistency).or_else(|| errors.clone().next())
}

/// Reads that go in one request. Nothing goes out before [`MultiRead::fetch`].
#[must_use = "nothing is read before the fetch"]
pub struct MultiRead {
    client: Client,
    operations: Vec<MultiReadOperation>,
    /// The first operation that cannot be asked for.
    error: Option<Error>,
}

/// What a read of a multiRead showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadOutcome {
    /// Data and metadata.
    Data(Bytes, Stat),
    /// The names of the children.
    Children(Vec<String>),
}

impl MultiRead {
    /// Reads the data of a znode.
    pub fn get_data(self, path: &str) -> MultiRead {
        let path = self.client.on_server(path);
        self.and(path.map(|path| MultiReadOperation::GetData(GetDataRequest { path, watch: false })))
    }

    /// Lists the children of a znode.
    pub fn get_children(self, path: &str) -> MultiRead {
        let path = self.client.on_server(path);
        self.and(path.map(|path| MultiReadOperation::GetChildren(GetChildrenRequest { path, watch: false })))
    }

    fn and(mut self, operation: Result<MultiReadOperation, Error>) -> MultiRead {
        match operation {
            Ok(operation) => self.operations.push(operation),
            Err(error) => self.error = self.error.or(Some(error)),
        }
        self
    }

    /// Asks for all of it. The answers are in the order of the reads, each good or bad by itself.
    ///
    /// # Errors
    /// Only if the request failed as a whole; `Unimplemented` from servers before ZooKeeper 3.6.
    pub fn fetch(self) -> Call<Vec<Result<ReadOutcome, ErrorCode>>> {
        if let Some(error) = self.error {
            return Call::known(Err(error));
        }
        let request = Request::MultiRead(MultiReadRequest { operations: self.operations });
        self.client.call(request, None, |result| match result?.response {
            Response::MultiRead(read) => Ok(read.results.into_iter().map(read_outcome).collect()),
            other => misplaced(&other),
        })
    }
}

fn read_outcome(result: MultiReadResult) -> Result<ReadOutcome, ErrorCode> {
    match result {
        MultiReadResult::GetData(read) => Ok(ReadOutcome::Data(read.data.unwrap_or_default(), read.stat)),
        MultiReadResult::GetChildren(read) => Ok(ReadOutcome::Children(read.children)),
        MultiReadResult::Error(code) => Err(code.unwrap_or(ErrorCode::SystemError)),
    }
}
