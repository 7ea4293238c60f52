use client::{ErrorCode, EventType, Stat};
use history::Term;

use super::controller::Controller;
use crate::mutant::Planted;
use crate::protocol::bench::Bench;
use crate::protocol::{Answer, Condition, Input, Request, Ticket};

const NO_NODE: Answer = Answer::Refused(ErrorCode::NoNode);
const MINE: &str = r#"{"version":1,"brokerid":3,"timestamp":"1"}"#;
const ANOTHER: &str = r#"{"version":1,"brokerid":4,"timestamp":"1"}"#;

fn bench() -> Bench<Controller> {
    bench_with(Planted::default())
}

fn bench_with(planted: Planted) -> Bench<Controller> {
    Bench::connected(Controller::new("/", 3, planted))
}

fn data(data: &str, owner: i64) -> Answer {
    Bench::<Controller>::data(data, owner)
}

fn epoch(epoch: i32, version: i32) -> Answer {
    Answer::Data(epoch.to_string().into(), Stat { version, ..Stat::default() })
}

/// Up to the multi, on top of epoch 6 at version 4; gives the watch.
fn registering(bench: &mut Bench<Controller>) -> Ticket {
    let watch = bench.answer(Answer::Stands(None));
    bench.answer(NO_NODE);
    assert_eq!(bench.asks(), Request::Read("/controller_epoch".into()));
    bench.answer(epoch(6, 4));
    let Request::CreateAndWrite { path, also_data, also_version, .. } = bench.asks() else {
        panic!("{:?}", bench.asked)
    };
    assert_eq!((path.as_str(), &also_data[..], also_version), ("/controller", &b"7"[..], 4));
    watch
}

fn leading() -> (Bench<Controller>, Ticket) {
    let mut bench = bench();
    let watch = registering(&mut bench);
    bench.answer(Answer::Created { path: "/controller".into(), czxid: 90 });
    assert_eq!(bench.term, Some(Term(7)));
    (bench, watch)
}

#[test]
fn the_epoch_is_the_term_and_its_version_the_guard() {
    let (bench, _) = leading();
    assert_eq!(bench.guard, Some(Condition { path: "/controller_epoch".into(), version: Some(5) }));
    assert_eq!(bench.asked, []);
}

#[test]
fn the_first_of_all_controllers_makes_the_epoch() {
    let mut bench = bench();
    bench.answer(Answer::Stands(None));
    bench.answer(NO_NODE);
    bench.answer(NO_NODE);
    bench.answer(Answer::Created { path: "/controller_epoch".into(), czxid: 2 });
    bench.answer(Answer::Created { path: "/controller".into(), czxid: 3 });
    assert_eq!(bench.term, Some(Term(1)));
}

#[test]
fn an_unanswered_registration_is_won_if_what_is_found_is_ones_own() {
    let mut bench = bench();
    registering(&mut bench);
    bench.answer(Answer::Unknown);
    assert!(matches!(bench.asks(), Request::CreateAndWrite { also_version: 4, .. }), "the same once more");
    bench.answer(Answer::Refused(ErrorCode::NodeExists));
    bench.answer(data(MINE, 1));
    bench.answer(epoch(7, 5));
    assert_eq!(bench.term, Some(Term(7)));
    assert_eq!(bench.guard.map(|guard| guard.version), Some(Some(5)));
}

#[test]
fn a_znode_of_another_session_is_accepted_all_the_same() {
    let mut bench = bench();
    registering(&mut bench);
    bench.answer(Answer::Refused(ErrorCode::NodeExists));
    bench.answer(data(MINE, 77));
    bench.answer(epoch(7, 5));
    assert_eq!(bench.term, Some(Term(7)), "the hole of the real one");
}

#[test]
fn a_registration_that_was_lost_to_another_ends_with_a_watch() {
    for (controller, counted) in [(data(ANOTHER, 2), None), (data(MINE, 1), Some(epoch(8, 6))), (NO_NODE, None)] {
        let mut bench = bench();
        registering(&mut bench);
        bench.answer(Answer::Refused(ErrorCode::BadVersion));
        bench.answer(controller);
        if let Some(counted) = counted {
            bench.answer(counted);
        }
        assert_eq!(bench.asks(), Request::ExistsAndWatch("/controller".into()));
        bench.answer(Answer::Stands(Some(Stat::default())));
        bench.answer(data(ANOTHER, 2));
        assert_eq!((bench.term, bench.asked.len()), (None, 0));
    }
}

#[test]
fn a_lost_connection_is_nothing_and_the_end_of_the_session_is_all() {
    let (mut bench, _) = leading();
    bench.step(Input::Disconnected);
    bench.step(Input::Connected { session: bench.session });
    assert_eq!(bench.term, Some(Term(7)));
    bench.step(Input::SessionOver);
    assert_eq!(bench.term, None);
    assert_eq!(bench.asked, [], "before the next session is there");
    bench.reconnect_anew();
    assert_eq!(bench.asks(), Request::ExistsAndWatch("/controller".into()));
}

#[test]
fn who_hears_of_another_controller_resigns_and_of_none_re_elects() {
    let (mut bench, watch) = leading();
    bench.fire(watch, EventType::NodeDataChanged);
    let watch = bench.answer(Answer::Stands(Some(Stat::default())));
    bench.answer(data(ANOTHER, 2));
    assert_eq!((bench.term, bench.asked.len()), (None, 0));
    bench.fire(watch, EventType::NodeDeleted);
    bench.answer(Answer::Stands(None));
    bench.answer(NO_NODE);
    bench.answer(NO_NODE);
    assert_eq!(bench.asks(), Request::Read("/controller_epoch".into()));
}

#[test]
fn an_event_waits_until_the_errand_under_way_is_done() {
    let mut bench = bench();
    let watch = registering(&mut bench);
    bench.fire(watch, EventType::NodeCreated);
    assert!(matches!(bench.asks(), Request::CreateAndWrite { .. }));
    bench.answer(Answer::Created { path: "/controller".into(), czxid: 90 });
    assert_eq!(bench.asks(), Request::ExistsAndWatch("/controller".into()));
    bench.answer(Answer::Stands(Some(Stat::default())));
    bench.answer(data(MINE, 1));
    assert_eq!(bench.term, Some(Term(7)), "it is still the controller");
}

#[cfg(feature = "zoo")]
#[test]
fn planted_an_unanswered_registration_leaves_a_controller_that_does_nothing() {
    let mut bench = bench_with(Planted::new(Some(crate::Mutant::ElectsAnewWhenUnanswered)));
    registering(&mut bench);
    bench.answer(Answer::Unknown);
    assert_eq!(bench.asks(), Request::Read("/controller".into()));
    bench.answer(data(MINE, 1));
    assert_eq!((bench.term, bench.asked.len()), (None, 0));
}
