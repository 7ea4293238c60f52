//! What no client of good manners does: a session that is closed, and asks for more in the same breath.
//!
//! Between the moment in which the leader decides that a session ends and the one in which that is committed, whatever the
//! session asks for must fail (ZOOKEEPER-1208).

use std::io;
use std::time::Duration;

use ::bytes::{Bytes, BytesMut};
use host::net::{TcpStream, lookup};
use proto::frame::{FrameDecoder, write_record};
use proto::request::write_request;
use proto::{
    Acl, ConnectRequest, ConnectResponse, CreateMode, CreateRequest, Decode, Password, Reader, ReplyHeader, Request,
    SessionId, Zxid,
};
use rand::seq::SliceRandom;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::calls::Call;
use super::worker::{Worker, bytes};

/// How long to wait for a server.
const PATIENCE: Duration = Duration::from_secs(4);

/// The number of a request.
const CREATE: i32 = 1;
const CLOSE: i32 = 2;
const CREATE_AGAIN: i32 = 3;

/// Opens a session, creates an ephemeral, closes the session, and asks for another ephemeral at once.
pub async fn asks_after_its_end(worker: &mut Worker, key: &str) {
    let mut calls = Pending::default();
    // Whatever goes wrong on the way: what was not answered is in doubt, and the session runs out.
    let _ = host::timeout(PATIENCE, converse(worker, key, &mut calls)).await;
    for call in [calls.first, calls.second].into_iter().flatten() {
        call.in_doubt();
    }
}

/// The calls that are not answered yet.
#[derive(Default)]
struct Pending {
    first: Option<Call>,
    second: Option<Call>,
}

async fn converse(worker: &mut Worker, key: &str, calls: &mut Pending) -> io::Result<()> {
    let mut connection = Connection::open(worker).await?;
    let session = connection.shake_hands(worker.config.session_timeout).await?;
    let (first, second) = (worker.value(), worker.value());
    let begin =
        |value: &Value| worker.calls.invoke("create_ephemeral", key, &json!({"data": value, "owner": session.0}));
    (calls.first, calls.second) = (Some(begin(&first)), Some(begin(&second)));
    let mut requests = BytesMut::new();
    write_request(&mut requests, CREATE, &create(key, &first));
    write_request(&mut requests, CLOSE, &Request::CloseSession);
    write_request(&mut requests, CREATE_AGAIN, &create(key, &second));
    connection.stream.write_all(&requests).await?;
    while let Some(frame) = connection.next_frame().await? {
        let mut reader = Reader::new(&frame);
        let header = ReplyHeader::decode(&mut reader).map_err(malformed)?;
        let call = match header.xid {
            CREATE => calls.first.take(),
            CREATE_AGAIN => calls.second.take(),
            _ => None,
        };
        if let Some(call) = call {
            match header.error {
                None => call.returned(&Value::Null),
                Some(proto::ErrorCode::NodeExists) => call.returned(&json!({"error": "NodeExists"})),
                Some(_) => call.failed(),
            }
        }
    }
    Ok(())
}

fn create(path: &str, value: &Value) -> Request {
    Request::Create(CreateRequest {
        path: path.to_owned(),
        data: Some(Bytes::from(bytes(value))),
        acls: vec![Acl::open()],
        flags: CreateMode::Ephemeral.to_i32(),
    })
}

struct Connection {
    stream: TcpStream,
    frames: FrameDecoder,
}

impl Connection {
    /// Connects to any of the servers.
    async fn open(worker: &mut Worker) -> io::Result<Connection> {
        let servers = worker.config.servers.servers();
        let server = servers.choose(&mut worker.random).ok_or(io::ErrorKind::NotFound)?;
        let address = lookup(server).await?.first().copied().ok_or(io::ErrorKind::NotFound)?;
        let stream = TcpStream::connect(address).await?;
        Ok(Connection { stream, frames: FrameDecoder::new(proto::frame::DEFAULT_LIMIT) })
    }

    async fn shake_hands(&mut self, timeout: Duration) -> io::Result<SessionId> {
        let request = ConnectRequest {
            protocol_version: 0,
            last_zxid_seen: Zxid::ZERO,
            timeout_milliseconds: i32::try_from(timeout.as_millis()).unwrap_or(i32::MAX),
            session_id: SessionId::NONE,
            password: Password::NONE,
            read_only: Some(false),
        };
        let mut buffer = BytesMut::new();
        write_record(&mut buffer, &request);
        self.stream.write_all(&buffer).await?;
        let frame = self.next_frame().await?.ok_or(io::ErrorKind::UnexpectedEof)?;
        let granted = ConnectResponse::from_bytes(&frame).map_err(malformed)?;
        if granted.is_refused() { Err(io::ErrorKind::PermissionDenied.into()) } else { Ok(granted.session_id) }
    }

    /// The next frame; none when the server has closed the connection.
    async fn next_frame(&mut self) -> io::Result<Option<Bytes>> {
        loop {
            if let Some(frame) = self.frames.next_frame().map_err(malformed)? {
                return Ok(Some(frame));
            }
            if self.stream.read_buf(self.frames.buffer_mut()).await? == 0 {
                return Ok(None);
            }
        }
    }
}

fn malformed(error: impl std::fmt::Display) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error.to_string())
}
