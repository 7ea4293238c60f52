//! Requests and their answers.

use super::*;
use crate::Outcome;

#[test]
fn calls_made_before_the_connection_go_out_in_their_order_once_it_stands() {
    let mut bench = Bench::new(&["a:1"]);
    for id in 1..=3 {
        assert_eq!(bench.step(0, ask(id, set_data("/a"))).iter().filter(|e| matches!(e, Effect::Send(_))).count(), 0);
    }
    bench.step(0, Input::Opened);
    let effects = bench.step(0, Input::Received(grant(SESSION)));
    assert_eq!(sent(&effects), [(1, OpCode::SetData), (2, OpCode::SetData), (3, OpCode::SetData)]);
}

#[test]
fn answers_are_matched_in_order_also_when_they_come_in_pieces() {
    let mut bench = Bench::connected();
    bench.step(0, ask(1, get_data("/a", false)));
    bench.step(0, ask(2, get_data("/b", false)));
    let mut bytes = Vec::new();
    for (xid, zxid) in [(1, 5), (2, 6)] {
        let Input::Received(piece) = reply(xid, zxid, got_data(zxid)) else { unreachable!("a reply is bytes") };
        bytes.extend_from_slice(&piece);
    }
    let mut ended = Vec::new();
    for byte in bytes {
        ended.extend(completed(&bench.step(10, Input::Received(Bytes::copy_from_slice(&[byte])))));
    }
    assert_eq!(ended, [(1, Ok(())), (2, Ok(()))]);
}

#[test]
fn an_answer_out_of_order_costs_the_connection() {
    let mut bench = Bench::connected();
    bench.step(0, ask(1, set_data("/a")));
    bench.step(0, ask(2, set_data("/b")));
    let effects = bench.step(10, reply(2, 5, Response::Empty));
    assert_eq!(states(&effects), [SessionState::Disconnected]);
    let lost = Err(Error::ConnectionLoss { sent: true });
    assert_eq!(completed(&effects), [(1, lost.clone()), (2, lost)]);
}

#[test]
fn nonsense_costs_the_connection_and_leaves_the_outcome_open() {
    let mut bench = Bench::connected();
    bench.step(0, ask(1, set_data("/a")));
    // No body where one belongs.
    let effects = bench.step(10, reply(1, 5, Response::Empty));
    let [(1, Err(error))] = &completed(&effects)[..] else { panic!("the call ends: {effects:?}") };
    assert!(matches!(error, Error::Malformed(_)));
    assert_eq!(error.outcome(), Outcome::Unknown);
    assert_eq!(states(&effects), [SessionState::Disconnected]);

    let mut bench = Bench::connected();
    let effects = bench.step(10, Input::Received(Bytes::from_static(&[0xff; 4])));
    assert_eq!(states(&effects), [SessionState::Disconnected]);
}

#[test]
fn a_lost_connection_ends_what_was_sent_as_unknown_and_sends_nothing_twice() {
    let mut bench = Bench::connected();
    bench.step(0, ask(1, set_data("/a")));
    bench.step(0, ask(2, get_data("/a", false)));
    let effects = bench.step(10, Input::Ended);
    let lost = Error::ConnectionLoss { sent: true };
    assert_eq!(lost.outcome(), Outcome::Unknown);
    assert_eq!(completed(&effects), [(1, Err(lost.clone())), (2, Err(lost))]);
    let unanswered = ClientEvent::Unanswered { session: SESSION.0, operation: "setData /a".to_owned() };
    assert_eq!(told(&effects), [ClientEvent::Disconnected { session: SESSION.0 }, unanswered], "reads leave no doubt");
    let (_, effects) = bench.reconnected();
    assert_eq!(sent(&effects), []);
}

#[test]
fn a_call_made_while_disconnected_waits_for_the_next_connection() {
    let mut bench = Bench::connected();
    bench.step(10, Input::Ended);
    assert_eq!(completed(&bench.step(20, ask(1, set_data("/a")))), []);
    let (when, effects) = bench.reconnected();
    assert_eq!(sent(&effects), [(1, OpCode::SetData)]);
    let set = Response::SetData(proto::SetDataResponse { stat: proto::Stat::default() });
    assert_eq!(completed(&bench.session.step(when, reply(1, 9, set))), [(1, Ok(()))]);
}

#[test]
fn a_read_tells_what_it_showed_after_the_reply_that_showed_it() {
    let mut bench = Bench::connected();
    bench.step(0, ask(1, get_data("/a", false)));
    let session = SESSION.0;
    let path = || "/a".to_owned();
    let seen = ClientEvent::SawData { session, path: path(), zxid: 3 };
    assert_eq!(told(&bench.step(1, reply(1, 9, got_data(3)))), [ClientEvent::Replied { session, zxid: 9 }, seen]);
    bench.step(2, ask(2, get_data("/a", false)));
    let missing = ClientEvent::SawData { session, path: path(), zxid: 0 };
    let effects = bench.step(3, refusal(2, 10, ErrorCode::NoNode));
    assert_eq!(told(&effects), [ClientEvent::Replied { session, zxid: 10 }, missing]);
    let children = Request::GetChildren2(proto::GetChildrenRequest { path: path(), watch: false });
    bench.step(4, ask(3, children));
    let stat = proto::Stat { pzxid: Zxid(8), ..proto::Stat::default() };
    let response = Response::GetChildren2(proto::GetChildren2Response { children: Vec::new(), stat });
    let seen = ClientEvent::SawChildren { session, path: path(), zxid: 8 };
    assert_eq!(told(&bench.step(5, reply(3, 11, response))), [ClientEvent::Replied { session, zxid: 11 }, seen]);
}
