//! The first connection, the next ones, and the end.

use super::*;
use crate::WatchEnded;
use crate::error::Credentials;

#[test]
fn a_new_session_asks_with_nothing_and_takes_what_is_granted() {
    let mut bench = Bench::new(&["a:1"]);
    assert_eq!(bench.step(0, Input::Tick), [Effect::Dial("a:1".to_owned())]);
    let asked = handshake(&bench.step(10, Input::Opened));
    assert_eq!((asked.session_id, asked.last_zxid_seen), (SessionId::NONE, Zxid::ZERO));
    assert_eq!(asked.timeout_milliseconds, 6_000);
    let effects = bench.step(20, Input::Received(grant(SESSION)));
    assert_eq!(states(&effects), [SessionState::Connected]);
    let timeout = Duration::from_millis(T);
    assert_eq!(told(&effects), [ClientEvent::Connected { session: SESSION.0, timeout }]);
    assert_eq!(bench.session.credentials(), Credentials { session: SESSION, password: PASSWORD });
    assert_eq!(bench.session.trusted_until(), Some(at(10 + 4_000)), "counted from the handshake's sending");
}

#[test]
fn the_granted_timeout_rules_and_not_the_one_asked_for() {
    let mut bench = Bench::new(&["a:1"]);
    bench.step(0, Input::Tick);
    bench.step(0, Input::Opened);
    let response = ConnectResponse {
        protocol_version: 0,
        timeout_milliseconds: 3_000,
        session_id: SESSION,
        password: PASSWORD,
        read_only: None,
    };
    bench.step(0, Input::Received(record(&response)));
    assert_eq!(bench.session.session_timeout(), Duration::from_secs(3));
    assert_eq!(bench.session.trusted_until(), Some(at(2_000)));
    assert_eq!(bench.deadline(), 1_000);
}

#[test]
fn a_silent_server_is_left_after_the_timeout_divided_by_the_servers() {
    let mut bench = Bench::new(&["a:1", "b:1", "c:1"]);
    let first = bench.step(0, Input::Tick);
    assert_eq!(bench.deadline(), 2_000);
    bench.step(500, Input::Opened);
    assert_eq!(bench.deadline(), 2_000, "the handshake's time is part of the attempt's");
    assert_eq!(bench.step(2_000, Input::Tick)[0], Effect::HangUp);
    let second = bench.step(2_000, Input::Tick);
    assert!(matches!(second[..], [Effect::Dial(_)]));
    assert_ne!(first, second);
    assert_eq!(bench.session.state(), SessionState::Connecting);
}

#[test]
fn a_server_that_hangs_up_on_the_handshake_is_left_for_the_next() {
    // So does a server that is behind the client's last zxid.
    let mut bench = Bench::new(&["a:1", "b:1"]);
    bench.step(0, Input::Tick);
    bench.step(0, Input::Opened);
    let effects = bench.step(5, Input::Ended);
    assert_eq!(states(&effects), []);
    assert!(matches!(bench.step(5, Input::Tick)[..], [Effect::Dial(_)]));
}

#[test]
fn a_lost_session_is_asked_for_with_its_password_and_the_last_zxid() {
    let mut bench = Bench::connected();
    bench.step(10, ask(1, get_data("/a", false)));
    bench.step(20, reply(1, 0x500, got_data(0x400)));
    let effects = bench.step(30, Input::Ended);
    assert_eq!(states(&effects), [SessionState::Disconnected]);
    assert_eq!(told(&effects), [ClientEvent::Disconnected { session: SESSION.0 }]);
    let (when, asked) = bench.reopened();
    assert!(when <= at(30 + 50), "after a short pause");
    assert_eq!((asked.session_id, asked.password, asked.last_zxid_seen), (SESSION, PASSWORD, Zxid(0x500)));
    let effects = bench.session.step(when, Input::Received(grant(SESSION)));
    assert_eq!(states(&effects), [SessionState::Connected]);
    assert!(effects.contains(&Effect::Sometimes("client: reconnected to the same session")));
    assert_eq!(bench.session.trusted_until(), Some(when + Duration::from_secs(4)));
}

#[test]
fn only_answers_with_a_zxid_move_the_last_one_seen() {
    let mut bench = Bench::connected();
    bench.step(0, ask(1, get_data("/a", false)));
    bench.step(0, reply(1, 7, got_data(5)));
    bench.step(2_000, Input::Tick);
    bench.step(2_001, reply(proto::xid::PING, 99, Response::Empty));
    bench.step(2_002, Input::Received(notification(100, EventType::NodeDeleted, "/a")));
    bench.step(2_003, ask(2, get_data("/a", false)));
    bench.step(2_003, refusal(2, -1, ErrorCode::NoNode));
    assert_eq!(bench.session.last_zxid(), Zxid(7));
}

#[test]
fn a_refused_session_is_expired() {
    let mut bench = Bench::connected();
    bench.step(10, ask(1, set_data("/a")));
    assert_eq!(completed(&bench.step(20, Input::Ended)), [(1, Err(Error::ConnectionLoss { sent: true }))]);
    bench.step(25, ask(2, set_data("/b")));
    let (when, _) = bench.reopened();
    let effects = bench.session.step(when, Input::Received(record(&ConnectResponse::refused(Some(false)))));
    assert_eq!(states(&effects), [SessionState::Expired]);
    assert_eq!(told(&effects), [ClientEvent::SessionExpired { session: SESSION.0, locally: false }]);
    assert_eq!(completed(&effects), [(2, Err(Error::SessionExpired { sent: false }))]);
    assert!(effects.contains(&Effect::EndWatches(WatchEnded::Expired)));
    assert!(effects.contains(&Effect::HangUp));
    let effects = bench.step(30, ask(3, set_data("/c")));
    assert_eq!(completed(&effects), [(3, Err(Error::SessionExpired { sent: false }))]);
}

#[test]
fn closing_waits_for_what_was_asked_before_and_for_the_server() {
    let mut bench = Bench::connected();
    bench.step(10, ask(1, get_data("/a", false)));
    let effects = bench.step(20, Input::Close { call: CallId(2), deadline: at(6_000) });
    assert_eq!(sent(&effects), [(2, OpCode::CloseSession)]);
    assert_eq!(bench.session.trusted_until(), None, "from here on the session may be gone");
    let effects = bench.step(25, ask(3, set_data("/a")));
    assert_eq!(completed(&effects), [(3, Err(Error::Closed { sent: false }))]);
    assert_eq!(completed(&bench.step(30, reply(1, 5, got_data(5)))), [(1, Ok(()))]);
    let effects = bench.step(40, reply(2, 6, Response::Empty));
    assert_eq!(completed(&effects), [(2, Ok(()))]);
    assert_eq!(states(&effects), [SessionState::Closed]);
    assert!(told(&effects).contains(&ClientEvent::Closed { session: SESSION.0 }));
    assert!(effects.contains(&Effect::EndWatches(WatchEnded::Closed)));
    assert!(matches!(effects.last(), Some(Effect::Complete { .. })), "who waited finds the state changed");
}

#[test]
fn a_close_without_an_answer_says_so() {
    let mut bench = Bench::connected();
    bench.step(20, Input::Close { call: CallId(1), deadline: at(3_000) });
    let effects = bench.step(3_000, Input::Tick);
    assert_eq!(completed(&effects), [(1, Err(Error::Timeout { sent: true }))]);
    assert_eq!(states(&effects), [SessionState::Closed]);
    assert!(!told(&effects).contains(&ClientEvent::Closed { session: SESSION.0 }));

    let mut bench = Bench::connected();
    bench.step(20, Input::Close { call: CallId(1), deadline: at(3_000) });
    let effects = bench.step(30, Input::Ended);
    assert_eq!(completed(&effects), [(1, Err(Error::Closed { sent: true }))]);
    assert_eq!(states(&effects), [SessionState::Closed]);
}

#[test]
fn a_close_without_a_connection_leaves_the_session_to_its_timeout() {
    let mut bench = Bench::connected();
    bench.step(20, Input::Ended);
    let effects = bench.step(30, Input::Close { call: CallId(1), deadline: at(3_000) });
    assert_eq!(completed(&effects), [(1, Err(Error::ConnectionLoss { sent: false }))]);
    assert_eq!(states(&effects), [SessionState::Closed]);

    let mut bench = Bench::new(&["a:1"]);
    bench.step(0, Input::Tick);
    let effects = bench.step(10, Input::Close { call: CallId(1), deadline: at(3_000) });
    assert_eq!(completed(&effects), [(1, Ok(()))], "there was no session to close");
    assert!(effects.contains(&Effect::HangUp));
}

#[test]
fn leaving_finishes_what_was_asked_and_closes_no_session() {
    let mut bench = Bench::connected();
    bench.step(10, ask(1, set_data("/a")));
    assert_eq!(bench.step(20, Input::Leave), []);
    let set = Response::SetData(proto::SetDataResponse { stat: proto::Stat::default() });
    let effects = bench.step(30, reply(1, 5, set));
    assert_eq!(completed(&effects), [(1, Ok(()))]);
    assert_eq!(sent(&effects), [], "no closeSession");
    assert!(effects.contains(&Effect::HangUp));
    assert_eq!(bench.session.deadline(), None);
}

#[test]
fn refused_credentials_end_the_client() {
    let mut bench = Bench::connected();
    let credential = proto::Secret(Bytes::from_static(b"x"));
    let input = Input::Authenticate { call: Some(CallId(1)), scheme: "nonsense".to_owned(), credential };
    assert_eq!(sent(&bench.step(10, input)), [(proto::xid::AUTH, OpCode::Auth)]);
    bench.step(15, ask(2, set_data("/a")));
    let effects = bench.step(20, refusal(proto::xid::AUTH, 0, ErrorCode::AuthFailed));
    assert_eq!(states(&effects), [SessionState::AuthFailed]);
    let failed = [(2, Err(Error::AuthFailed { sent: true })), (1, Err(Error::Service(ErrorCode::AuthFailed)))];
    assert_eq!(completed(&effects), failed);
}
