//! When the session pings, loses trust, expires. T is 6 s: T/3 = 2 s, 2/3 T = 4 s, 4/3 T = 8 s.

use proto::xid;

use super::*;

fn pong() -> Input {
    reply(xid::PING, 0, Response::Empty)
}

#[test]
fn the_timings_of_a_connection_that_falls_silent() {
    // When, and what happens then; nothing happens between.
    let table: &[(u64, &str)] = &[(2_000, "ping"), (4_000, "disconnected"), (8_000, "expired")];
    let mut bench = Bench::connected();
    let mut happened = Vec::new();
    for milliseconds in (100..=10_000).step_by(100) {
        let effects = bench.step(milliseconds, Input::Tick);
        if sent(&effects).contains(&(xid::PING, OpCode::Ping)) {
            happened.push((milliseconds, "ping"));
        }
        for state in states(&effects) {
            happened.push((
                milliseconds,
                match state {
                    SessionState::Disconnected => "disconnected",
                    SessionState::Expired => "expired",
                    other => panic!("{other:?}"),
                },
            ));
        }
    }
    assert_eq!(happened, table);
}

#[test]
fn a_ping_is_due_a_third_of_the_timeout_after_the_last_sending() {
    let mut bench = Bench::connected();
    assert_eq!(bench.deadline(), 2_000);
    bench.step(1_500, ask(1, get_data("/a", false)));
    assert_eq!(bench.deadline(), 3_500);
    bench.step(1_600, reply(1, 5, got_data(5)));
    assert_eq!(bench.deadline(), 3_500, "receiving puts no ping off");
}

#[test]
fn trust_is_counted_from_the_sending_and_not_from_the_receiving() {
    let mut bench = Bench::connected();
    assert_eq!(bench.session.trusted_until(), Some(at(4_000)));
    bench.step(2_000, Input::Tick);
    // The network holds the answer up for nearly 2 s. The Java client would trust until 3.9 s + 4 s.
    bench.step(3_900, pong());
    assert_eq!(bench.session.trusted_until(), Some(at(6_000)));
    assert_eq!(states(&bench.step(5_999, Input::Tick)), []);
    assert_eq!(states(&bench.step(6_000, Input::Tick)), [SessionState::Disconnected]);
}

#[test]
fn trust_outlives_a_lost_connection_and_so_does_the_count_to_expiry() {
    let mut bench = Bench::connected();
    bench.step(1_000, Input::Ended);
    assert_eq!(bench.session.state(), SessionState::Disconnected);
    assert_eq!(bench.session.trusted_until(), Some(at(4_000)));
    assert_eq!(states(&bench.step(7_999, Input::Tick)), []);
    let effects = bench.step(8_000, Input::Tick);
    assert_eq!(states(&effects), [SessionState::Expired]);
    assert_eq!(told(&effects), [ClientEvent::SessionExpired { session: SESSION.0, locally: true }]);
    assert_eq!(bench.session.trusted_until(), None);
    assert_eq!(bench.session.deadline(), None);
}

#[test]
fn an_answer_that_waited_in_the_kernel_during_a_pause_still_counts() {
    let mut bench = Bench::connected();
    bench.step(2_000, Input::Tick);
    // Paused until 5 s; the pong had come at once.
    assert_eq!(states(&bench.step(5_000, pong())), []);
    assert_eq!(bench.session.trusted_until(), Some(at(6_000)));
}

#[test]
fn after_a_long_pause_nothing_is_sent_on_the_old_connection() {
    let mut bench = Bench::connected();
    let effects = bench.step(4_000, ask(1, set_data("/a")));
    assert_eq!(states(&effects), [SessionState::Disconnected]);
    assert_eq!(sent(&effects), []);
    assert_eq!(completed(&effects), [], "the call waits for the next connection");
    let effects = bench.step(60_000, Input::Tick);
    assert_eq!(states(&effects), [SessionState::Expired]);
    assert_eq!(completed(&effects), [(1, Err(Error::SessionExpired { sent: false }))]);
}

#[test]
fn answers_that_deny_the_session_and_authentications_lengthen_no_trust() {
    let mut bench = Bench::connected();
    let credential = proto::Secret(Bytes::from_static(b"a:b"));
    bench.step(1_000, Input::Authenticate { call: None, scheme: "digest".to_owned(), credential });
    bench.step(1_100, reply(xid::AUTH, 0, Response::Empty));
    bench.step(1_200, ask(1, set_data("/a")));
    let effects = bench.step(1_300, refusal(1, 9, ErrorCode::SessionMoved));
    assert_eq!(completed(&effects), [(1, Err(Error::Service(ErrorCode::SessionMoved)))]);
    assert_eq!(bench.session.trusted_until(), Some(at(4_000)));
    bench.step(1_400, ask(2, set_data("/a")));
    bench.step(1_500, refusal(2, 10, ErrorCode::NoNode));
    assert_eq!(bench.session.trusted_until(), Some(at(5_400)), "another refusal shows that the session lives");
}

#[test]
fn each_pong_answers_the_oldest_ping() {
    let mut bench = Bench::connected();
    bench.step(2_000, Input::Tick);
    bench.step(2_500, ask(1, get_data("/a", false)));
    bench.step(2_600, reply(1, 5, got_data(5)));
    bench.step(4_500, Input::Tick);
    bench.step(4_600, pong());
    assert_eq!(bench.session.trusted_until(), Some(at(6_500)), "trust never goes back");
    bench.step(4_700, pong());
    assert_eq!(bench.session.trusted_until(), Some(at(8_500)));
    let effects = bench.step(4_800, pong());
    assert_eq!(states(&effects), [SessionState::Disconnected], "a pong without a ping is nonsense");
}

#[test]
fn a_call_out_of_time_ends_and_keeps_its_place_in_the_line() {
    let mut bench = Bench::connected();
    let call = |id, request, deadline| {
        Input::Call(Call { id: CallId(id), request, watcher: None, deadline: Some(at(deadline)) })
    };
    bench.step(0, call(1, set_data("/a"), 1_000));
    bench.step(0, call(2, set_data("/b"), 3_000));
    assert_eq!(bench.deadline(), 1_000);
    let effects = bench.step(1_000, Input::Tick);
    assert_eq!(completed(&effects), [(1, Err(Error::Timeout { sent: true }))]);
    let operation = "setData /a".to_owned();
    assert_eq!(told(&effects), [ClientEvent::Unanswered { session: SESSION.0, operation }]);
    let set =
        |zxid| Response::SetData(proto::SetDataResponse { stat: proto::Stat { mzxid: Zxid(zxid), ..<_>::default() } });
    assert_eq!(completed(&bench.step(1_100, reply(1, 5, set(5)))), []);
    assert_eq!(completed(&bench.step(1_200, reply(2, 6, set(6)))), [(2, Ok(()))]);
    bench.step(1_300, Input::Ended);
    bench.step(1_300, call(3, set_data("/c"), 1_301));
    let effects = bench.step(1_301, Input::Tick);
    assert_eq!(completed(&effects), [(3, Err(Error::Timeout { sent: false }))]);
    assert_eq!(told(&effects), [], "what was not sent leaves no doubt");
}

#[test]
fn trust_since_the_receiving_is_lengthened_by_what_the_network_held_up() {
    let mut bench = Bench::connected_as(Profile::JAVA);
    bench.step(2_000, Input::Tick);
    bench.step(3_900, pong());
    assert_eq!(bench.session.trusted_until(), Some(at(7_900)), "the server's patience may have ended at 8 s");
    bench.step(4_000, Input::Received(notification(9, EventType::NodeDeleted, "/a")));
    assert_eq!(bench.session.trusted_until(), Some(at(8_000)), "whatever comes counts");
    assert_eq!(states(&bench.step(8_000, Input::Tick)), [SessionState::Disconnected]);
}

#[test]
fn who_does_not_expire_locally_waits_for_a_server_to_say_it() {
    let mut bench = Bench::connected_as(Profile::NEVER_EXPIRES);
    bench.step(1_000, Input::Ended);
    assert_eq!(states(&bench.step(8_000, Input::Tick)), []);
    assert_eq!(states(&bench.step(600_000, Input::Tick)), []);
    assert_eq!(bench.session.trusted_until(), Some(at(4_000)), "trust has an end all the same");
    let (when, _) = bench.reopened();
    let effects = bench.session.step(when, Input::Received(grant(SessionId::NONE)));
    assert_eq!(states(&effects), [SessionState::Expired]);
    assert_eq!(told(&effects), [ClientEvent::SessionExpired { session: SESSION.0, locally: false }]);
}
