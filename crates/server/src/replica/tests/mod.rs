//! Rule by rule, on the pure core: no sockets, no clocks but the ones the tests turn.

mod access;
mod description;
mod ensemble;
mod harness;
mod invariants;
mod multi;
mod order;
mod reaping;
mod sessions;
mod watches;
mod words;
mod znodes;

use std::collections::BTreeMap;

use bytes::Bytes;
use proto::*;

use crate::{Config, Ensemble, Member};

pub(super) use harness::{Client, Harness};

pub(super) fn create(path: &str, mode: CreateMode) -> Request {
    create_with(path, mode, vec![Acl::open()])
}

pub(super) fn create_with(path: &str, mode: CreateMode, acls: Vec<Acl>) -> Request {
    let data = Some(Bytes::from_static(b"data"));
    let request = CreateRequest { path: path.into(), data, acls, flags: mode.to_i32() };
    if mode == CreateMode::Container { Request::CreateContainer(request) } else { Request::Create2(request) }
}

pub(super) fn delete(path: &str) -> Request {
    Request::Delete(DeleteRequest { path: path.into(), version: -1 })
}

pub(super) fn set_data(path: &str, version: i32) -> Request {
    Request::SetData(SetDataRequest { path: path.into(), data: Some(Bytes::from_static(b"new")), version })
}

pub(super) fn exists(path: &str, watch: bool) -> Request {
    Request::Exists(ExistsRequest { path: path.into(), watch })
}

pub(super) fn get_data(path: &str, watch: bool) -> Request {
    Request::GetData(GetDataRequest { path: path.into(), watch })
}

pub(super) fn get_children(path: &str, watch: bool) -> Request {
    Request::GetChildren(GetChildrenRequest { path: path.into(), watch })
}

/// The path that a create answered with.
pub(super) fn path_of(answer: Result<Response, ErrorCode>) -> String {
    match answer {
        Ok(Response::Create2(response)) => response.path,
        Ok(Response::Create(response)) => response.path,
        other => panic!("not a created path: {other:?}"),
    }
}

/// The metadata in an answer.
pub(super) fn stat_of(answer: Result<Response, ErrorCode>) -> Stat {
    match answer {
        Ok(Response::Create2(response)) => response.stat,
        Ok(Response::Exists(response)) => response.stat,
        Ok(Response::SetData(response)) => response.stat,
        Ok(Response::SetAcl(response)) => response.stat,
        Ok(Response::GetData(response)) => response.stat,
        other => panic!("no metadata in {other:?}"),
    }
}

/// The names in an answer, sorted.
pub(super) fn names_of(answer: Result<Response, ErrorCode>) -> Vec<String> {
    let mut names = match answer {
        Ok(Response::GetChildren(response)) => response.children,
        Ok(Response::GetEphemerals(response)) => response.ephemerals,
        other => panic!("no names in {other:?}"),
    };
    names.sort();
    names
}

/// Four servers, the last of which observes; this is the first one.
pub(super) fn in_an_ensemble() -> Harness {
    let member = |id: u8| Member { host: "zoo".to_owned(), port: 2880 + u16::from(id), observes: id == 4 };
    let members: BTreeMap<u8, Member> = (1..=4).map(|id| (id, member(id))).collect();
    Harness::with(Config { words: vec!["*".into()], ensemble: Some(Ensemble::new(members)), ..Config::default() })
}
