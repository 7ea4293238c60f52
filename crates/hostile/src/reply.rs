//! What servers answer: our client reads it, and the server may be anybody.

use bytes::{Bytes, BytesMut};
use proto::{ConnectResponse, Decode, Encode, OpCode, Reader, ReplyHeader, Response, WatcherEvent, xid};

use crate::choices::Choices;
use crate::memory::within_means;

/// Checks a frame that answers an operation, which the first byte chooses, or a handshake.
///
/// # Panics
/// If something does not hold.
pub fn check_reply(input: &[u8]) {
    let mut choices = Choices::new(input);
    let place = usize::from(choices.byte()) % (OpCode::ALL.len() + 1);
    let frame = Bytes::copy_from_slice(choices.rest());
    match OpCode::ALL.get(place) {
        None => drop(same_again::<ConnectResponse>(&frame)),
        Some(op_code) => check_answer(*op_code, &frame),
    }
}

fn check_answer(op_code: OpCode, frame: &Bytes) {
    let mut reader = Reader::new(frame);
    let Ok(header) = ReplyHeader::decode(&mut reader) else { return };
    if header.xid == xid::NOTIFICATION {
        drop(same_again::<WatcherEvent>(&reader.rest()));
        return;
    }
    let answer = within_means(frame.len(), || Response::decode(op_code, &header, &mut reader));
    let Ok(Ok(answer)) = answer else { return };
    let mut written = BytesMut::new();
    answer.encode(&mut written);
    let again = Response::decode(op_code, &header, &mut Reader::new(&written.freeze()));
    assert_eq!(again, Ok(Ok(answer)), "what is read is written, and read as the same");
}

fn same_again<T: Decode + Encode + PartialEq + std::fmt::Debug>(bytes: &Bytes) -> Option<T> {
    let record = within_means(bytes.len(), || T::from_bytes(bytes)).ok()?;
    let mut written = BytesMut::new();
    record.encode(&mut written);
    assert_eq!(T::from_bytes(&written.freeze()).as_ref(), Ok(&record), "what is read is written, and read as the same");
    Some(record)
}
