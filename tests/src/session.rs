//! A session that goes from server to server, as clients' sessions do, without the opinions of a client.
//!
//! Nothing is retried: what was under way when a connection broke is for the caller to find out about.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use proto::{
    ConnectRequest, ErrorCode, ExistsRequest, GetDataRequest, Request, Response, SessionId, Stat, SyncRequest,
};

use crate::waiting::eventually;
use crate::wire::{Connection, Message, new_session};

/// A session.
#[derive(Debug)]
pub struct Session {
    servers: Vec<SocketAddr>,
    /// The next server to try.
    next: usize,
    connection: Option<Connection>,
    /// How long connecting anew may take.
    patience: Duration,
    handshake: ConnectRequest,
    moves: u32,
}

impl Session {
    /// Opens a session at the first of these servers that serves.
    ///
    /// # Panics
    /// If none does within `patience`; connecting anew may take as long, too.
    #[must_use]
    pub fn open(servers: Vec<SocketAddr>, timeout: Duration, patience: Duration) -> Session {
        let handshake = new_session(timeout);
        let mut session = Session { servers, next: 0, connection: None, patience, handshake, moves: 0 };
        session.connect();
        session
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> SessionId {
        self.handshake.session_id
    }

    /// How often it was taken up again on another connection.
    #[must_use]
    pub fn moves(&self) -> u32 {
        self.moves
    }

    /// Connects anew, to whichever server takes the session.
    ///
    /// # Panics
    /// If a server says that the session is gone, or none takes it in time.
    pub fn reconnect(&mut self) {
        self.connection = None;
        self.moves += 1;
        self.connect();
    }

    fn connect(&mut self) {
        let patience = self.patience;
        let connection = eventually("a server that takes the session", patience, || {
            let server = self.servers[self.next % self.servers.len()];
            self.next += 1;
            // A server that is not there, has no leader, or is behind this session ends the connection.
            let mut connection = Connection::open(server).ok()?;
            let granted = connection.shake_hands(&self.handshake).ok()?;
            assert!(!granted.is_refused(), "the session {:?} is gone, says {server}", self.handshake.session_id);
            let is_new = self.handshake.session_id.is_none();
            assert!(is_new || granted.session_id == self.handshake.session_id, "the same session");
            self.handshake.session_id = granted.session_id;
            self.handshake.password = granted.password;
            Some(connection)
        });
        self.connection = Some(connection);
    }

    /// Sends a request and does not wait.
    ///
    /// # Errors
    /// The connection is broken.
    pub fn send(&mut self, request: &Request) -> io::Result<()> {
        self.connection().send(request)
    }

    /// Waits for the answer to the oldest request.
    ///
    /// # Errors
    /// The connection is broken.
    ///
    /// # Panics
    /// If the answer comes from a time before what this session has seen.
    pub fn receive(&mut self) -> io::Result<Result<Response, ErrorCode>> {
        loop {
            if let Message::Answer { zxid, result } = self.connection().receive()? {
                assert!(zxid >= self.handshake.last_zxid_seen, "{zxid} after {}", self.handshake.last_zxid_seen);
                self.handshake.last_zxid_seen = zxid;
                return Ok(result);
            }
        }
    }

    /// Asks, and waits for the answer.
    ///
    /// # Errors
    /// The connection is broken: what was asked may happen or not.
    pub fn ask(&mut self, request: &Request) -> io::Result<Result<Response, ErrorCode>> {
        self.send(request)?;
        self.receive()
    }

    /// Asks until there is an answer: for what may be asked twice.
    ///
    /// # Panics
    /// If the session is lost.
    pub fn insist(&mut self, request: &Request) -> Result<Response, ErrorCode> {
        loop {
            match self.ask(request) {
                Ok(answer) => return answer,
                Err(_) => self.reconnect(),
            }
        }
    }

    /// Waits until everything that is committed shows here.
    ///
    /// # Panics
    /// If the session is lost.
    pub fn sync(&mut self) {
        self.insist(&Request::Sync(SyncRequest { path: "/".to_owned() })).expect("a sync is not refused");
    }

    /// The data and metadata of a znode as of now; `None` if there is none.
    ///
    /// # Panics
    /// If the session is lost.
    pub fn latest(&mut self, path: &str) -> Option<(Bytes, Stat)> {
        self.sync();
        match self.insist(&Request::GetData(GetDataRequest { path: path.to_owned(), watch: false })) {
            Ok(Response::GetData(answer)) => Some((answer.data.unwrap_or_default(), answer.stat)),
            Err(ErrorCode::NoNode) => None,
            other => panic!("{path}: {other:?}"),
        }
    }

    /// Whether there is a znode, as far as this server knows.
    ///
    /// # Panics
    /// If the session is lost.
    pub fn exists(&mut self, path: &str) -> bool {
        match self.insist(&Request::Exists(ExistsRequest { path: path.to_owned(), watch: false })) {
            Ok(_) => true,
            Err(ErrorCode::NoNode) => false,
            other => panic!("{path}: {other:?}"),
        }
    }

    /// The connection, for what nothing else here does.
    ///
    /// # Panics
    /// Never: there is always one.
    pub fn connection(&mut self) -> &mut Connection {
        self.connection.as_mut().expect("a session has a connection")
    }
}
