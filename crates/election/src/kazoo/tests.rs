use history::{LeadershipEvent, Term};

use super::Kazoo;
use super::lock::Lock;
use crate::protocol::testing::{Stand, children, created};
use crate::protocol::{Answer, Effect, Input, Request};

const OTHER: &str = "00__lock__0000000000";

fn stand(kazoo: &Kazoo) -> Stand<Lock> {
    Stand::new(Lock::new(kazoo, "me", host::random::derive(1, "guids")))
}

/// The name under which a lock has created its znode.
fn create(stand: &mut Stand<Lock>) -> String {
    stand.connected(1);
    let Request::Create { path, data, .. } = stand.asked()[0].clone() else { panic!("it creates its znode first") };
    assert_eq!(data.as_ref(), b"me");
    let name = format!("{}0000000001", path.trim_start_matches("/election/"));
    assert_eq!(name.len(), 32 + "__lock__".len() + 10, "{name}");
    stand.answer(created(&format!("/election/{name}"), 10));
    name
}

fn is_deposed(effects: &[Effect]) -> bool {
    effects.iter().any(|effect| matches!(effect, Effect::Tell(LeadershipEvent::Deposed { .. })))
}

#[test]
fn a_leader_that_does_not_listen_leads_on_when_its_session_is_over() {
    let mut stand = stand(&Kazoo::new("/election"));
    let name = create(&mut stand);
    assert!(matches!(stand.answer(children(&[&name]))[..], [Effect::Elect { term: Term(10), .. }]));
    let effects = stand.step(Input::SessionOver);
    assert!(!is_deposed(&effects));
    assert!(effects.contains(&Effect::NewSession));
}

#[test]
fn a_listener_stops_the_leader_and_releases_the_lock() {
    let mut stand = stand(&Kazoo::new("/election").listening());
    let name = create(&mut stand);
    stand.answer(children(&[&name]));
    assert!(is_deposed(&stand.step(Input::Disconnected)));
    assert!(matches!(stand.asked()[..], [Request::Delete { .. }]));
    stand.answer(Answer::NotAsked);
    stand.connected(1);
    stand.answer(Answer::Done);
    assert_eq!(stand.asked(), [&Request::List("/election".into())], "it looks for what it has before it creates");
}

#[test]
fn who_waits_is_woken_by_the_connection() {
    let mut stand = stand(&Kazoo::new("/election"));
    let name = create(&mut stand);
    stand.answer(children(&[OTHER, &name]));
    stand.answer(Answer::Data(bytes::Bytes::new(), crate::protocol::testing::stat(9, 2)));
    assert_eq!(stand.asked(), [] as [&Request; 0], "it waits");
    stand.step(Input::Disconnected);
    stand.connected(1);
    assert_eq!(stand.asked(), [&Request::List("/election".into())]);
}

#[test]
fn the_znode_of_a_former_session_is_adopted() {
    let mut stand = stand(&Kazoo::new("/election"));
    let name = create(&mut stand);
    stand.step(Input::SessionOver);
    stand.connected(2);
    stand.answer(children(&[&name]));
    assert!(matches!(stand.answer(children(&[&name]))[..], [Effect::Elect { term: Term(10), .. }]));
}

#[test]
fn who_gives_up_waiting_deletes_its_znode_and_makes_another_lock() {
    let mut stand = stand(&Kazoo::new("/election").with_timeout(std::time::Duration::from_secs(10)));
    let name = create(&mut stand);
    stand.answer(children(&[OTHER, &name]));
    stand.answer(Answer::Data(bytes::Bytes::new(), crate::protocol::testing::stat(9, 2)));
    stand.wait(10);
    assert!(matches!(stand.asked()[..], [Request::Delete { path, .. }] if path.ends_with(&name)));
    stand.answer(Answer::Done);
    assert!(matches!(stand.asked()[..], [Request::Create { path, .. }] if !path.contains(&name[..32])));
}
