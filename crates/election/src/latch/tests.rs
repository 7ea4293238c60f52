use bytes::Bytes;
use client::ErrorCode;
use history::{LeadershipEvent, Term};

use super::Latch;
use super::core::Core;
use crate::ErrorPolicy;
use crate::protocol::testing::{Stand, children, created, stat};
use crate::protocol::{Answer, Effect, Grip, Input, Request};

const MINE: &str = "_c_a-latch-0000000001";
const OTHER: &str = "_c_b-latch-0000000000";

fn stand(latch: &Latch) -> Stand<Core> {
    Stand::new(Core::new(
        latch,
        host::Instant::from_reading(std::time::Duration::ZERO),
        host::random::derive(1, "guids"),
    ))
}

/// A latch in its first session that has created its znode and has listed these.
fn listed(latch: &Latch, names: &[&str]) -> Stand<Core> {
    let mut stand = stand(latch);
    stand.connected(1);
    stand.answer(created(&format!("/latch/{MINE}"), 10));
    stand.answer(children(names));
    stand
}

fn leads(term: i64) -> Effect {
    Effect::Elect { term: Term(term), grip: Grip::UntilTold, guard: None }
}

fn is_deposed(effects: &[Effect]) -> bool {
    effects.iter().any(|effect| matches!(effect, Effect::Tell(LeadershipEvent::Deposed { .. })))
}

#[test]
fn the_first_in_line_leads_if_its_znode_is_of_its_session() {
    let mut stand = listed(&Latch::new("/latch"), &[MINE]);
    assert_eq!(stand.asked(), [&Request::Read(format!("/latch/{MINE}"))]);
    assert_eq!(stand.answer(Answer::Data(Bytes::new(), stat(10, 1))), [leads(10)]);
}

#[test]
fn a_znode_of_a_former_session_is_replaced() {
    let mut stand = listed(&Latch::new("/latch"), &[MINE]);
    let effects = stand.answer(Answer::Data(Bytes::new(), stat(10, 7)));
    assert!(!effects.contains(&leads(10)));
    let asked = stand.asked();
    assert!(matches!(asked[0], Request::Delete { path, .. } if *path == format!("/latch/{MINE}")));
    assert!(matches!(asked[1], Request::Create { path, .. } if path.starts_with("/latch/_c_")));
}

#[test]
fn who_waits_looks_again_when_the_one_before_goes() {
    let mut stand = listed(&Latch::new("/latch"), &[MINE, OTHER]);
    stand.answer(Answer::Data(Bytes::new(), stat(9, 2)));
    stand.fire();
    assert_eq!(stand.asked(), [&Request::List("/latch".into())]);
    stand.answer(children(&[MINE]));
    assert_eq!(stand.answer(Answer::Data(Bytes::new(), stat(10, 1))), [leads(10)]);
}

#[test]
fn a_create_without_an_answer_is_looked_for() {
    let mut stand = stand(&Latch::new("/latch"));
    stand.connected(1);
    let Request::Create { path, .. } = stand.asked()[0].clone() else { panic!("it creates its znode first") };
    stand.answer(Answer::Unknown);
    let found = format!("{}0000000004", path.trim_start_matches("/latch/"));
    stand.answer(children(&[OTHER, &found]));
    stand.answer(children(&[OTHER, &found]));
    assert_eq!(stand.asked(), [&Request::ReadAndWatch(format!("/latch/{OTHER}"))], "it waits behind the other one");
}

#[test]
fn a_suspended_connection_deposes_by_the_standard_policy_alone() {
    let mut standard = listed(&Latch::new("/latch"), &[MINE]);
    standard.answer(Answer::Data(Bytes::new(), stat(10, 1)));
    assert!(is_deposed(&standard.step(Input::Disconnected)));
    let policy = ErrorPolicy::Session { percent: 100 };
    let mut session = listed(&Latch::new("/latch").with_policy(policy), &[MINE]);
    session.answer(Answer::Data(Bytes::new(), stat(10, 1)));
    assert!(!is_deposed(&session.step(Input::Disconnected)));
    assert!(!is_deposed(&session.wait(5)), "it may be back in time");
    let effects = session.wait(1);
    assert!(is_deposed(&effects), "after the whole of the session timeout it is lost");
    assert!(effects.contains(&Effect::NewSession));
}

#[test]
fn a_parent_that_was_removed_is_made_anew() {
    let mut stand = stand(&Latch::new("/latch"));
    stand.connected(1);
    stand.answer(created(&format!("/latch/{MINE}"), 10));
    stand.answer(Answer::Refused(ErrorCode::NoNode));
    let asked = stand.asked();
    assert!(matches!(asked[1], Request::Create { .. }), "{asked:?}");
}

#[test]
fn closed_while_its_znode_is_created_it_deletes_it_before_it_leaves() {
    let mut stand = stand(&Latch::new("/latch"));
    stand.connected(1);
    assert_eq!(stand.step(Input::Resign), [], "the create is under way");
    stand.answer(created(&format!("/latch/{MINE}"), 10));
    assert!(matches!(stand.asked()[..], [Request::Delete { .. }]));
    stand.answer(Answer::Unknown);
    assert_eq!(stand.answer(Answer::Done), [Effect::Over]);
}
