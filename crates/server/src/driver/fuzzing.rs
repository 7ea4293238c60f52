//! The first bytes of a connection, without the connection.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use proto::FrameDecoder;

use super::Message;
use super::connection::{read_first, take_frames};
use crate::replica::ConnectionId;

/// What a connection says first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum First {
    /// A four-letter word.
    Word(&'static str),
    /// Frames, and those that follow.
    Frames(Vec<Bytes>),
    /// Nothing before it ends, or no frame.
    Nothing,
}

/// Reads what a connection says, all of whose bytes have come.
///
/// # Panics
/// If the reader waits for more than there is.
#[must_use]
pub fn first(mut stream: &[u8], frame_limit: usize) -> First {
    let mut decoder = FrameDecoder::new(frame_limit);
    let reading = read_first(ConnectionId(1), &mut stream, &mut decoder);
    let Poll::Ready(message) = pin!(reading).poll(&mut Context::from_waker(Waker::noop())) else {
        panic!("there is nothing to wait for: all bytes have come")
    };
    match message {
        Some(Message::Word { word, .. }) => First::Word(word),
        Some(Message::Frames { mut frames, .. }) => {
            decoder.push(stream);
            frames.extend(take_frames(&mut decoder).into_iter().flatten());
            First::Frames(frames)
        }
        _ => First::Nothing,
    }
}
