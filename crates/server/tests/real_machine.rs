//! The server on a real port, against raw bytes: whatever a client does, it harms itself alone.
#![allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "this is the other end, on the real machine")]

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use interregnum_server::{Config, OutputLimits, Server};
use proto::frame::write_record;
use proto::request::write_request;
use proto::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const PATIENCE: Duration = Duration::from_secs(20);

fn config() -> Config {
    Config { listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), ..Config::default() }
}

/// Runs a test against a server on a port of its own.
fn with_server<F: Future<Output = ()>>(config: Config, test: impl FnOnce(SocketAddr) -> F) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let server = Server::bind(config).await.unwrap();
        let address = server.address();
        let running = tokio::spawn(server.run());
        tokio::time::timeout(PATIENCE, test(address)).await.expect("the test ends in time");
        assert!(!running.is_finished(), "the server outlives whatever the test does");
        running.abort();
    });
}

struct Connection {
    stream: TcpStream,
    decoder: FrameDecoder,
}

impl Connection {
    async fn open(address: SocketAddr) -> Connection {
        let stream = TcpStream::connect(address).await.unwrap();
        Connection { stream, decoder: FrameDecoder::new(1 << 24) }
    }

    async fn with_session(address: SocketAddr) -> Connection {
        let mut connection = Connection::open(address).await;
        assert!(!connection.shake_hands(SessionId::NONE, Password::NONE).await.is_refused());
        connection
    }

    async fn shake_hands(&mut self, session_id: SessionId, password: Password) -> ConnectResponse {
        let mut bytes = BytesMut::new();
        let request = ConnectRequest {
            protocol_version: 0,
            last_zxid_seen: Zxid::ZERO,
            timeout_milliseconds: 6000,
            session_id,
            password,
            read_only: Some(false),
        };
        write_record(&mut bytes, &request);
        self.send(&bytes).await;
        ConnectResponse::from_bytes(&self.frame().await.expect("an answer")).unwrap()
    }

    async fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
    }

    /// The next frame, or nothing once the server has closed.
    async fn frame(&mut self) -> Option<Bytes> {
        loop {
            if let Some(frame) = self.decoder.next_frame().unwrap() {
                return Some(frame);
            }
            match self.stream.read_buf(self.decoder.buffer_mut()).await {
                Ok(0) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }

    async fn call(&mut self, request: &Request) -> Option<Result<Response, ErrorCode>> {
        let mut bytes = BytesMut::new();
        write_request(&mut bytes, 1, request);
        self.send(&bytes).await;
        let frame = self.frame().await?;
        let mut reader = Reader::new(&frame);
        let header = ReplyHeader::decode(&mut reader).unwrap();
        Some(Response::decode(request.op_code(), &header, &mut reader).unwrap())
    }

    async fn is_closed(&mut self) -> bool {
        self.frame().await.is_none()
    }
}

fn create(path: &str, mode: CreateMode) -> Request {
    Request::Create(CreateRequest { path: path.into(), data: None, acls: vec![Acl::open()], flags: mode.to_i32() })
}

fn exists(path: &str) -> Request {
    Request::Exists(ExistsRequest { path: path.into(), watch: false })
}

/// That the server still serves.
async fn assert_serving(address: SocketAddr) {
    let mut connection = Connection::with_session(address).await;
    assert!(matches!(connection.call(&exists("/")).await, Some(Ok(_))));
}

#[test]
fn garbage_before_the_handshake_closes_the_connection() {
    with_server(config(), |address| async move {
        for garbage in [&b"GET / HTTP/1.1\r\n\r\n"[..], &[0xff; 64], &[0, 0, 0, 4, 1, 2, 3, 4], &[0x7f; 8]] {
            let mut connection = Connection::open(address).await;
            connection.send(garbage).await;
            assert!(connection.is_closed().await);
        }
        assert_serving(address).await;
    });
}

#[test]
fn impossible_lengths_close_the_connection() {
    with_server(config(), |address| async move {
        for length in [-1, i32::MIN, i32::MAX, 0x10_0000] {
            let mut connection = Connection::with_session(address).await;
            connection.send(&i32::to_be_bytes(length)).await;
            assert!(connection.is_closed().await, "{length}");
        }
        assert_serving(address).await;
    });
}

#[test]
fn half_a_request_and_then_silence_ends_with_the_session() {
    let mut config = config();
    config.tick = Duration::from_millis(200);
    with_server(config, |address| async move {
        let mut connection = Connection::with_session(address).await;
        let mut bytes = BytesMut::new();
        write_request(&mut bytes, 1, &create("/half", CreateMode::Persistent));
        connection.send(&bytes[..bytes.len() / 2]).await;
        assert!(connection.is_closed().await);
        let mut other = Connection::with_session(address).await;
        assert_eq!(other.call(&exists("/half")).await, Some(Err(ErrorCode::NoNode)));
    });
}

#[test]
fn an_unknown_operation_is_answered_before_the_connection_closes() {
    with_server(config(), |address| async move {
        let mut connection = Connection::with_session(address).await;
        let mut bytes = BytesMut::new();
        let header = RequestHeader { xid: 9, op_code: OpCode::from_i32(4711) };
        write_record(&mut bytes, &header);
        connection.send(&bytes).await;
        let frame = connection.frame().await.expect("an answer");
        let header = ReplyHeader::from_bytes(&frame).unwrap();
        assert_eq!((header.xid, header.error), (9, Some(ErrorCode::Unimplemented)));
        assert!(connection.is_closed().await);
    });
}

#[test]
fn two_thousand_silent_connections_hurt_nobody_and_are_closed() {
    let mut config = config();
    config.connections_per_address = 0;
    config.handshake_timeout = Duration::from_millis(1500);
    with_server(config, |address| async move {
        let mut silent = Vec::new();
        for _ in 0..2000 {
            match TcpStream::connect(address).await {
                Ok(stream) => silent.push(stream),
                // A machine with few file descriptors: as many as there are.
                Err(_) => break,
            }
        }
        assert!(silent.len() > 200, "only {} connections", silent.len());
        silent.truncate(silent.len() - 20);
        assert_serving(address).await;
        let mut byte = [0];
        assert!(matches!(silent[0].read(&mut byte).await, Ok(0) | Err(_)));
    });
}

#[test]
fn an_address_has_a_limited_number_of_connections() {
    let mut config = config();
    config.connections_per_address = 3;
    with_server(config, |address| async move {
        let mut held = Vec::new();
        for _ in 0..3 {
            held.push(Connection::with_session(address).await);
        }
        let mut surplus = Connection::open(address).await;
        assert!(surplus.is_closed().await);
        held.pop();
        // The server has to notice first that one has gone.
        loop {
            let mut connection = Connection::open(address).await;
            let mut bytes = BytesMut::new();
            write_record(&mut bytes, &ConnectResponse::refused(None));
            if connection.stream.write_all(b"srvr").await.is_ok() {
                let mut answer = String::new();
                if connection.stream.read_to_string(&mut answer).await.is_ok() && answer.contains("Mode") {
                    break;
                }
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    });
}

#[test]
fn a_client_that_does_not_read_is_held_up_and_gets_everything_in_order_when_it_does() {
    const QUESTIONS: i32 = 200;
    let mut config = config();
    // Closed beyond it: but no more waits than one answer above the pause.
    config.output = OutputLimits { pause: 64 << 10, limit: 1 << 20, ..OutputLimits::default() };
    with_server(config, |address| async move {
        let mut connection = Connection::with_session(address).await;
        let data = Some(Bytes::from(vec![7; 500_000]));
        let request = CreateRequest { path: "/big".into(), data, acls: vec![Acl::open()], flags: 0 };
        assert!(matches!(connection.call(&Request::Create(request)).await, Some(Ok(_))));
        // Asks for far more than the limit and the kernel's buffers hold, and reads none of it.
        let mut bytes = BytesMut::new();
        for xid in 1..=QUESTIONS {
            let request = GetDataRequest { path: "/big".into(), watch: false };
            write_request(&mut bytes, xid, &Request::GetData(request));
        }
        connection.send(&bytes).await;
        tokio::time::sleep(Duration::from_millis(500)).await;
        assert_serving(address).await;
        for xid in 1..=QUESTIONS {
            let frame = connection.frame().await.expect("an answer");
            let header = ReplyHeader::from_bytes(&frame.slice(..16)).unwrap();
            assert_eq!((header.xid, header.error, frame.len()), (xid, None, 16 + 4 + 500_000 + 68));
        }
        assert_serving(address).await;
    });
}

#[test]
fn four_letter_words_are_answered_with_text() {
    let mut config = config();
    config.words = vec!["*".into()];
    with_server(config, |address| async move {
        for (word, part) in [("ruok", "imok"), ("srvr", "Mode: standalone"), ("isro", "rw"), ("mntr", "zk_version")] {
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(word.as_bytes()).await.unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.unwrap();
            assert!(answer.contains(part), "{word}: {answer}");
        }
    });
}

#[test]
fn pipelined_requests_are_answered_in_order() {
    with_server(config(), |address| async move {
        let mut connection = Connection::with_session(address).await;
        let mut bytes = BytesMut::new();
        for xid in 1..=1000 {
            let request = match xid % 3 {
                0 => create("/n-", CreateMode::EphemeralSequential),
                1 => exists("/"),
                _ => Request::Ping,
            };
            write_request(&mut bytes, xid, &request);
        }
        // In pieces that respect no frame.
        for piece in bytes.chunks(37) {
            connection.send(piece).await;
        }
        for xid in 1..=1000 {
            let header = ReplyHeader::from_bytes(&connection.frame().await.expect("an answer")).unwrap();
            assert_eq!((header.xid, header.error), (xid, None));
        }
    });
}

#[test]
fn a_restart_brings_back_znodes_and_sessions() {
    let directory = tempfile::tempdir().unwrap();
    let mut config = config();
    config.data = Some(directory.path().to_owned());
    config.snapshot_interval = 50;
    let granted = std::sync::Mutex::new(None);
    let granted = &granted;
    with_server(config.clone(), |address| async move {
        let mut connection = Connection::open(address).await;
        let response = connection.shake_hands(SessionId::NONE, Password::NONE).await;
        *granted.lock().unwrap() = Some((response.session_id, response.password));
        for _ in 0..200 {
            assert!(matches!(connection.call(&create("/n-", CreateMode::EphemeralSequential)).await, Some(Ok(_))));
        }
    });
    let (session, password) = granted.lock().unwrap().take().unwrap();
    with_server(config, |address| async move {
        let mut connection = Connection::open(address).await;
        assert_eq!(connection.shake_hands(session, password).await.session_id, session);
        assert!(matches!(connection.call(&exists("/n-0000000199")).await, Some(Ok(_))));
        assert_eq!(connection.call(&exists("/n-0000000200")).await, Some(Err(ErrorCode::NoNode)));
    });
}
