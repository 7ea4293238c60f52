use bytes::Bytes;
use client::{ErrorCode, EventType, SessionId, Stat, Zxid};
use history::Term;

use super::elector::Elector;
use crate::mutant::Planted;
use crate::protocol::bench::Bench;
use crate::protocol::{Answer, Input, Request, Ticket};

const LOCK: &str = "/ha/ActiveStandbyElectorLock";
const BREADCRUMB: &str = "/ha/ActiveBreadCrumb";
const NO_NODE: Answer = Answer::Refused(ErrorCode::NoNode);
const NODE_EXISTS: Answer = Answer::Refused(ErrorCode::NodeExists);

fn bench() -> Bench<Elector> {
    bench_with(false, Planted::default())
}

/// Up to the creation of the lock.
fn bench_with(is_cautious: bool, planted: Planted) -> Bench<Elector> {
    let mut bench = Bench::connected(Elector::new("/ha", "c1", is_cautious, planted));
    bench.answer(Answer::Done);
    assert!(matches!(bench.asks(), Request::Create { path, .. } if path == LOCK));
    bench
}

/// The lock of this session, made by this transaction.
fn lock_of(session: i64, czxid: i64) -> Answer {
    let stat = Stat { czxid: Zxid(czxid), ephemeral_owner: SessionId(session), ..Stat::default() };
    Answer::Stands(Some(stat))
}

fn breadcrumb_of(name: &str, version: i32) -> Answer {
    Answer::Data(Bytes::from(name.to_owned()), Stat { version, ..Stat::default() })
}

fn create_lock(bench: &mut Bench<Elector>, czxid: i64) -> Ticket {
    bench.answer(Answer::Created { path: LOCK.into(), czxid });
    // The look at the breadcrumb, and beside it the watch, whose answer is given first here.
    assert_eq!(bench.asked.len(), 2);
    bench.asked.reverse();
    bench.answer(lock_of(bench.session.0, czxid))
}

fn active_with(is_cautious: bool) -> (Bench<Elector>, Ticket) {
    let mut bench = bench_with(is_cautious, Planted::default());
    let watch = create_lock(&mut bench, 9);
    bench.answer(NO_NODE);
    assert!(matches!(bench.asks(), Request::Create { path, .. } if path == BREADCRUMB));
    bench.answer(Answer::Created { path: BREADCRUMB.into(), czxid: 10 });
    assert_eq!(bench.term, Some(Term(9)));
    (bench, watch)
}

#[test]
fn the_old_active_is_fenced_off_before_the_new_one_acts() {
    let mut bench = bench();
    create_lock(&mut bench, 9);
    bench.answer(breadcrumb_of("c2", 4));
    assert_eq!(bench.asks(), Request::Fence(Term(9)));
    bench.answer(Answer::Done);
    let Request::Write { path, version, .. } = bench.asks() else { panic!("{:?}", bench.asked) };
    assert_eq!((path.as_str(), version, bench.term), (BREADCRUMB, Some(4), None));
    bench.answer(Answer::Stands(Some(Stat::default())));
    assert_eq!(bench.term, Some(Term(9)));
}

#[test]
fn ones_own_breadcrumb_needs_no_fence() {
    let mut bench = bench();
    create_lock(&mut bench, 9);
    bench.answer(breadcrumb_of("c1", 4));
    assert!(matches!(bench.asks(), Request::Write { version: Some(4), .. }));
}

#[test]
fn whoever_cannot_fence_or_is_overtaken_does_not_become_active() {
    let mut unfenced = bench();
    create_lock(&mut unfenced, 9);
    unfenced.answer(breadcrumb_of("c2", 4));
    unfenced.answer(Answer::Unknown);
    assert!(unfenced.over && unfenced.term.is_none());

    let mut overtaken = bench();
    create_lock(&mut overtaken, 9);
    overtaken.answer(breadcrumb_of("c2", 4));
    overtaken.answer(Answer::Done);
    overtaken.answer(Answer::Refused(ErrorCode::BadVersion));
    assert!(overtaken.over && overtaken.term.is_none());
}

#[test]
fn a_lock_that_was_asked_for_twice_is_told_by_its_owner() {
    for (owner, is_own) in [(1, true), (7, false)] {
        let mut bench = bench();
        bench.answer(Answer::Unknown);
        bench.answer(NODE_EXISTS);
        assert_eq!(bench.asks(), Request::ExistsAndWatch(LOCK.into()));
        bench.answer(lock_of(owner, 9));
        let reads = bench.asked.iter().any(|(_, request)| *request == Request::Read(BREADCRUMB.into()));
        assert_eq!(reads, is_own);
    }
}

#[test]
fn an_active_one_stays_active_in_neutral_mode_until_another_is() {
    let (mut bench, _) = active_with(false);
    bench.step(Input::Disconnected);
    assert_eq!(bench.term, Some(Term(9)));
    bench.step(Input::SessionOver);
    assert_eq!(bench.term, Some(Term(9)), "the application was not told anything");
    bench.reconnect_anew();
    bench.answer(Answer::Done);
    bench.answer(NODE_EXISTS);
    assert_eq!(bench.term, None, "now it stands by");
}

#[test]
fn a_cautious_one_stands_by_with_its_connection_and_comes_back_with_it() {
    let (mut bench, _) = active_with(true);
    bench.step(Input::Disconnected);
    assert_eq!(bench.term, None);
    bench.step(Input::Connected { session: bench.session });
    bench.answer(lock_of(1, 9));
    bench.answer(breadcrumb_of("c1", 0));
    bench.answer(Answer::Stands(Some(Stat::default())));
    assert_eq!(bench.term, Some(Term(9)));
}

#[test]
fn a_standby_joins_when_the_lock_is_gone() {
    let mut bench = bench();
    bench.answer(NODE_EXISTS);
    let watch = bench.answer(lock_of(7, 9));
    assert_eq!((bench.term, bench.asked.len()), (None, 0));
    bench.fire(watch, EventType::NodeDeleted);
    assert!(matches!(bench.asks(), Request::Create { path, .. } if path == LOCK));
}

#[test]
fn who_quits_gracefully_takes_its_breadcrumb_with_it() {
    let (mut bench, _) = active_with(false);
    bench.step(Input::Resign);
    assert_eq!(bench.term, None);
    bench.answer(breadcrumb_of("c1", 3));
    assert_eq!(bench.asks(), Request::Delete { path: BREADCRUMB.into(), version: Some(3) });
    bench.answer(Answer::Done);
    assert!(bench.over);
}

#[cfg(feature = "zoo")]
#[test]
fn planted_activation_comes_before_the_fence_and_outlives_its_session() {
    let mut early = bench_with(false, Planted::new(Some(crate::Mutant::ActivatesBeforeFencing)));
    early.answer(Answer::Created { path: LOCK.into(), czxid: 9 });
    assert_eq!(early.term, Some(Term(9)));

    let mut late = bench_with(false, Planted::new(Some(crate::Mutant::CarriesOnInNextSession)));
    create_lock(&mut late, 9);
    late.answer(breadcrumb_of("c2", 4));
    late.step(Input::SessionOver);
    late.reconnect_anew();
    assert_eq!(late.asks(), Request::Fence(Term(9)));
}

#[cfg(feature = "zoo")]
#[test]
fn planted_a_lock_with_ones_own_name_will_do() {
    let mut bench = bench_with(false, Planted::new(Some(crate::Mutant::TakesDataForOwner)));
    bench.answer(NODE_EXISTS);
    bench.answer(Answer::Data(Bytes::from_static(b"c1"), Stat { czxid: Zxid(5), ..Stat::default() }));
    assert_eq!(bench.asks(), Request::Read(BREADCRUMB.into()));
}
