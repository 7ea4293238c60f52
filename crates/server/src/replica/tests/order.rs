//! The order of replies, and what waits for a commit.

use super::harness::Got;
use super::*;

fn xids(got: &[Got]) -> Vec<i32> {
    let xid = |got: &Got| match got {
        Got::Reply { xid, .. } => *xid,
        Got::Event(..) => panic!("no event is expected"),
    };
    got.iter().map(xid).collect()
}

#[test]
fn a_read_waits_for_the_writes_of_its_own_session_and_sees_them() {
    let mut harness = Harness::durable();
    let (client, other) = (harness.connect(), harness.connect());
    let first = harness.send(client, &create("/a", CreateMode::Persistent));
    let second = harness.send(client, &get_data("/a", false));
    let third = harness.send(client, &set_data("/a", -1));
    harness.send_as(client, xid::PING, &Request::Ping);
    assert_eq!(harness.got(client), []);
    // Others do not wait, and do not see it.
    harness.send(other, &exists("/a", false));
    assert!(matches!(&harness.got(other)[..], [Got::Reply { answer: Err(ErrorCode::NoNode), .. }]));

    let up_to = harness.persisted[harness.persisted.len() - 2].zxid;
    harness.step(crate::Input::Committed { up_to });
    let got = harness.got(client);
    assert_eq!(xids(&got), [first, second]);
    assert!(matches!(&got[1], Got::Reply { answer: Ok(_), zxid, .. } if *zxid == up_to));
    harness.commit();
    assert_eq!(xids(&harness.got(client)), [third, xid::PING]);
}

#[test]
fn a_read_that_waits_while_its_session_closes_is_answered_nevertheless() {
    let mut harness = Harness::durable();
    let client = harness.connect();
    harness.send(client, &create("/a", CreateMode::Ephemeral));
    harness.send(client, &exists("/a", false));
    harness.send(client, &Request::CloseSession);
    harness.commit();
    let answers = harness.got(client).into_iter().map(|got| match got {
        Got::Reply { answer, .. } => answer.map(|_| ()),
        Got::Event(..) => panic!("no event is expected"),
    });
    assert_eq!(answers.collect::<Vec<_>>(), [Ok(()), Ok(()), Ok(())]);
}

#[test]
fn decisions_are_taken_upon_what_is_prepared_not_upon_what_is_applied() {
    let mut harness = Harness::durable();
    let client = harness.connect();
    harness.send(client, &create("/a", CreateMode::Persistent));
    harness.send(client, &create("/a/b", CreateMode::Persistent));
    harness.send(client, &delete("/a"));
    harness.send(client, &delete("/a/b"));
    harness.send(client, &delete("/a"));
    harness.send(client, &create("/a", CreateMode::Persistent));
    harness.send(client, &create("/a", CreateMode::Persistent));
    harness.commit();
    let is_ok = |got: &Got| match got {
        Got::Reply { answer, .. } => answer.as_ref().err().copied(),
        Got::Event(..) => panic!("no event is expected"),
    };
    let outcomes: Vec<_> = harness.got(client).iter().map(is_ok).collect();
    let refused = |error| Some(error);
    assert_eq!(outcomes, [None, None, refused(ErrorCode::NotEmpty), None, None, None, refused(ErrorCode::NodeExists)]);
}

#[test]
fn nothing_is_answered_before_it_is_safe() {
    let mut harness = Harness::durable();
    let id = harness.open();
    harness.frame(id, &super::harness::hello());
    assert_eq!(harness.persisted.len(), 1);
    assert_eq!(harness.replica.database().last_zxid, Zxid::ZERO);
    assert_eq!(harness.replica.outstanding(), 1);
    harness.commit();
    assert_eq!(harness.replica.database().last_zxid, Zxid(1));
}

#[test]
fn what_is_sent_while_the_session_opens_is_heard_once_it_is_open() {
    let mut harness = Harness::durable();
    let id = harness.open();
    harness.frame(id, &super::harness::hello());
    let client = Client { id, session: SessionId::NONE, password: Password::NONE };
    let xid = harness.send(client, &exists("/", false));
    harness.commit();
    harness.got_after_handshake(client, xid);
}

#[test]
fn sync_is_answered_in_its_turn_with_its_path() {
    let mut harness = Harness::durable();
    let client = harness.connect();
    harness.send(client, &create("/a", CreateMode::Persistent));
    let answer = harness.call(client, Request::Sync(SyncRequest { path: "/a".into() }));
    assert_eq!(answer, Ok(Response::Sync(SyncResponse { path: "/a".into() })));
}

#[test]
fn an_unknown_operation_is_answered_and_closes_the_connection() {
    let mut harness = Harness::new();
    let client = harness.connect();
    for op_code in [999, -10, -1, 0] {
        let client = if op_code == 999 { client } else { harness.connect() };
        let mut body = bytes::BytesMut::new();
        RequestHeader { xid: 7, op_code: OpCode::from_i32(op_code) }.encode(&mut body);
        harness.expect(7, OpCode::Ping);
        harness.step(crate::Input::Frame { connection: client.id, frame: body.freeze() });
        let got = harness.got(client);
        assert!(
            matches!(&got[..], [Got::Reply { xid: 7, zxid: Zxid::NONE, answer: Err(ErrorCode::Unimplemented) }]),
            "{got:?}"
        );
        assert!(harness.is_closed(client.id));
    }
}

#[test]
fn a_malformed_write_is_answered_takes_a_zxid_and_the_session_lives_on() {
    let mut harness = Harness::new();
    let client = harness.connect();
    let before = harness.replica.database().last_zxid;
    let mut body = bytes::BytesMut::new();
    RequestHeader { xid: 7, op_code: OpCode::Create }.encode(&mut body);
    harness.expect(7, OpCode::Create);
    harness.step(crate::Input::Frame { connection: client.id, frame: body.freeze() });
    assert!(matches!(&harness.got(client)[..], [Got::Reply { answer: Err(ErrorCode::MarshallingError), .. }]));
    assert_eq!(Some(harness.replica.database().last_zxid), before.next());
    assert!(harness.call(client, exists("/", false)).is_ok());
}

#[test]
fn a_request_without_a_header_closes_the_connection() {
    let mut harness = Harness::new();
    let client = harness.connect();
    harness.step(crate::Input::Frame { connection: client.id, frame: Bytes::from_static(b"short") });
    assert!(harness.is_closed(client.id));
}
