//! The protocol, frame by frame, over a blocking socket: a client without opinions.
//!
//! It does not ping, retry or reconnect; what is not asked for is not sent. It can also send what no client would.

use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use proto::frame::{FrameDecoder, write_record};
use proto::request::write_request;
use proto::{
    Acl, ConnectRequest, ConnectResponse, CreateMode, CreateRequest, Decode, ErrorCode, ExistsRequest,
    GetChildrenRequest, GetDataRequest, OpCode, Password, Reader, ReplyHeader, Request, Response, SessionId, Stat,
    WatcherEvent, Zxid, xid,
};
use socket2::{Domain, Socket, Type};

use crate::certificates::Identity;
use crate::stream::Stream;
use crate::waiting::Stopwatch;

/// How long an answer may take.
const ANSWER: Duration = Duration::from_secs(10);

/// How much the system keeps for somebody far away who does not read, in bytes.
const RECEIVE_BUFFER: usize = 64 << 10;
/// The largest segment of somebody far away.
const ETHERNET: u32 = 1400;

/// A connection to a server.
#[derive(Debug)]
pub struct Connection {
    stream: Stream,
    frames: FrameDecoder,
    last_xid: i32,
    /// The operations that have not been answered, in order.
    asked: VecDeque<(i32, OpCode)>,
}

/// What a server sends once a session is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// The answer to the oldest question.
    Answer {
        /// The latest transaction the server had applied.
        zxid: Zxid,
        /// What it said.
        result: Result<Response, ErrorCode>,
    },
    /// A watch has fired.
    Event(WatcherEvent),
}

/// The handshake of a client without a session.
#[must_use]
pub fn new_session(timeout: Duration) -> ConnectRequest {
    ConnectRequest {
        protocol_version: 0,
        last_zxid_seen: Zxid(0),
        timeout_milliseconds: i32::try_from(timeout.as_millis()).unwrap_or(i32::MAX),
        session_id: SessionId::NONE,
        password: Password::NONE,
        read_only: Some(false),
    }
}

/// A request to create a znode that everybody may use.
#[must_use]
pub fn create(path: &str, data: &[u8], mode: CreateMode) -> Request {
    Request::Create(CreateRequest {
        path: path.to_owned(),
        data: Some(Bytes::copy_from_slice(data)),
        acls: vec![Acl::open()],
        flags: mode.to_i32(),
    })
}

fn ended() -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, "the server closed the connection")
}

fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    patient(TcpStream::connect_timeout(&address, ANSWER)?)
}

fn patient(stream: TcpStream) -> io::Result<TcpStream> {
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(ANSWER))?;
    stream.set_write_timeout(Some(ANSWER))?;
    Ok(stream)
}

fn malformed(error: impl std::fmt::Display) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error.to_string())
}

impl Connection {
    /// Connects, and says nothing.
    ///
    /// # Errors
    /// What the system says.
    pub fn open(address: SocketAddr) -> io::Result<Connection> {
        Ok(Connection::over(Stream::Plain(connect(address)?)))
    }

    /// Connects as somebody far away: little is under way between the two, so that the kernel does not swallow what is
    /// not read. (On the loopback it takes megabytes of it.)
    ///
    /// # Errors
    /// What the system says.
    pub fn narrow(address: SocketAddr) -> io::Result<Connection> {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
        socket.set_recv_buffer_size(RECEIVE_BUFFER)?;
        socket.set_tcp_mss(ETHERNET)?;
        socket.connect_timeout(&address.into(), ANSWER)?;
        Ok(Connection::over(Stream::Plain(patient(socket.into())?)))
    }

    /// Connects to a port for TLS as whoever this is, or as nobody. The hands are shaken with the first bytes.
    ///
    /// # Errors
    /// What the system says.
    pub fn secure(address: SocketAddr, trust_store: &Path, identity: Option<&Identity>) -> io::Result<Connection> {
        Ok(Connection::over(Stream::secure(connect(address)?, trust_store, identity)?))
    }

    fn over(stream: Stream) -> Connection {
        Connection { stream, frames: FrameDecoder::new(usize::MAX >> 1), last_xid: 0, asked: VecDeque::new() }
    }

    /// Connects and opens a session.
    ///
    /// # Errors
    /// What the system says, or that the server refused.
    pub fn with_session(address: SocketAddr, timeout: Duration) -> io::Result<Connection> {
        Connection::open(address)?.begun(timeout)
    }

    /// Opens a session.
    ///
    /// # Errors
    /// What the system says, or that the server refused.
    pub fn begun(mut self, timeout: Duration) -> io::Result<Connection> {
        let granted = self.shake_hands(&new_session(timeout))?;
        if granted.is_refused() { Err(malformed("the server refused the session")) } else { Ok(self) }
    }

    /// Asks a four-letter word on this connection, which ends with the answer.
    ///
    /// # Errors
    /// What the system says.
    pub fn ask_word(mut self, word: &str) -> io::Result<String> {
        self.send_bytes(word.as_bytes())?;
        let mut answer = String::new();
        self.stream.read_to_string(&mut answer)?;
        Ok(answer)
    }

    /// Does the handshake.
    ///
    /// # Errors
    /// What the system says, or that the server closed the connection.
    pub fn shake_hands(&mut self, request: &ConnectRequest) -> io::Result<ConnectResponse> {
        self.begin_handshake(request)?;
        self.finish_handshake()
    }

    /// Begins the handshake, and does not wait.
    ///
    /// # Errors
    /// What the system says.
    pub fn begin_handshake(&mut self, request: &ConnectRequest) -> io::Result<()> {
        let mut bytes = BytesMut::new();
        write_record(&mut bytes, request);
        self.send_bytes(&bytes)
    }

    /// Waits for the server's part of the handshake.
    ///
    /// # Errors
    /// What the system says, or that the server closed the connection.
    pub fn finish_handshake(&mut self) -> io::Result<ConnectResponse> {
        let frame = self.next_frame()?.ok_or_else(ended)?;
        ConnectResponse::from_bytes(&frame).map_err(malformed)
    }

    /// Sends anything.
    ///
    /// # Errors
    /// What the system says.
    pub fn send_bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes)?;
        self.stream.flush()
    }

    /// Sends a request and does not wait.
    ///
    /// # Errors
    /// What the system says.
    pub fn send(&mut self, request: &Request) -> io::Result<()> {
        self.last_xid += 1;
        let number = if *request == Request::Ping { xid::PING } else { self.last_xid };
        let mut bytes = BytesMut::new();
        write_request(&mut bytes, number, request);
        self.asked.push_back((number, request.op_code()));
        self.send_bytes(&bytes)
    }

    /// Waits for the next message.
    ///
    /// # Errors
    /// What the system says; that the server closed the connection; an answer to a question that was not asked.
    pub fn receive(&mut self) -> io::Result<Message> {
        let frame = self.next_frame()?.ok_or_else(ended)?;
        let mut reader = Reader::new(&frame);
        let header = ReplyHeader::decode(&mut reader).map_err(malformed)?;
        if header.xid == xid::NOTIFICATION {
            return WatcherEvent::decode(&mut reader).map(Message::Event).map_err(malformed);
        }
        let (number, op_code) = self.asked.pop_front().ok_or_else(|| malformed("nothing was asked"))?;
        if number != header.xid {
            return Err(malformed(format!("question {number} was next, and {} was answered", header.xid)));
        }
        let result = Response::decode(op_code, &header, &mut reader).map_err(malformed)?;
        Ok(Message::Answer { zxid: header.zxid, result })
    }

    /// Asks, and waits for the answer; watch events that come before it are passed over.
    ///
    /// # Errors
    /// As [`Connection::receive`].
    pub fn ask(&mut self, request: &Request) -> io::Result<Result<Response, ErrorCode>> {
        self.send(request)?;
        loop {
            if let Message::Answer { result, .. } = self.receive()? {
                return Ok(result);
            }
        }
    }

    /// The data and metadata of a znode; `None` if there is none.
    ///
    /// # Panics
    /// If the server refuses or answers something else.
    pub fn get(&mut self, path: &str) -> Option<(Bytes, Stat)> {
        match self.ask(&Request::GetData(GetDataRequest { path: path.to_owned(), watch: false })).expect("an answer") {
            Ok(Response::GetData(answer)) => Some((answer.data.unwrap_or_default(), answer.stat)),
            Err(ErrorCode::NoNode) => None,
            other => panic!("{path}: {other:?}"),
        }
    }

    /// The metadata of a znode; `None` if there is none.
    ///
    /// # Panics
    /// If the server refuses or answers something else.
    pub fn exists(&mut self, path: &str) -> Option<Stat> {
        match self.ask(&Request::Exists(ExistsRequest { path: path.to_owned(), watch: false })).expect("an answer") {
            Ok(Response::Exists(answer)) => Some(answer.stat),
            Err(ErrorCode::NoNode) => None,
            other => panic!("{path}: {other:?}"),
        }
    }

    /// The names of the children, in order.
    ///
    /// # Panics
    /// If the server refuses or answers something else.
    pub fn children(&mut self, path: &str) -> Vec<String> {
        let request = Request::GetChildren(GetChildrenRequest { path: path.to_owned(), watch: false });
        match self.ask(&request).expect("an answer") {
            Ok(Response::GetChildren(answer)) => {
                let mut children = answer.children;
                children.sort();
                children
            }
            other => panic!("{path}: {other:?}"),
        }
    }

    /// The body of the next frame; `None` if the server closed the connection.
    ///
    /// # Errors
    /// What the system says, also that nothing came in time.
    pub fn next_frame(&mut self) -> io::Result<Option<Bytes>> {
        let mut chunk = [0; 64 * 1024];
        loop {
            if let Some(frame) = self.frames.next_frame().map_err(malformed)? {
                return Ok(Some(frame));
            }
            match self.stream.read(&mut chunk) {
                Ok(0) => return Ok(None),
                Ok(count) => self.frames.push(&chunk[..count]),
                Err(error) if error.kind() == io::ErrorKind::ConnectionReset => return Ok(None),
                Err(error) => return Err(error),
            }
        }
    }

    /// Says that nothing more will come, and waits until the server closes the connection; false if it does not within
    /// `limit`.
    #[must_use]
    pub fn hang_up(mut self, limit: Duration) -> bool {
        // Closed already, if it cannot be said.
        let _ = self.stream.hang_up();
        self.is_closed_within(limit)
    }

    /// Waits until the server closes the connection, whatever it says before; false if it does not within `limit`.
    #[must_use]
    pub fn is_closed_within(&mut self, limit: Duration) -> bool {
        let watch = Stopwatch::start();
        let mut chunk = [0; 4096];
        loop {
            let left = watch.left_of(limit);
            if left.is_zero() || self.stream.set_read_timeout(Some(left)).is_err() {
                return false;
            }
            match self.stream.read(&mut chunk) {
                Ok(0) => return true,
                Ok(_) => {}
                Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
                    return false;
                }
                Err(_) => return true,
            }
        }
    }
}
