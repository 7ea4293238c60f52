//! Makes room for a case, looks at what it has left, and clears it away: the superuser, in a session of its own.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use proto::types::Secret;
use proto::{
    AuthRequest, CreateMode, DeleteRequest, ErrorCode, ExistsRequest, GetAclRequest, GetChildrenRequest,
    GetDataRequest, Request, Response, SetDataRequest,
};

use super::normalise::Normaliser;
use crate::wire::{Connection, create};

/// The superuser's credential, and its digest for the settings of a server.
const CREDENTIAL: &str = "super:test";

/// The digest of the superuser.
pub const SUPER_DIGEST: &str = "super:D/InIHSb7yEEbrWz8b9l71RjZJU=";

/// The superuser.
#[derive(Debug)]
pub struct Janitor {
    connection: Connection,
    cases: u64,
}

impl Janitor {
    /// Opens its session.
    ///
    /// # Errors
    /// The server does not take it.
    pub fn new(address: SocketAddr) -> io::Result<Janitor> {
        let mut connection = Connection::with_session(address, Duration::from_secs(200))?;
        let credential = Secret(Bytes::from_static(CREDENTIAL.as_bytes()));
        let auth = AuthRequest { auth_type: 0, scheme: "digest".to_owned(), credential };
        connection.ask(&Request::Auth(auth))?.map_err(refused)?;
        Ok(Janitor { connection, cases: 0 })
    }

    /// Makes the top znode of the next case: its path, and the transaction that made it.
    ///
    /// # Errors
    /// The server does not let it.
    pub fn open_case(&mut self) -> io::Result<(String, i64)> {
        self.cases += 1;
        let top = format!("/case{}", self.cases);
        // Written to by cases: their data would be there for the next.
        let clear = SetDataRequest { path: "/".to_owned(), data: None, version: -1 };
        self.ask(&Request::SetData(clear))?;
        self.ask(&create(&top, b"", CreateMode::Persistent))?;
        match self.ask(&Request::Exists(ExistsRequest { path: top.clone(), watch: false }))? {
            Response::Exists(answer) => Ok((top, answer.stat.czxid.0)),
            _ => Err(io::Error::other("exists was answered with something else")),
        }
    }

    /// What there is below the top znode, and below its quotas.
    ///
    /// # Errors
    /// The server does not let it look.
    pub fn describe(&mut self, top: &str, normaliser: &Normaliser) -> io::Result<Vec<String>> {
        let mut lines = Vec::new();
        for path in self.below(top)? {
            let data = self.ask(&Request::GetData(GetDataRequest { path: path.clone(), watch: false }))?;
            let acl = self.ask(&Request::GetAcl(GetAclRequest { path: path.clone() }))?;
            let (data, acl) = (normaliser.response(&data), normaliser.response(&acl));
            lines.push(format!("left {:?}: {data} {acl}", normaliser.path(&path)));
        }
        Ok(lines)
    }

    /// Deletes it all.
    ///
    /// # Errors
    /// The server does not let it.
    pub fn close_case(&mut self, top: &str) -> io::Result<()> {
        for path in self.below(top)?.into_iter().rev() {
            self.ask(&Request::Delete(DeleteRequest { path, version: -1 }))?;
        }
        Ok(())
    }

    /// Parents before children.
    fn below(&mut self, top: &str) -> io::Result<Vec<String>> {
        let mut pending = vec![format!("/zookeeper/quota{top}"), top.to_owned()];
        let mut found = Vec::new();
        while let Some(path) = pending.pop() {
            let request = Request::GetChildren(GetChildrenRequest { path: path.clone(), watch: false });
            let mut children = match self.connection.ask(&request)? {
                Ok(Response::GetChildren(answer)) => answer.children,
                Err(ErrorCode::NoNode) => continue,
                other => return Err(io::Error::other(format!("the janitor asked for {path}: {other:?}"))),
            };
            children.sort();
            pending.extend(children.iter().map(|child| format!("{path}/{child}")));
            found.push(path);
        }
        Ok(found)
    }

    fn ask(&mut self, request: &Request) -> io::Result<Response> {
        self.connection.ask(request)?.map_err(|error| {
            io::Error::other(format!("the janitor was refused {} {:?}: {error}", request.op_code(), request.path()))
        })
    }
}

fn refused(error: ErrorCode) -> io::Error {
    io::Error::other(format!("the superuser is refused: {error}"))
}
