//! Calls that leave a watch.
//!
//! What a watch saw is told before any answer that shows it, or anything later: whoever reads after the watcher
//! resolved sees at least what it saw.

use bytes::Bytes;
use proto::{
    AddWatchRequest, ExistsRequest, GetChildrenRequest, GetDataRequest, RemoveWatchesRequest, Request, Response, Stat,
    WatchMode, WatcherType,
};

use super::reads::{read_children, read_data, read_stat};
use super::writes::{if_there, nothing};
use super::{Call, Client, misplaced};
use crate::session::Answer;
use crate::{Error, PersistentWatcher, Watcher};

impl Client {
    /// The data of a znode, and a watcher that hears once of its next change or deletion.
    ///
    /// # Errors
    /// `NoNode` (no watch is left then: use [`Client::exists_and_watch`]), `NoAuth`.
    pub fn get_and_watch_data(&self, path: &str) -> Call<(Bytes, Stat, Watcher)> {
        let request = |path| Request::GetData(GetDataRequest { path, watch: true });
        self.call_and_watch(path, request, |result, watcher| {
            let (data, stat) = read_data(result?.response)?;
            Ok((data, stat, watcher))
        })
    }

    /// The metadata of a znode or `None` if it is missing, and a watcher that hears once of its next creation, change
    /// or deletion.
    pub fn exists_and_watch(&self, path: &str) -> Call<(Option<Stat>, Watcher)> {
        let request = |path| Request::Exists(ExistsRequest { path, watch: true });
        self.call_and_watch(path, request, |result, watcher| {
            let stat = if_there(result.and_then(|answer| read_stat(answer.response)))?;
            Ok((stat, watcher))
        })
    }

    /// The names of the children and the metadata of their parent, and a watcher that hears once of the next creation
    /// or deletion of a child, or of the parent's own deletion.
    ///
    /// # Errors
    /// `NoNode` (no watch is left then), `NoAuth`.
    pub fn get_and_watch_children(&self, path: &str) -> Call<(Vec<String>, Stat, Watcher)> {
        let request = |path| Request::GetChildren2(GetChildrenRequest { path, watch: true });
        self.call_and_watch(path, request, |result, watcher| {
            let (children, stat) = read_children(result?.response)?;
            Ok((children, stat, watcher))
        })
    }

    /// Leaves a watch that stays until its watchers are dropped, on a znode that need not exist.
    ///
    /// # Errors
    /// `Unimplemented` from servers before ZooKeeper 3.6.
    pub fn add_watch(&self, path: &str, mode: WatchMode) -> Call<PersistentWatcher> {
        let path = match self.on_server(path) {
            Ok(path) => path,
            Err(error) => return Call::known(Err(error)),
        };
        let id = self.take_watcher_id();
        let (sink, watcher) = PersistentWatcher::new(id, self.0.commands.downgrade());
        let request = Request::AddWatch(AddWatchRequest { path, mode: mode.to_i32() });
        self.call(request, Some((id, sink)), move |result| match result?.response {
            Response::AddWatch(_) => Ok(watcher),
            other => misplaced(&other),
        })
    }

    /// Takes away all watches of this type that this client has left on a znode; their watchers end.
    ///
    /// # Errors
    /// `NoWatcher` if there is none.
    pub fn remove_watches(&self, path: &str, watcher_type: WatcherType) -> Call<()> {
        let watcher_type = watcher_type.to_i32();
        let request = |path| Request::RemoveWatches(RemoveWatchesRequest { path, watcher_type });
        self.call_about(path, request, nothing)
    }

    fn call_and_watch<T>(
        &self,
        path: &str,
        request: impl FnOnce(String) -> Request,
        read: impl FnOnce(Result<Answer, Error>, Watcher) -> Result<T, Error> + Send + 'static,
    ) -> Call<T> {
        let path = match self.on_server(path) {
            Ok(path) => path,
            Err(error) => return Call::known(Err(error)),
        };
        let id = self.take_watcher_id();
        let (sink, watcher) = Watcher::new(id, self.0.commands.downgrade());
        self.call(request(path), Some((id, sink)), move |result| read(result, watcher))
    }
}
