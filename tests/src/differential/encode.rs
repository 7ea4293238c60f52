//! Requests as bytes: also those that no client would send.

use bytes::{Bytes, BytesMut};
use proto::frame::write_frame;
use proto::types::{Id, OpCode, Permissions, Secret, Zxid};
use proto::{
    Acl, AddWatchRequest, AuthRequest, CheckRequest, CheckWatchesRequest, CreateRequest, CreateTtlRequest,
    DeleteRequest, Encode, ExistsRequest, GetAclRequest, GetAllChildrenNumberRequest, GetChildrenRequest,
    GetDataRequest, GetEphemeralsRequest, MultiHeader, ReconfigRequest, RemoveWatchesRequest, Request, RequestHeader,
    SetAclRequest, SetDataRequest, SetWatches2Request, SetWatchesRequest, SyncRequest, xid,
};

use super::operation::{Ask, Entry, Form};

/// What `~` stands for, and where the counting of transactions begins.
#[derive(Clone, Debug)]
pub struct Place {
    /// The path of the case's top znode.
    pub top: String,
    /// The transaction that created it.
    pub base: i64,
}

impl Place {
    fn path(&self, text: &str) -> String {
        text.replace('~', &self.top)
    }

    fn paths(&self, texts: &[String]) -> Vec<String> {
        texts.iter().map(|text| self.path(text)).collect()
    }

    fn since(&self, since: i64) -> Zxid {
        Zxid(if since < 0 { 0 } else { self.base.saturating_add(since) })
    }
}

/// The number under which a request is sent: some have their own.
#[must_use]
pub fn number(ask: &Ask, next: i32) -> i32 {
    match ask {
        Ask::Ping => xid::PING,
        Ask::Auth { .. } => xid::AUTH,
        Ask::SetWatches { .. } | Ask::SetWatches2 { .. } => xid::SET_WATCHES,
        _ => next,
    }
}

/// Which operation it is.
#[must_use]
pub fn op_code(ask: &Ask) -> OpCode {
    match ask {
        Ask::Multi(_) => OpCode::Multi,
        Ask::MultiRead(_) => OpCode::MultiRead,
        Ask::Garbled { code, .. } => OpCode::from_i32(*code),
        ask => plain(ask, &Place { top: String::new(), base: 0 }).op_code(),
    }
}

/// Appends a request: frame, header, body.
pub fn write(buffer: &mut BytesMut, xid: i32, ask: &Ask, place: &Place) {
    write_frame(buffer, |buffer| {
        RequestHeader { xid, op_code: op_code(ask) }.encode(buffer);
        body(buffer, ask, place);
    });
}

fn body(buffer: &mut BytesMut, ask: &Ask, place: &Place) {
    match ask {
        Ask::Multi(parts) | Ask::MultiRead(parts) => {
            for part in parts {
                MultiHeader::operation(op_code(part)).encode(buffer);
                body(buffer, part, place);
            }
            MultiHeader::END.encode(buffer);
        }
        Ask::Garbled { body, .. } => buffer.extend_from_slice(body),
        ask => plain(ask, place).encode(buffer),
    }
}

fn plain(ask: &Ask, place: &Place) -> Request {
    let data = |data: &Option<String>| data.as_ref().map(|data| Bytes::copy_from_slice(data.as_bytes()));
    let acls = |entries: &[Entry]| entries.iter().map(acl).collect::<Vec<_>>();
    match ask {
        Ask::Create { form: Form::Ttl(ttl), path, data: bytes, acl, flags } => Request::CreateTtl(CreateTtlRequest {
            path: place.path(path),
            data: data(bytes),
            acls: acls(acl),
            flags: *flags,
            ttl_milliseconds: *ttl,
        }),
        Ask::Create { form, path, data: bytes, acl, flags } => {
            let request = CreateRequest { path: place.path(path), data: data(bytes), acls: acls(acl), flags: *flags };
            match form {
                Form::Create => Request::Create(request),
                Form::Create2 => Request::Create2(request),
                Form::Container | Form::Ttl(_) => Request::CreateContainer(request),
            }
        }
        Ask::Delete { path, version } => Request::Delete(DeleteRequest { path: place.path(path), version: *version }),
        Ask::Exists { path, watch } => Request::Exists(ExistsRequest { path: place.path(path), watch: *watch }),
        Ask::GetData { path, watch } => Request::GetData(GetDataRequest { path: place.path(path), watch: *watch }),
        Ask::SetData { path, data: bytes, version } => {
            Request::SetData(SetDataRequest { path: place.path(path), data: data(bytes), version: *version })
        }
        Ask::GetAcl { path } => Request::GetAcl(GetAclRequest { path: place.path(path) }),
        Ask::SetAcl { path, acl, version } => {
            Request::SetAcl(SetAclRequest { path: place.path(path), acls: acls(acl), version: *version })
        }
        Ask::GetChildren { path, watch } => {
            Request::GetChildren(GetChildrenRequest { path: place.path(path), watch: *watch })
        }
        Ask::GetChildren2 { path, watch } => {
            Request::GetChildren2(GetChildrenRequest { path: place.path(path), watch: *watch })
        }
        Ask::Sync { path } => Request::Sync(SyncRequest { path: place.path(path) }),
        Ask::Check { path, version } => Request::Check(CheckRequest { path: place.path(path), version: *version }),
        Ask::AddWatch { path, mode } => Request::AddWatch(AddWatchRequest { path: place.path(path), mode: *mode }),
        Ask::RemoveWatches { path, kind } => {
            Request::RemoveWatches(RemoveWatchesRequest { path: place.path(path), watcher_type: *kind })
        }
        Ask::CheckWatches { path, kind } => {
            Request::CheckWatches(CheckWatchesRequest { path: place.path(path), watcher_type: *kind })
        }
        Ask::SetWatches { since, data, exist, child } => Request::SetWatches(SetWatchesRequest {
            relative_zxid: place.since(*since),
            data_watches: place.paths(data),
            exist_watches: place.paths(exist),
            child_watches: place.paths(child),
        }),
        Ask::SetWatches2 { since, data, exist, child, persistent, recursive } => {
            Request::SetWatches2(SetWatches2Request {
                relative_zxid: place.since(*since),
                data_watches: place.paths(data),
                exist_watches: place.paths(exist),
                child_watches: place.paths(child),
                persistent_watches: place.paths(persistent),
                persistent_recursive_watches: place.paths(recursive),
            })
        }
        Ask::Auth { scheme, credential } => Request::Auth(AuthRequest {
            auth_type: 0,
            scheme: scheme.clone(),
            credential: Secret(Bytes::copy_from_slice(credential.as_bytes())),
        }),
        Ask::WhoAmI => Request::WhoAmI,
        Ask::GetEphemerals { prefix } => {
            Request::GetEphemerals(GetEphemeralsRequest { prefix_path: place.path(prefix) })
        }
        Ask::GetAllChildrenNumber { path } => {
            Request::GetAllChildrenNumber(GetAllChildrenNumberRequest { path: place.path(path) })
        }
        Ask::Reconfig { joining } => Request::Reconfig(ReconfigRequest {
            joining_servers: joining.clone(),
            leaving_servers: None,
            new_members: None,
            current_configuration: -1,
        }),
        Ask::Ping => Request::Ping,
        Ask::CloseSession => Request::CloseSession,
        Ask::Multi(_) | Ask::MultiRead(_) | Ask::Garbled { .. } => unreachable!("these are written part by part"),
    }
}

fn acl(entry: &Entry) -> Acl {
    Acl { permissions: Permissions(entry.permissions), id: Id { scheme: entry.scheme.clone(), id: entry.id.clone() } }
}
