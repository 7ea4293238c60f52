use bytes::Bytes;
use history::{LeadershipEvent, Term};

use super::{Core, Ways};
use crate::ErrorPolicy;
use crate::mutant::Planted;
use crate::protocol::testing::{Stand, children, created, stat};
use crate::protocol::{Answer, Condition, Effect, Grip, Input, Request};

const MINE: &str = "_c_a-lock-0000000001";
const OTHER: &str = "_c_b-lock-0000000000";

fn stand(policy: Option<ErrorPolicy>) -> Stand<Core> {
    let is_multilock = policy.is_none();
    let ways = Ways {
        path: "/lock".into(),
        policy,
        guards: is_multilock,
        is_careful: is_multilock,
        planted: Planted::default(),
    };
    Stand::new(Core::new(ways, host::random::derive(1, "guids")))
}

fn leader(policy: Option<ErrorPolicy>) -> Stand<Core> {
    let mut stand = stand(policy);
    stand.connected(1);
    stand.answer(created(&format!("/lock/{MINE}"), 10));
    let guard = policy.is_none().then(|| Condition { path: format!("/lock/{MINE}"), version: None });
    let elected = Effect::Elect { term: Term(10), grip: Grip::UntilTold, guard };
    assert_eq!(stand.answer(children(&[MINE])), [elected]);
    stand
}

fn is_deposed(effects: &[Effect]) -> bool {
    effects.iter().any(|effect| matches!(effect, Effect::Tell(LeadershipEvent::Deposed { .. })))
}

#[test]
fn an_interrupted_leader_deletes_its_znode_and_queues_anew() {
    let mut stand = leader(Some(ErrorPolicy::Standard));
    assert!(is_deposed(&stand.step(Input::Disconnected)));
    stand.connected(1);
    let asked = stand.asked();
    assert!(asked.iter().any(|request| matches!(request, Request::Delete { .. })), "{asked:?}");
    assert!(matches!(asked.last(), Some(Request::Create { .. })), "{asked:?}");
}

#[test]
fn the_holder_of_a_multilock_leads_until_its_session_ends() {
    let mut stand = leader(None);
    assert!(!is_deposed(&stand.step(Input::Disconnected)));
    assert!(!is_deposed(&stand.wait(600)));
    assert!(!is_deposed(&stand.connected(1)));
    let effects = stand.step(Input::SessionOver);
    assert!(is_deposed(&effects));
    assert!(effects.contains(&Effect::NewSession));
}

#[test]
fn what_an_abandoned_attempt_has_made_is_deleted() {
    let mut stand = stand(Some(ErrorPolicy::Standard));
    stand.connected(1);
    stand.step(Input::Disconnected);
    stand.connected(1);
    stand.answer(created(&format!("/lock/{OTHER}"), 9));
    let asked = stand.asked();
    assert!(matches!(asked.last(), Some(Request::Delete { path, .. }) if path.ends_with(OTHER)), "{asked:?}");
}

#[test]
fn a_careful_lock_looks_after_a_sync_and_deletes_what_it_has_twice() {
    let mut stand = stand(None);
    stand.connected(1);
    let Request::Create { path, .. } = stand.asked()[0].clone() else { panic!("it creates its znode first") };
    let prefix = path.trim_start_matches("/lock/").to_owned();
    let (first, second) = (format!("{prefix}0000000001"), format!("{prefix}0000000002"));
    stand.answer(Answer::Unknown);
    assert_eq!(stand.asked(), [&Request::Sync("/lock".into())]);
    stand.answer(Answer::Done);
    stand.answer(children(&[&first]));
    stand.answer(children(&[&first, &second]));
    let asked = stand.asked();
    assert!(matches!(asked[0], Request::Delete { path, .. } if path.ends_with(&second)), "{asked:?}");
    stand.answer(Answer::Done);
    let effects = stand.answer(Answer::Data(Bytes::new(), stat(10, 1)));
    assert!(matches!(effects[..], [Effect::Elect { term: Term(10), .. }]));
}

#[test]
fn a_server_that_says_the_session_is_over_before_the_client_knows_is_asked_again() {
    let mut stand = stand(Some(ErrorPolicy::Session { percent: 33 }));
    stand.connected(1);
    stand.answer(created(&format!("/lock/{MINE}"), 10));
    stand.answer(Answer::Refused(client::ErrorCode::SessionExpired));
    assert_eq!(stand.asked().last(), Some(&&Request::List("/lock".into())));
}
