//! Reads and watches: answered from what is applied here (`FinalRequestProcessor.java`).

use proto::{
    AddWatchRequest, AddWatchResponse, ClientInfo, ErrorCode, EventType, ExistsResponse, GetAclResponse,
    GetAllChildrenNumberResponse, GetChildren2Response, GetChildrenRequest, GetChildrenResponse, GetDataRequest,
    GetDataResponse, GetEphemeralsResponse, Id, MultiReadOperation, MultiReadResponse, MultiReadResult, Permissions,
    Request, Response, SessionId, SetWatches2Request, Stat, SyncResponse, WatchMode, WatcherType, WhoAmIResponse, path,
};

use super::description::seen;
use super::{ConnectionId, Effects, Replica};
use crate::access;
use crate::tree::{Znode, canonical};
use crate::watches::Kinds;

impl Replica {
    /// Answers a read of an open connection, whose session was looked at when it came in.
    pub(super) fn read(
        &mut self,
        id: ConnectionId,
        request: Request,
        effects: &mut Effects,
    ) -> Result<Response, ErrorCode> {
        let session = self.connections.get(&id).and_then(|connection| connection.session());
        let session = session.unwrap_or(SessionId::NONE);
        Ok(match request {
            Request::Ping => Response::Empty,
            Request::Exists(request) => {
                if request.path.contains('\0') {
                    return Err(ErrorCode::BadArguments);
                }
                if request.watch {
                    self.watches.add(id, canonical(&request.path), Kinds::DATA);
                }
                Response::Exists(ExistsResponse { stat: self.stat(&request.path)? })
            }
            Request::GetData(request) => Response::GetData(self.get_data(id, &request)?),
            Request::GetChildren(request) => Response::GetChildren(self.get_children(id, &request)?),
            Request::GetChildren2(request) => {
                let GetChildrenResponse { children } = self.get_children(id, &request)?;
                Response::GetChildren2(GetChildren2Response { children, stat: self.stat(&request.path)? })
            }
            Request::GetAcl(request) => Response::GetAcl(self.get_acl(id, &request.path)?),
            // Of a server that stands alone: what is committed it shows.
            Request::Sync(request) => Response::Sync(SyncResponse { path: request.path }),
            Request::MultiRead(request) => {
                // None of them sets a watch, also if it asks for one (`FinalRequestProcessor`, multiRead).
                let read = |operation| match operation {
                    MultiReadOperation::GetData(request) => {
                        self.get_data(id, &GetDataRequest { watch: false, ..request }).map(MultiReadResult::GetData)
                    }
                    MultiReadOperation::GetChildren(request) => self
                        .get_children(id, &GetChildrenRequest { watch: false, ..request })
                        .map(MultiReadResult::GetChildren),
                };
                let results = request.operations.into_iter().map(read);
                let results = results.map(|result| result.unwrap_or_else(|error| MultiReadResult::Error(Some(error))));
                Response::MultiRead(MultiReadResponse { results: results.collect() })
            }
            Request::GetEphemerals(request) => {
                // Blanks count only in a prefix of nothing else (`FinalRequestProcessor`, getEphemerals).
                let prefix = match request.prefix_path.trim() {
                    "" | path::ROOT => "",
                    _ => request.prefix_path.as_str(),
                };
                let paths = self.database.tree.ephemerals(session).filter(|path| path.starts_with(prefix));
                Response::GetEphemerals(GetEphemeralsResponse {
                    ephemerals: paths.map(|path| path.to_string()).collect(),
                })
            }
            Request::GetAllChildrenNumber(request) => {
                self.readable(id, &request.path, Permissions::READ)?;
                let mut count = self.database.tree.descendant_count(&request.path);
                // The root is kept under two names, and below the empty one lies the other (`DataTree.getAllChildrenNumber`).
                count += usize::from(request.path.is_empty());
                let total_number = i32::try_from(count).unwrap_or(i32::MAX);
                Response::GetAllChildrenNumber(GetAllChildrenNumberResponse { total_number })
            }
            Request::WhoAmI => {
                let client_info = self.identities(id).iter().map(without_proof).collect();
                Response::WhoAmI(WhoAmIResponse { client_info })
            }
            Request::AddWatch(request) => self.add_watch(id, &request)?,
            Request::CheckWatches(request) => {
                let kind = request.kind().ok_or(ErrorCode::MarshallingError)?;
                // ZooKeeper looks for the parent of whatever is no root, and a name without a slash has none.
                if !request.path.is_empty() && !request.path.contains('/') {
                    return Err(ErrorCode::MarshallingError);
                }
                if !self.watches.contains(id, canonical(&request.path), kind) {
                    return Err(ErrorCode::NoWatcher);
                }
                Response::Empty
            }
            Request::RemoveWatches(request) => {
                let mut kind = request.kind().ok_or(ErrorCode::MarshallingError)?;
                if self.config.planted().removes_watches_by_path() {
                    kind = WatcherType::Any;
                }
                if !self.watches.remove(id, canonical(&request.path), kind) {
                    return Err(ErrorCode::NoWatcher);
                }
                Response::Empty
            }
            Request::SetWatches(request) => {
                let request = SetWatches2Request {
                    relative_zxid: request.relative_zxid,
                    data_watches: request.data_watches,
                    exist_watches: request.exist_watches,
                    child_watches: request.child_watches,
                    persistent_watches: Vec::new(),
                    persistent_recursive_watches: Vec::new(),
                };
                self.set_watches(id, &request, effects);
                Response::Empty
            }
            Request::SetWatches2(request) => {
                self.set_watches(id, &request, effects);
                Response::Empty
            }
            _ => return Err(ErrorCode::Unimplemented),
        })
    }

    fn node(&self, path: &str) -> Result<&Znode, ErrorCode> {
        self.database.tree.get(path).ok_or(ErrorCode::NoNode)
    }

    fn stat(&self, path: &str) -> Result<Stat, ErrorCode> {
        let (_, stat) = seen(self.description.as_ref(), path, self.node(path)?);
        Ok(stat)
    }

    fn identities(&self, id: ConnectionId) -> &[Id] {
        self.connections.get(&id).map_or(&[], |connection| &connection.identities)
    }

    /// The znode, if it is there and grants one of `wanted`.
    fn readable(&self, id: ConnectionId, path: &str, wanted: Permissions) -> Result<&Znode, ErrorCode> {
        let node = self.node(path)?;
        self.config.access.check(&node.acls, wanted, self.identities(id))?;
        Ok(node)
    }

    fn get_data(&mut self, id: ConnectionId, request: &GetDataRequest) -> Result<GetDataResponse, ErrorCode> {
        let node = self.readable(id, &request.path, Permissions::READ)?;
        let (data, stat) = seen(self.description.as_ref(), &request.path, node);
        let response = GetDataResponse { data, stat };
        if request.watch {
            self.watches.add(id, canonical(&request.path), Kinds::DATA);
        }
        Ok(response)
    }

    fn get_children(
        &mut self,
        id: ConnectionId,
        request: &GetChildrenRequest,
    ) -> Result<GetChildrenResponse, ErrorCode> {
        let node = self.readable(id, &request.path, Permissions::READ)?;
        let children = node.children.iter().map(|name| name.to_string()).collect();
        if request.watch {
            self.watches.add(id, canonical(&request.path), Kinds::CHILDREN);
        }
        Ok(GetChildrenResponse { children })
    }

    fn get_acl(&self, id: ConnectionId, path: &str) -> Result<GetAclResponse, ErrorCode> {
        let node = self.readable(id, path, Permissions::READ | Permissions::ADMIN)?;
        let may_administer = self.config.access.check(&node.acls, Permissions::ADMIN, self.identities(id)).is_ok();
        let acls = if may_administer { node.acls.to_vec() } else { access::masked(&node.acls) };
        Ok(GetAclResponse { acls, stat: self.stat(path)? })
    }

    fn add_watch(&mut self, id: ConnectionId, request: &AddWatchRequest) -> Result<Response, ErrorCode> {
        // A number that stands for none counts as a body that cannot be read, here as for types of watches.
        let kinds = match request.watch_mode().ok_or(ErrorCode::MarshallingError)? {
            WatchMode::Persistent => Kinds::PERSISTENT,
            WatchMode::PersistentRecursive => Kinds::RECURSIVE,
        };
        self.watches.add(id, canonical(&request.path), kinds);
        Ok(Response::AddWatch(AddWatchResponse))
    }

    /// After a reconnection: what changed since the client last looked fires at once, the rest is registered anew
    /// (`DataTree.setWatches`). What persistent watches missed is lost (ZOOKEEPER-4698).
    ///
    /// No list is asked here, as ZooKeeper asks none: the client has named the path, and `exists` tells everybody as much.
    fn set_watches(&mut self, id: ConnectionId, request: &SetWatches2Request, effects: &mut Effects) {
        let since = request.relative_zxid;
        for path in &request.data_watches {
            let event = match self.database.tree.get(path) {
                None => Some(EventType::NodeDeleted),
                Some(node) => (node.mzxid > since).then_some(EventType::NodeDataChanged),
            };
            self.fire_or_add(id, path, event, Kinds::DATA, effects);
        }
        for path in &request.exist_watches {
            let event = self.database.tree.get(path).map(|_| EventType::NodeCreated);
            self.fire_or_add(id, path, event, Kinds::DATA, effects);
        }
        for path in &request.child_watches {
            let event = match self.database.tree.get(path) {
                None => Some(EventType::NodeDeleted),
                Some(node) => (node.pzxid > since).then_some(EventType::NodeChildrenChanged),
            };
            self.fire_or_add(id, path, event, Kinds::CHILDREN, effects);
        }
        for path in &request.persistent_watches {
            self.watches.add(id, canonical(path), Kinds::PERSISTENT);
        }
        for path in &request.persistent_recursive_watches {
            self.watches.add(id, canonical(path), Kinds::RECURSIVE);
        }
    }

    fn fire_or_add(
        &mut self,
        id: ConnectionId,
        path: &str,
        event: Option<EventType>,
        kinds: Kinds,
        effects: &mut Effects,
    ) {
        let Some(event) = event else {
            self.watches.add(id, canonical(path), kinds);
            return;
        };
        effects.sometimes("a watch fired after a reconnection");
        // Nobody looks at the access control list here (`DataTree.setWatches`).
        self.send_event(id, path, event, effects);
    }
}

/// A digest is shown by its user alone (`AuthUtil.getClientInfos`).
fn without_proof(identity: &Id) -> ClientInfo {
    let Id { scheme, id } = identity;
    let id = match scheme.as_str() {
        "digest" => id.split(':').next().unwrap_or_default().to_owned(),
        // No provider knows the name of a superuser.
        "super" => String::new(),
        _ => id.clone(),
    };
    ClientInfo(Id { scheme: scheme.clone(), id })
}
