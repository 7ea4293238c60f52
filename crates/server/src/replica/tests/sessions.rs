//! The life of a session: opened, touched, taken back, closed, expired.

use std::time::Duration;

use super::harness::hello;
use super::*;
use crate::identity;
use history::ServiceEvent;

const TICK: Duration = Duration::from_secs(2);

fn taking_back(client: Client) -> ConnectRequest {
    ConnectRequest { session_id: client.session, password: client.password, ..hello() }
}

fn is_expired(harness: &Harness, client: Client) -> bool {
    harness.told.contains(&ServiceEvent::SessionExpired { session: client.session.0 })
}

#[test]
fn the_handshake_grants_what_lies_between_the_bounds() {
    let mut harness = Harness::new();
    for (wished, granted) in [(1, 4000), (6000, 6000), (100_000, 40_000)] {
        let (_, response) = harness.shake_hands(&ConnectRequest { timeout_milliseconds: wished, ..hello() });
        assert_eq!(response.unwrap().timeout_milliseconds, granted);
    }
    let (_, response) = harness.shake_hands(&ConnectRequest { read_only: None, ..hello() });
    assert_eq!(response.unwrap().read_only, None, "only who sends the flag expects it");
}

#[test]
fn ids_rise_and_passwords_follow_from_them() {
    let mut harness = Harness::new();
    let (first, second) = (harness.connect(), harness.connect());
    assert_eq!(second.session.0, first.session.0 + 1);
    assert_eq!(first.session.0 >> 56, 1, "the server's id is on top");
    assert_eq!(second.password, identity::password(second.session));
}

#[test]
fn a_server_behind_the_client_closes_without_a_word() {
    let mut harness = Harness::new();
    harness.connect();
    let (id, response) = harness.shake_hands(&ConnectRequest { last_zxid_seen: Zxid(2), ..hello() });
    assert_eq!(response, None);
    assert!(harness.is_closed(id));
    let (_, response) = harness.shake_hands(&ConnectRequest { last_zxid_seen: Zxid(1), ..hello() });
    assert!(response.is_some());
}

#[test]
fn a_session_moves_to_the_connection_that_knows_its_password() {
    let mut harness = Harness::new();
    let client = harness.connect();
    harness.call(client, create("/a", CreateMode::Ephemeral)).unwrap();
    let (id, response) = harness.shake_hands(&ConnectRequest { timeout_milliseconds: 10_000, ..taking_back(client) });
    let response = response.unwrap();
    assert_eq!((response.session_id, response.timeout_milliseconds), (client.session, 10_000));
    assert!(harness.is_closed(client.id));
    assert!(
        harness
            .told
            .contains(&ServiceEvent::SessionReattached { session: client.session.0, timeout: Duration::from_secs(10) })
    );
    harness.pass(Duration::from_secs(9));
    assert!(harness.call(Client { id, ..client }, exists("/a", false)).is_ok());
}

#[test]
fn a_wrong_password_costs_the_good_connection_but_not_the_session() {
    let mut harness = Harness::new();
    let client = harness.connect();
    let (id, response) = harness.shake_hands(&ConnectRequest { password: Password([7; 16]), ..taking_back(client) });
    assert_eq!(response, Some(ConnectResponse::refused(Some(false))));
    assert!(harness.is_closed(id) && harness.is_closed(client.id));
    let (_, response) = harness.shake_hands(&taking_back(client));
    assert_eq!(response.unwrap().session_id, client.session);
}

#[test]
fn an_expired_session_is_refused_and_its_znodes_are_gone() {
    let mut harness = Harness::new();
    let client = harness.connect();
    harness.call(client, create("/a", CreateMode::Ephemeral)).unwrap();
    harness.pass(Duration::from_secs(9));
    assert!(is_expired(&harness, client) && harness.is_closed(client.id));
    let (_, response) = harness.shake_hands(&taking_back(client));
    assert!(response.unwrap().is_refused());
    let other = harness.connect();
    assert_eq!(harness.call(other, exists("/a", false)), Err(ErrorCode::NoNode));
}

#[test]
fn a_session_expires_not_before_its_timeout_and_not_a_tick_after() {
    for offset in [0, 1, 700, 1999] {
        let mut harness = Harness::new();
        harness.pass(Duration::from_millis(offset));
        let client = harness.connect();
        harness.pass(Duration::from_millis(6000));
        assert!(!is_expired(&harness, client), "offset {offset}");
        harness.pass(TICK);
        assert!(is_expired(&harness, client), "offset {offset}");
    }
}

#[cfg(feature = "zoo")]
#[test]
fn the_mutant_expires_early() {
    let mutant = Some(crate::Mutant::ExpiryRoundsDown);
    let mut harness = Harness::with(crate::Config { mutant, ..crate::Config::default() });
    harness.pass(Duration::from_millis(700));
    let client = harness.connect();
    harness.pass(Duration::from_millis(5500));
    assert!(is_expired(&harness, client));
}

#[cfg(feature = "zoo")]
#[test]
fn one_mutant_lets_signs_of_life_wait_behind_writes() {
    for (mutant, expires) in [(None, false), (Some(crate::Mutant::QueuesTouches), true)] {
        let data = Some("nowhere".into());
        let mut harness = Harness::with(crate::Config { mutant, data, ..crate::Config::default() });
        let client = harness.connect();
        // It is not committed, on a disk that is very slow.
        harness.send(client, &create("/a", CreateMode::Persistent));
        for _ in 0..3 {
            harness.pass(Duration::from_secs(3));
            harness.send_as(client, xid::PING, &Request::Ping);
        }
        assert_eq!(is_expired(&harness, client), expires);
        harness.commit();
    }
}

#[test]
fn every_packet_counts_the_timeout_anew() {
    let mut harness = Harness::new();
    let client = harness.connect();
    for _ in 0..10 {
        harness.pass(Duration::from_secs(5));
        harness.send_as(client, xid::PING, &Request::Ping);
        assert_eq!(harness.told.last(), Some(&ServiceEvent::SessionTouched { session: client.session.0 }));
    }
    assert!(!is_expired(&harness, client));
    harness.step(crate::Input::Closed { connection: client.id });
    harness.pass(Duration::from_secs(9));
    assert!(is_expired(&harness, client), "a session outlives its connection by its timeout");
}

#[test]
fn a_session_that_is_closed_takes_its_znodes_along_and_says_so_in_order() {
    let mut harness = Harness::new();
    let client = harness.connect();
    harness.call(client, create("/b", CreateMode::Ephemeral)).unwrap();
    harness.call(client, create("/a", CreateMode::Ephemeral)).unwrap();
    harness.told.clear();
    assert_eq!(harness.call(client, Request::CloseSession), Ok(Response::Empty));
    assert!(harness.is_closed(client.id));
    let (session, zxid) = (client.session.0, harness.replica.database().last_zxid.0);
    let expected = [
        ServiceEvent::SessionTouched { session },
        ServiceEvent::SessionClosing { session },
        ServiceEvent::Deleted { path: "/a".into(), zxid },
        ServiceEvent::Deleted { path: "/b".into(), zxid },
        ServiceEvent::SessionClosed { session, zxid },
    ];
    assert_eq!(harness.told, expected);
    assert!(harness.shake_hands(&taking_back(client)).1.unwrap().is_refused());
}

#[test]
fn an_expiry_is_told_before_what_it_deletes() {
    let mut harness = Harness::new();
    let client = harness.connect();
    harness.call(client, create("/a", CreateMode::Ephemeral)).unwrap();
    harness.told.clear();
    harness.pass(Duration::from_secs(9));
    let (session, zxid) = (client.session.0, harness.replica.database().last_zxid.0);
    let expected = [
        ServiceEvent::SessionExpired { session },
        ServiceEvent::Deleted { path: "/a".into(), zxid },
        ServiceEvent::SessionClosed { session, zxid },
    ];
    assert_eq!(harness.told, expected);
}

#[test]
fn a_closing_session_can_create_nothing() {
    let mut harness = Harness::durable();
    let client = harness.connect();
    harness.send(client, &Request::CloseSession);
    // Prepared behind the close, before it is committed: the window of ZOOKEEPER-1208.
    harness.send(client, &create("/immortal", CreateMode::Ephemeral));
    harness.commit();
    let other = harness.connect();
    assert_eq!(harness.call(other, exists("/immortal", false)), Err(ErrorCode::NoNode));
}

#[cfg(feature = "zoo")]
#[test]
fn the_mutant_makes_an_immortal_znode() {
    let mutant = Some(crate::Mutant::CloseUnmarked);
    let mut harness = Harness::with(crate::Config { mutant, data: Some("nowhere".into()), ..crate::Config::default() });
    let client = harness.connect();
    harness.send(client, &Request::CloseSession);
    harness.send(client, &create("/immortal", CreateMode::Ephemeral));
    harness.commit();
    let other = harness.connect();
    let stat = stat_of(harness.call(other, exists("/immortal", false)));
    assert_eq!(stat.ephemeral_owner, client.session);
}

#[test]
fn a_close_takes_what_is_prepared_and_leaves_what_is_being_deleted() {
    let mut harness = Harness::durable();
    let client = harness.connect();
    harness.call(client, create("/going", CreateMode::Ephemeral)).unwrap();
    harness.send(client, &delete("/going"));
    harness.send(client, &create("/coming", CreateMode::Ephemeral));
    harness.send(client, &Request::CloseSession);
    match &harness.persisted.last().unwrap().change {
        crate::Change::CloseSession { paths } => assert_eq!(paths[..], ["/coming".into()]),
        other => panic!("{other:?}"),
    }
    harness.commit();
    let other = harness.connect();
    assert_eq!(harness.call(other, exists("/coming", false)), Err(ErrorCode::NoNode));
}

#[test]
fn sessions_of_a_former_life_have_their_full_timeout_and_keep_their_ids() {
    let mut harness = Harness::new();
    let client = harness.connect();
    let database = harness.replica.database().clone();
    let mut harness = Harness::on(crate::Config::default(), database);
    assert_eq!(harness.connect().session.0, client.session.0 + 1, "the clock stands still, the ids do not");
    harness.pass(Duration::from_millis(5999));
    assert!(!is_expired(&harness, client));
    assert_eq!(harness.shake_hands(&taking_back(client)).1.unwrap().session_id, client.session);
}

#[test]
fn garbage_instead_of_a_handshake_closes_the_connection() {
    let mut harness = Harness::new();
    let id = harness.open();
    harness.step(crate::Input::Frame { connection: id, frame: Bytes::from_static(b"GET / HTTP/1.1") });
    assert!(harness.is_closed(id));
    // What was on its way already is ignored.
    harness.step(crate::Input::Frame { connection: id, frame: Bytes::from_static(b"Host: localhost") });
}

#[test]
fn the_time_of_a_session_begins_when_its_beginning_is_committed() {
    let mut harness = Harness::durable();
    let id = harness.open();
    harness.frame(id, &hello());
    // A disk so slow that the timeout passes twice over.
    harness.pass(Duration::from_secs(13));
    assert!(harness.told.is_empty(), "what has not begun cannot end");
    harness.commit();
    let opened = harness.told.iter().find_map(|event| match event {
        ServiceEvent::SessionOpened { session, .. } => Some(*session),
        _ => None,
    });
    let session = opened.expect("the session begins");
    harness.pass(Duration::from_millis(5900));
    assert!(!harness.told.contains(&ServiceEvent::SessionExpired { session }));
    harness.pass(TICK);
    assert!(harness.told.contains(&ServiceEvent::SessionExpired { session }));
}
