//! What was written is what is read, for every record.

mod common;

use std::fmt::Debug;

use bytes::BytesMut;
use common::*;
use interregnum_proto::request::write_request;
use interregnum_proto::response::{write_notification, write_reply};
use interregnum_proto::*;
use proptest::prelude::*;

/// Writes the record, reads it back, and expects no byte to be left.
fn assert_returns<T: Encode + Decode + PartialEq + Debug>(record: &T) -> Result<(), TestCaseError> {
    let mut buffer = BytesMut::new();
    record.encode(&mut buffer);
    let bytes = buffer.freeze();
    let mut reader = Reader::new(&bytes);
    prop_assert_eq!(&T::decode(&mut reader).expect("what was written can be read"), record);
    prop_assert_eq!(reader.remaining(), 0);
    Ok(())
}

macro_rules! returning {
    ($($name:ident),+ $(,)?) => {
        proptest! {
            $(#[test]
            fn $name(record in common::$name()) {
                assert_returns(&record)?;
            })+
        }
    };
}

returning![
    id,
    acl,
    stat,
    connect_request,
    connect_response,
    request_header,
    reply_header,
    watcher_event,
    create_request,
    create_ttl_request,
    create_response,
    create2_response,
    delete_request,
    exists_request,
    exists_response,
    get_data_request,
    get_data_response,
    set_data_request,
    set_data_response,
    get_acl_request,
    get_acl_response,
    set_acl_request,
    set_acl_response,
    get_children_request,
    get_children_response,
    get_children2_response,
    sync_request,
    sync_response,
    check_request,
    reconfig_request,
    check_watches_request,
    remove_watches_request,
    auth_request,
    set_watches_request,
    set_watches2_request,
    sasl_request,
    sasl_response,
    get_ephemerals_request,
    get_ephemerals_response,
    get_all_children_number_request,
    get_all_children_number_response,
    add_watch_request,
    who_am_i_response,
    multi_header,
    multi_request,
    multi_response,
    multi_read_request,
    multi_read_response,
];

#[test]
fn add_watch_response() {
    assert_returns(&AddWatchResponse).expect("it returns");
    assert_eq!(AddWatchResponse::from_bytes(&bytes::Bytes::new()), Ok(AddWatchResponse));
}

proptest! {
    #[test]
    fn requests_in_a_stream(
        requests in proptest::collection::vec((any::<i32>(), request()), 0..8),
        piece_length in 1_usize..40,
    ) {
        let mut stream = BytesMut::new();
        for (xid, request) in &requests {
            write_request(&mut stream, *xid, request);
        }
        let mut frames = FrameDecoder::default();
        let mut received = Vec::new();
        for piece in stream.chunks(piece_length) {
            frames.push(piece);
            while let Some(frame) = frames.next_frame().expect("no frame is refused") {
                let mut reader = Reader::new(&frame);
                let header = RequestHeader::decode(&mut reader).expect("a header");
                let request = Request::decode(&header, &mut reader).expect("a request");
                prop_assert_eq!(reader.remaining(), 0);
                received.push((header.xid, request));
            }
        }
        prop_assert_eq!(received, requests);
        prop_assert_eq!(frames.buffered(), 0);
    }

    #[test]
    fn replies(xid in any::<i32>(), zxid in zxid(), (op_code, response) in response()) {
        let mut stream = BytesMut::new();
        write_reply(&mut stream, &ReplyHeader { xid, zxid, error: None }, Some(&response));
        let mut frames = FrameDecoder::default();
        frames.push(&stream);
        let frame = frames.next_frame().expect("not refused").expect("complete");
        let mut reader = Reader::new(&frame);
        let header = ReplyHeader::decode(&mut reader).expect("a header");
        prop_assert_eq!(header, ReplyHeader { xid, zxid, error: None });
        prop_assert_eq!(Response::decode(op_code, &header, &mut reader), Ok(Ok(response)));
        prop_assert_eq!(reader.remaining(), 0);
    }

    #[test]
    fn notifications(zxid in zxid(), event in common::watcher_event()) {
        let mut stream = BytesMut::new();
        write_notification(&mut stream, zxid, &event);
        let frame = stream.freeze().slice(4..);
        let mut reader = Reader::new(&frame);
        let header = ReplyHeader::decode(&mut reader).expect("a header");
        prop_assert_eq!(header, ReplyHeader { xid: xid::NOTIFICATION, zxid, error: None });
        prop_assert_eq!(WatcherEvent::decode(&mut reader), Ok(event));
    }

    #[test]
    fn numbers_of_open_enumerations(code in any::<i32>()) {
        prop_assert_eq!(OpCode::from_i32(code).to_i32(), code);
        prop_assert_eq!(EventType::from_i32(code).to_i32(), code);
        prop_assert_eq!(KeeperState::from_i32(code).to_i32(), code);
        prop_assert_eq!(ErrorCode::from_i32(code).map_or(0, ErrorCode::to_i32), code);
    }

    #[test]
    fn numbers_of_closed_enumerations(code in code()) {
        for number in [
            CreateMode::from_i32(code).map(CreateMode::to_i32),
            WatchMode::from_i32(code).map(WatchMode::to_i32),
            WatcherType::from_i32(code).map(WatcherType::to_i32),
        ] {
            prop_assert!(number.is_none_or(|number| number == code));
        }
    }
}

#[test]
fn known_variants_are_recognised() {
    for op_code in OpCode::ALL {
        assert_eq!(OpCode::from_i32(op_code.to_i32()), *op_code);
    }
    for error in ErrorCode::ALL {
        assert_eq!(ErrorCode::from_i32(error.to_i32()), Some(*error));
    }
}

#[test]
fn a_refused_operation_has_no_body() {
    let header = ReplyHeader { xid: 1, zxid: Zxid(7), error: Some(ErrorCode::NoNode) };
    let mut stream = BytesMut::new();
    write_reply(&mut stream, &header, None);
    let frame = stream.freeze().slice(4..);
    let mut reader = Reader::new(&frame);
    let header = ReplyHeader::decode(&mut reader).expect("a header");
    assert_eq!(Response::decode(OpCode::GetData, &header, &mut reader), Ok(Err(ErrorCode::NoNode)));
}
