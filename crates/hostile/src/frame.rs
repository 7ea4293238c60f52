//! What clients send: a stream cut into frames, and requests in them.

use bytes::{Bytes, BytesMut};
use proto::{Decode, Encode, FrameDecoder, FrameError, Reader, Request, RequestHeader, path, request::write_request};

use crate::choices::Choices;
use crate::memory::within_means;

/// Checks a stream of frames with requests.
///
/// The first byte says in pieces of which size the stream comes, less one.
///
/// # Panics
/// If something does not hold.
pub fn check_frame(input: &[u8]) {
    let mut choices = Choices::new(input);
    let pace = usize::from(choices.byte()) + 1;
    let stream = choices.rest();
    let cut = within_means(stream.len(), || cut(stream, pace));
    assert_eq!(cut, self::cut(stream, stream.len().max(1)), "frames do not depend on how the bytes arrive");
    for frame in &cut.frames {
        check_request(frame);
    }
}

#[derive(Debug, PartialEq)]
struct Cut {
    frames: Vec<Bytes>,
    lost: Option<FrameError>,
}

fn cut(stream: &[u8], pace: usize) -> Cut {
    let mut decoder = FrameDecoder::default();
    let (mut frames, mut taken) = (Vec::new(), 0);
    for piece in stream.chunks(pace) {
        decoder.push(piece);
        loop {
            match decoder.next_frame() {
                Ok(Some(frame)) => {
                    taken += size_of::<i32>() + frame.len();
                    frames.push(frame);
                }
                Ok(None) => break,
                Err(error) => return Cut { frames, lost: Some(error) },
            }
        }
    }
    assert_eq!(taken + decoder.buffered(), stream.len(), "every byte is in a frame, or waits for the rest of one");
    Cut { frames, lost: None }
}

fn check_request(frame: &Bytes) {
    let mut reader = Reader::new(frame);
    let Ok(header) = RequestHeader::decode(&mut reader) else { return };
    let Ok(request) = within_means(frame.len(), || Request::decode(&header, &mut reader)) else { return };
    assert_eq!(request.op_code(), header.op_code);
    if let Some(path) = request.path() {
        check_path(path);
    }

    let mut written = BytesMut::new();
    write_request(&mut written, header.xid, &request);
    let mut decoder = FrameDecoder::new(usize::MAX);
    decoder.push(&written);
    let frame = decoder.next_frame().expect("it is no larger than a frame may be").expect("it is whole");
    let mut reader = Reader::new(&frame);
    assert_eq!(RequestHeader::decode(&mut reader), Ok(header));
    let again = Request::decode(&header, &mut reader);
    assert_eq!(again.as_ref(), Ok(&request), "what is read is written, and read as the same");
    assert_eq!(reader.remaining(), 0, "nothing is written that is not read");
    let mut rewritten = BytesMut::new();
    again.expect("it is the same").encode(&mut rewritten);
    assert_eq!(rewritten, frame[size_of::<i32>() * 2..], "the same is written the same way");
}

fn check_path(path: &str) {
    let is_legal = path::validate(path).is_ok();
    assert!(!is_legal || path::validate_sequential(path).is_ok(), "a number at the end makes no path illegal");
    if let Some(parent) = path::parent(path)
        && is_legal
    {
        assert_eq!(path::validate(parent), Ok(()), "the parent of a znode is one");
        assert_eq!(path::join(parent, path::name(path)), path);
    }
}
