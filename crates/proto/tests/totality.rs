//! Any bytes give a value or an error: never a panic, never memory that the bytes do not pay for.

mod common;

use bytes::{BufMut, Bytes, BytesMut};
use interregnum_proto::*;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// Bytes that get far into a record: small numbers, nulls and absurd lengths among the noise.
fn hostile_bytes() -> impl Strategy<Value = Bytes> {
    let word = prop_oneof![
        4 => (0_i32..24).prop_map(|word| word.to_be_bytes().to_vec()),
        1 => Just((-1_i32).to_be_bytes().to_vec()),
        1 => Just(i32::MIN.to_be_bytes().to_vec()),
        1 => Just(i32::MAX.to_be_bytes().to_vec()),
        2 => vec(any::<u8>(), 0..6),
    ];
    vec(word, 0..40).prop_map(|words| Bytes::from(words.concat()))
}

/// One byte changed, and the end cut off.
#[derive(Clone, Debug)]
struct Damage {
    place: Index,
    value: u8,
    end: Index,
}

impl Damage {
    fn any() -> impl Strategy<Value = Self> {
        any::<(Index, u8, Index)>().prop_map(|(place, value, end)| Self { place, value, end })
    }

    fn inflict(&self, record: &impl Encode) -> Bytes {
        let mut bytes = BytesMut::new();
        record.encode(&mut bytes);
        if !bytes.is_empty() {
            let place = self.place.index(bytes.len());
            bytes[place] = self.value;
            bytes.truncate(self.end.index(bytes.len() + 1));
        }
        bytes.freeze()
    }
}

fn decode_everything(bytes: &Bytes) {
    let _ = ConnectRequest::from_bytes(bytes);
    let _ = ConnectResponse::from_bytes(bytes);
    let _ = RequestHeader::from_bytes(bytes);
    let _ = ReplyHeader::from_bytes(bytes);
    let _ = WatcherEvent::from_bytes(bytes);
    for &op_code in OpCode::ALL {
        let _ = Request::decode(&RequestHeader { xid: 1, op_code }, &mut Reader::new(bytes));
        let header = ReplyHeader { xid: 1, zxid: Zxid::ZERO, error: None };
        let _ = Response::decode(op_code, &header, &mut Reader::new(bytes));
    }
}

proptest! {
    #[test]
    fn records_from_hostile_bytes(bytes in hostile_bytes()) {
        decode_everything(&bytes);
    }

    #[test]
    fn records_from_noise(bytes in vec(any::<u8>(), 0..200)) {
        decode_everything(&bytes.into());
    }

    #[test]
    fn damaged_requests(request in common::request(), damage in Damage::any()) {
        decode_everything(&damage.inflict(&request));
    }

    #[test]
    fn damaged_responses((_, response) in common::response(), damage in Damage::any()) {
        decode_everything(&damage.inflict(&response));
    }

    #[test]
    fn multis_from_hostile_bytes(
        parts in vec((select(OpCode::ALL), hostile_bytes()), 0..4),
    ) {
        let mut buffer = BytesMut::new();
        for (op_code, body) in parts {
            MultiHeader::operation(op_code).encode(&mut buffer);
            buffer.put_slice(&body);
        }
        decode_everything(&buffer.freeze());
    }

    #[test]
    fn frames_from_noise(pieces in vec(hostile_bytes(), 0..10), limit in 0_usize..100) {
        let mut frames = FrameDecoder::new(limit);
        for piece in pieces {
            frames.push(&piece);
            while let Ok(Some(frame)) = frames.next_frame() {
                prop_assert!(frame.len() <= limit);
            }
        }
    }

    #[test]
    fn paths_from_any_text(path in any::<String>()) {
        let _ = path::validate(&path);
        let _ = path::validate_sequential(&path);
        let _ = path::parent(&path);
        let _ = path::name(&path);
    }
}

#[test]
fn a_claimed_length_costs_nothing() {
    let mut buffer = BytesMut::new();
    buffer.put_i32(i32::MAX);
    let bytes = buffer.freeze();
    let truncated = |what, needed| DecodeError::Truncated { what, offset: 4, needed, remaining: 0 };
    let claimed = i32::MAX as usize;
    assert_eq!(String::from_bytes(&bytes), Err(truncated("string", claimed)));
    assert_eq!(Option::<Bytes>::from_bytes(&bytes), Err(truncated("buffer", claimed)));
    assert_eq!(Vec::<String>::from_bytes(&bytes), Err(truncated("string", 4)));
}

#[test]
fn null_and_negative_lengths() {
    let bytes = |length: i32| Bytes::copy_from_slice(&length.to_be_bytes());
    assert_eq!(Option::<Bytes>::from_bytes(&bytes(-1)), Ok(None));
    assert_eq!(Option::<Bytes>::from_bytes(&bytes(0)), Ok(Some(Bytes::new())));
    assert_eq!(Option::<String>::from_bytes(&bytes(-1)), Ok(None));
    assert_eq!(Vec::<String>::from_bytes(&bytes(-1)), Ok(vec![]));
    assert_eq!(String::from_bytes(&bytes(-1)), Err(DecodeError::Null { what: "string", offset: 0 }));
    let negative = |what| DecodeError::NegativeLength { what, offset: 0, length: -2 };
    assert_eq!(String::from_bytes(&bytes(-2)), Err(negative("string")));
    assert_eq!(Option::<Bytes>::from_bytes(&bytes(-2)), Err(negative("buffer")));
    assert_eq!(Vec::<String>::from_bytes(&bytes(-2)), Err(negative("vector")));
}

#[test]
fn bytes_that_are_not_text_become_a_character_no_path_may_have() {
    let text = String::from_bytes(&Bytes::from_static(b"\0\0\0\x03/a\xff")).expect("it reads");
    assert_eq!(text, "/a\u{fffd}");
    assert!(path::validate(&text).is_err());
}

#[test]
fn a_password_of_another_size_is_none() {
    let read = |bytes: &'static [u8]| Password::from_bytes(&Bytes::from_static(bytes));
    assert_eq!(read(b"\xff\xff\xff\xff"), Ok(Password::NONE));
    assert_eq!(read(b"\0\0\0\0"), Ok(Password::NONE));
    assert_eq!(read(b"\0\0\0\x02ab"), Ok(Password::NONE));
    assert!(read(b"\0\0\0\x02a").is_err());
}

#[test]
fn operations_that_no_client_can_ask_for() {
    for code in [0, 10, 20, 999, -1, -10, i32::MIN] {
        let op_code = OpCode::from_i32(code);
        let refused = Request::decode(&RequestHeader { xid: 1, op_code }, &mut Reader::new(&Bytes::new()));
        assert_eq!(refused, Err(RequestError::Unsupported(op_code)));
        assert_eq!(op_code.to_i32(), code);
    }
}

#[test]
fn reads_have_no_place_in_a_multi() {
    let mut buffer = BytesMut::new();
    MultiHeader::operation(OpCode::GetData).encode(&mut buffer);
    let refused = MultiRequest::from_bytes(&buffer.freeze());
    assert_eq!(refused, Err(DecodeError::MisplacedOperation { what: "multi", offset: 9, code: 4 }));
}
