//! The two tasks of a connection: one reads frames, one writes what is handed to it. With TLS one task does both, once it
//! has shaken hands.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use host::net::TcpStream;
use proto::FrameDecoder;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::mpsc;

use super::Message;
use super::backlog::Backlog;
use super::tls::Acceptor;
use crate::replica::{ConnectionId, WORDS};

/// How much room there is for a read at least, in bytes.
const READ_MINIMUM: usize = 2 << 10;
/// How much room is made when there is less.
const READ_CHUNK: usize = 16 << 10;

/// Reads frames until the connection ends or says something that is no frame.
pub(super) async fn read(
    id: ConnectionId,
    mut stream: impl AsyncRead + Unpin,
    frame_limit: usize,
    handshake_timeout: Duration,
    backlog: Arc<Backlog>,
    inbox: mpsc::Sender<Message>,
) {
    let mut decoder = FrameDecoder::new(frame_limit);
    let handshake = host::timeout(handshake_timeout, read_first(id, &mut stream, &mut decoder));
    match handshake.await {
        Ok(Some(first)) => {
            let goes_on = matches!(first, Message::Frames { .. });
            if inbox.send(first).await.is_err() || !goes_on {
                return;
            }
        }
        Ok(None) | Err(host::Elapsed) => {
            let _ = inbox.send(Message::Gone { id }).await;
            return;
        }
    }
    while let Some(frames) = read_frames(&mut stream, &mut decoder).await {
        // Nothing more is read, so that TCP holds up the client.
        backlog.released().await;
        if inbox.send(Message::Frames { id, frames }).await.is_err() {
            return;
        }
    }
    let _ = inbox.send(Message::Gone { id }).await;
}

/// The first thing a connection says: a four-letter word, or frames.
pub(super) async fn read_first(
    id: ConnectionId,
    stream: &mut (impl AsyncRead + Unpin),
    decoder: &mut FrameDecoder,
) -> Option<Message> {
    loop {
        if let Some(first) = decoder.peek_word()
            && let Some(word) = WORDS.into_iter().find(|word| word.as_bytes() == first)
        {
            return Some(Message::Word { id, word });
        }
        let frames = take_frames(decoder)?;
        if !frames.is_empty() {
            return Some(Message::Frames { id, frames });
        }
        fill(stream, decoder).await?;
    }
}

/// The next frames, at least one; `None` at the end of the stream, or when it has lost its place.
async fn read_frames(stream: &mut (impl AsyncRead + Unpin), decoder: &mut FrameDecoder) -> Option<Vec<Bytes>> {
    loop {
        let frames = take_frames(decoder)?;
        if !frames.is_empty() {
            return Some(frames);
        }
        fill(stream, decoder).await?;
    }
}

/// The frames that are complete. What comes before a broken length still counts.
pub(super) fn take_frames(decoder: &mut FrameDecoder) -> Option<Vec<Bytes>> {
    let mut frames = Vec::new();
    loop {
        match decoder.next_frame() {
            Ok(Some(frame)) => frames.push(frame),
            Ok(None) => return Some(frames),
            Err(error) if frames.is_empty() => {
                tracing::debug!(%error, "a connection has lost its place");
                return None;
            }
            Err(_) => return Some(frames),
        }
    }
}

pub(super) async fn fill(stream: &mut (impl AsyncRead + Unpin), decoder: &mut FrameDecoder) -> Option<()> {
    let buffer = decoder.buffer_mut();
    if buffer.capacity() - buffer.len() < READ_MINIMUM {
        buffer.reserve(READ_CHUNK);
    }
    match stream.read_buf(buffer).await {
        Ok(0) | Err(_) => None,
        Ok(_) => Some(()),
    }
}

/// Writes what is handed to it until there is nothing more to come; then the stream ends.
pub(super) async fn write(
    id: ConnectionId,
    mut stream: impl AsyncWrite + Unpin,
    mut outgoing: mpsc::UnboundedReceiver<Bytes>,
    backlog: Arc<Backlog>,
    inbox: mpsc::Sender<Message>,
) {
    while let Some(bytes) = outgoing.recv().await {
        // What is encrypted may be held back until it is told to go.
        if stream.write_all(&bytes).await.is_err() || stream.flush().await.is_err() {
            let _ = inbox.send(Message::Gone { id }).await;
            return;
        }
        let count = bytes.len();
        drop(bytes);
        if backlog.take(count) && inbox.send(Message::CaughtUp { id }).await.is_err() {
            return;
        }
    }
    // The other side may be gone already: there is nobody left to tell.
    let _ = stream.shutdown().await;
}

/// Shakes hands, and then reads and writes until there is nothing more to write, or the connection is given up.
pub(super) async fn secure(
    id: ConnectionId,
    acceptor: Arc<Acceptor>,
    stream: TcpStream,
    (frame_limit, handshake_timeout): (usize, Duration),
    (outgoing, backlog): (mpsc::UnboundedReceiver<Bytes>, Arc<Backlog>),
    inbox: mpsc::Sender<Message>,
) {
    // Shaking hands takes no longer than saying the first word may.
    let (stream, subject) = match host::timeout(handshake_timeout, acceptor.accept(stream)).await {
        Ok(Ok(accepted)) => accepted,
        failed => {
            let why = match failed {
                Ok(Err(error)) => error.to_string(),
                _ => "it took too long".to_owned(),
            };
            tracing::debug!(why, "a client did not shake hands");
            let _ = inbox.send(Message::Gone { id }).await;
            return;
        }
    };
    if inbox.send(Message::Secured { id, subject }).await.is_err() {
        return;
    }
    let (read_half, write_half) = tokio::io::split(stream);
    let reading = read(id, read_half, frame_limit, handshake_timeout, backlog.clone(), inbox.clone());
    let writing = write(id, write_half, outgoing, backlog, inbox);
    tokio::select! {
        biased;
        () = writing => {}
        // Who reads no more may still be answered.
        () = async { reading.await; std::future::pending::<()>().await } => {}
    }
}
