//! A connection with a session, for questions one at a time and for the load's pipeline. It does not ping, retry or
//! reconnect.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use host::net::TcpStream;
use proto::frame::write_record;
use proto::request::write_request;
use proto::{
    ConnectRequest, ConnectResponse, Decode, ErrorCode, FrameDecoder, Password, Reader, ReplyHeader, Request,
    SessionId, Zxid,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// The session timeout that is asked for: longer than any server is busy with another client's load.
const TIMEOUT: Duration = Duration::from_secs(30);
/// How much room there is for a read at least, in bytes.
const READ: usize = 64 << 10;

/// An open session.
pub(super) struct Session {
    stream: TcpStream,
    decoder: FrameDecoder,
    /// The number of the last request.
    last: i32,
}

impl Session {
    /// Connects and opens a session.
    pub(super) async fn open(address: SocketAddr) -> Result<Session, String> {
        let stream = TcpStream::connect(address).await.map_err(|error| error.to_string())?;
        let mut session = Session { stream, decoder: FrameDecoder::default(), last: 0 };
        let request = ConnectRequest {
            protocol_version: 0,
            last_zxid_seen: Zxid(0),
            timeout_milliseconds: i32::try_from(TIMEOUT.as_millis()).unwrap_or(i32::MAX),
            session_id: SessionId::NONE,
            password: Password::NONE,
            read_only: Some(false),
        };
        let mut bytes = BytesMut::new();
        write_record(&mut bytes, &request);
        session.write(&bytes).await?;
        let answer = ConnectResponse::from_bytes(&session.next_frame().await?).map_err(|error| error.to_string())?;
        if answer.is_refused() { Err("the session was refused".to_owned()) } else { Ok(session) }
    }

    /// Asks, and waits for the answer.
    pub(super) async fn ask(&mut self, request: &Request) -> Result<Result<(), ErrorCode>, String> {
        self.last += 1;
        let mut bytes = BytesMut::new();
        write_request(&mut bytes, self.last, request);
        self.write(&bytes).await?;
        let frame = self.next_frame().await?;
        let header = ReplyHeader::decode(&mut Reader::new(&frame)).map_err(|error| error.to_string())?;
        Ok(header.error.map_or(Ok(()), Err))
    }

    /// Ends the session; the server closes the connection.
    pub(super) async fn close(mut self) -> Result<(), String> {
        let answer = self.ask(&Request::CloseSession).await;
        let answer = answer.map_err(|why| format!("{why}, and the end of a session was not answered"))?;
        answer.map_err(|error| format!("a session could not be closed: {error:?}"))
    }

    /// Writes whole frames.
    pub(super) async fn write(&mut self, bytes: &[u8]) -> Result<(), String> {
        self.stream.write_all(bytes).await.map_err(|error| error.to_string())
    }

    /// Waits for the next frame.
    pub(super) async fn next_frame(&mut self) -> Result<Bytes, String> {
        loop {
            if let Some(frame) = self.ready_frame()? {
                return Ok(frame);
            }
            self.read().await?;
        }
    }

    /// The next frame, if it has come already.
    pub(super) fn ready_frame(&mut self) -> Result<Option<Bytes>, String> {
        self.decoder.next_frame().map_err(|error| error.to_string())
    }

    /// Waits for more bytes.
    pub(super) async fn read(&mut self) -> Result<(), String> {
        let buffer = self.decoder.buffer_mut();
        buffer.reserve(READ);
        match self.stream.read_buf(buffer).await {
            Ok(0) => Err("the server closed the connection".to_owned()),
            Ok(_) => Ok(()),
            Err(error) => Err(error.to_string()),
        }
    }
}

/// What a server answers to a four-letter word.
pub(super) async fn ask_word(address: SocketAddr, word: &str) -> Result<String, String> {
    let mut stream = TcpStream::connect(address).await.map_err(|error| error.to_string())?;
    stream.write_all(word.as_bytes()).await.map_err(|error| error.to_string())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.map_err(|error| error.to_string())?;
    Ok(answer)
}
