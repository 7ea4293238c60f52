//! Frames whose bytes are known from the protocol, not from this crate.

use bytes::{Bytes, BytesMut};
use interregnum_proto::frame::{write_frame, write_record};
use interregnum_proto::request::write_request;
use interregnum_proto::response::{write_notification, write_reply};
use interregnum_proto::*;

fn written(write: impl FnOnce(&mut BytesMut)) -> Vec<u8> {
    let mut buffer = BytesMut::new();
    write(&mut buffer);
    buffer.to_vec()
}

fn connect_request(read_only: Option<bool>) -> ConnectRequest {
    ConnectRequest {
        protocol_version: 0,
        last_zxid_seen: Zxid(0x0102),
        timeout_milliseconds: 6000,
        session_id: SessionId(0x0100_0000_0000_0001),
        password: Password([0xab; 16]),
        read_only,
    }
}

#[test]
fn connect_request_with_and_without_read_only() {
    let mut body = Vec::new();
    body.extend([0, 0, 0, 0]); // protocol version
    body.extend([0, 0, 0, 0, 0, 0, 1, 2]); // last zxid seen
    body.extend([0, 0, 0x17, 0x70]); // timeout
    body.extend([1, 0, 0, 0, 0, 0, 0, 1]); // session
    body.extend([0, 0, 0, 16]);
    body.extend([0xab; 16]); // password
    let short = written(|buffer| connect_request(None).encode(buffer));
    assert_eq!(short, body);
    assert_eq!(short.len(), 44);
    body.push(1);
    let long = written(|buffer| connect_request(Some(true)).encode(buffer));
    assert_eq!(long, body);
    assert_eq!(long.len(), 45);
    assert_eq!(ConnectRequest::from_bytes(&Bytes::from(short)), Ok(connect_request(None)));
    assert_eq!(ConnectRequest::from_bytes(&Bytes::from(long)), Ok(connect_request(Some(true))));
}

#[test]
fn connect_response_as_a_frame() {
    let refused = ConnectResponse::refused(Some(false));
    assert!(refused.is_refused());
    let mut frame = vec![0, 0, 0, 37];
    frame.extend([0; 16]); // protocol version, timeout, session
    frame.extend([0, 0, 0, 16]);
    frame.extend([0; 17]); // password, read-only
    assert_eq!(written(|buffer| write_record(buffer, &refused)), frame);
    assert_eq!(frame.len(), 41);
    assert_eq!(written(|buffer| write_record(buffer, &ConnectResponse::refused(None))).len(), 40);
}

#[test]
fn ping_and_its_reply() {
    let ping = written(|buffer| write_request(buffer, xid::PING, &Request::Ping));
    assert_eq!(ping, [0, 0, 0, 8, 0xff, 0xff, 0xff, 0xfe, 0, 0, 0, 11]);
    let header = ReplyHeader { xid: xid::PING, zxid: Zxid::new(1, 2), error: None };
    let reply = written(|buffer| write_reply(buffer, &header, Some(&Response::Empty)));
    assert_eq!(reply, [0, 0, 0, 16, 0xff, 0xff, 0xff, 0xfe, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 0]);
}

#[test]
fn a_refusal() {
    let header = ReplyHeader { xid: 3, zxid: Zxid(5), error: Some(ErrorCode::NoNode) };
    let reply = written(|buffer| write_reply(buffer, &header, None));
    assert_eq!(reply, [0, 0, 0, 16, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 5, 0xff, 0xff, 0xff, 0x9b]);
}

#[test]
fn create_with_null_and_with_empty_data() {
    let create = |data| {
        let acls = vec![Acl::open()];
        let request = CreateRequest { path: "/a".into(), data, acls, flags: 3 };
        written(|buffer| request.encode(buffer))
    };
    let expected = |data_length: [u8; 4]| {
        let mut body = b"\0\0\0\x02/a".to_vec();
        body.extend(data_length);
        body.extend(b"\0\0\0\x01\0\0\0\x1f\0\0\0\x05world\0\0\0\x06anyone\0\0\0\x03");
        body
    };
    assert_eq!(create(None), expected([0xff; 4]));
    assert_eq!(create(Some(Bytes::new())), expected([0; 4]));
}

#[test]
fn an_empty_multi_is_its_end_alone() {
    let end = [0xff, 0xff, 0xff, 0xff, 1, 0xff, 0xff, 0xff, 0xff];
    assert_eq!(written(|buffer| MultiRequest { operations: vec![] }.encode(buffer)), end);
    assert_eq!(written(|buffer| MultiResponse { results: vec![] }.encode(buffer)), end);
}

#[test]
fn a_multi_of_one_check() {
    let check = MultiOperation::Check(CheckRequest { path: "/a".into(), version: -1 });
    let body = written(|buffer| MultiRequest { operations: vec![check] }.encode(buffer));
    let mut expected = vec![0, 0, 0, 13, 0, 0xff, 0xff, 0xff, 0xff];
    expected.extend(b"\0\0\0\x02/a\xff\xff\xff\xff");
    expected.extend([0xff, 0xff, 0xff, 0xff, 1, 0xff, 0xff, 0xff, 0xff]);
    assert_eq!(body, expected);
}

#[test]
fn the_results_of_a_failed_multi() {
    let results = vec![
        MultiResult::Error(None),
        MultiResult::Error(Some(ErrorCode::BadVersion)),
        MultiResult::Error(Some(ErrorCode::RuntimeInconsistency)),
    ];
    let response = MultiResponse { results };
    assert_eq!(response.failure(), Some((1, ErrorCode::BadVersion)));
    let mut expected = Vec::new();
    for error in [[0, 0, 0, 0], [0xff, 0xff, 0xff, 0x99], [0xff, 0xff, 0xff, 0xfe]] {
        expected.extend([0xff, 0xff, 0xff, 0xff, 0]);
        expected.extend(error);
        expected.extend(error);
    }
    expected.extend([0xff, 0xff, 0xff, 0xff, 1, 0xff, 0xff, 0xff, 0xff]);
    assert_eq!(written(|buffer| response.encode(buffer)), expected);
}

#[test]
fn a_watch_event() {
    let event =
        WatcherEvent { event_type: EventType::NodeDeleted, state: KeeperState::SyncConnected, path: "/a".into() };
    let mut expected = vec![0, 0, 0, 30];
    expected.extend([0xff; 12]); // xid, zxid
    expected.extend(b"\0\0\0\0\0\0\0\x02\0\0\0\x03\0\0\0\x02/a");
    assert_eq!(written(|buffer| write_notification(buffer, Zxid::NONE, &event)), expected);
}

#[test]
fn add_watch_is_answered_with_a_zero() {
    let header = ReplyHeader { xid: 1, zxid: Zxid(1), error: None };
    let response = Response::AddWatch(AddWatchResponse);
    assert_eq!(written(|buffer| write_reply(buffer, &header, Some(&response))).len(), 4 + 16 + 4);
}

#[test]
fn numbers_are_shown_in_hexadecimal() {
    assert_eq!(SessionId(0x100_0000_0001).to_string(), "0x0000010000000001");
    assert_eq!(SessionId(-1).to_string(), "0xffffffffffffffff");
    assert_eq!(Zxid::new(1, 2).to_string(), "0x100000002");
    assert_eq!((Zxid::new(3, 4).epoch(), Zxid::new(3, 4).counter()), (3, 4));
    assert_eq!(Zxid::new(3, u32::MAX).next(), None);
    assert_eq!(Zxid::new(3, 4).next(), Some(Zxid::new(3, 5)));
}

#[test]
fn names_are_those_of_zookeeper() {
    assert_eq!(OpCode::GetAcl.to_string(), "getACL");
    assert_eq!(ErrorCode::NoNode.to_string(), "NoNode");
    assert_eq!(ErrorCode::from_i32(-999).map(|error| error.to_string()), Some("unknown(-999)".into()));
}

#[test]
fn frames_of_refused_lengths() {
    let frame = |length: i32| {
        let mut frames = FrameDecoder::default();
        frames.push(&length.to_be_bytes());
        (frames.next_frame(), frames.next_frame())
    };
    let negative = Err(FrameError::Negative { length: -1 });
    assert_eq!(frame(-1), (negative.clone(), negative));
    let oversized = Err(FrameError::Oversized { length: 0x10_0000, limit: 0xf_ffff });
    assert_eq!(frame(0x10_0000), (oversized.clone(), oversized));
    assert_eq!(frame(0xf_ffff), (Ok(None), Ok(None)));
    assert_eq!(frame(0), (Ok(Some(Bytes::new())), Ok(None)));
}

#[test]
fn frames_follow_what_the_buffer_holds() {
    let mut buffer = BytesMut::from(&b"before"[..]);
    write_frame(&mut buffer, |buffer| buffer.extend_from_slice(b"body"));
    assert_eq!(&buffer[..], b"before\0\0\0\x04body");
}

#[test]
fn a_word_in_four_letters_is_left_where_it_is() {
    let mut frames = FrameDecoder::default();
    frames.push(b"ruo");
    assert_eq!(frames.peek_word(), None);
    frames.push(b"k");
    assert_eq!(frames.peek_word(), Some(*b"ruok"));
    assert_eq!(frames.buffered(), 4);
}
