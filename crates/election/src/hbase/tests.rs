use std::time::Duration;

use bytes::Bytes;
use client::{ErrorCode, EventType, Stat, Zxid};
use history::Term;

use super::Habits;
use super::master::Master;
use super::server_name::ServerName;
use crate::protocol::bench::Bench;
use crate::protocol::{Answer, Input, Request, Ticket};

const MASTER: &str = "/hbase/master";
const NODE_EXISTS: Answer = Answer::Refused(ErrorCode::NodeExists);

fn name(host: &str, start_code: i64) -> ServerName {
    ServerName { host: host.to_owned(), port: 16000, start_code }
}

fn bench() -> Bench<Master> {
    bench_with(Habits::default())
}

/// Up to the create.
fn bench_with(habits: Habits) -> Bench<Master> {
    let core = Master::new("/hbase", name("c1", 5), habits, host::random::derive(1, "salts"));
    let mut bench = Bench::connected(core);
    bench.answer(Answer::Done);
    let Request::Create { path, .. } = bench.asks() else { panic!("{:?}", bench.asked) };
    assert_eq!(path, "/hbase/backup-masters/c1,16000,5");
    bench.answer(Answer::Created { path, czxid: 2 });
    bench
}

fn stands() -> Answer {
    Answer::Stands(Some(Stat::default()))
}

/// The data of the master that this server is.
fn held_by(server: &ServerName) -> Answer {
    Answer::Data(Bytes::from(server.to_data(7)), Stat::default())
}

fn data_to_create(bench: &Bench<Master>) -> Bytes {
    let Request::Create { path, data, .. } = bench.asks() else { panic!("{:?}", bench.asked) };
    assert_eq!(path, MASTER);
    data
}

fn leading() -> (Bench<Master>, Ticket) {
    leading_with(Habits::default())
}

fn leading_with(habits: Habits) -> (Bench<Master>, Ticket) {
    let mut bench = bench_with(habits);
    bench.answer(Answer::Created { path: MASTER.into(), czxid: 9 });
    let watch = bench.answer(stands());
    assert!(matches!(bench.asks(), Request::Delete { path, .. } if path.starts_with("/hbase/backup-masters/")));
    bench.answer(Answer::Done);
    assert_eq!(bench.term, Some(Term(9)));
    (bench, watch)
}

fn waiting() -> (Bench<Master>, Ticket) {
    let mut bench = bench();
    bench.answer(NODE_EXISTS);
    bench.answer(stands());
    let watch = bench.answer(held_by(&name("c2", 5)));
    assert_eq!((bench.term, bench.asked.len()), (None, 0));
    (bench, watch)
}

#[test]
fn who_waits_tries_again_when_the_master_is_gone() {
    let (mut bench, watch) = waiting();
    bench.fire(watch, EventType::NodeDeleted);
    bench.answer(Answer::Stands(None));
    data_to_create(&bench);
}

#[test]
fn a_create_without_an_answer_is_told_by_its_data() {
    for is_own in [true, false] {
        let mut bench = bench();
        let data = data_to_create(&bench);
        bench.answer(Answer::Unknown);
        assert_eq!(data_to_create(&bench), data, "the same call");
        bench.answer(NODE_EXISTS);
        assert_eq!(bench.asks(), Request::Read(MASTER.into()));
        let found = if is_own { data } else { Bytes::from(name("c1", 5).to_data(7)) };
        bench.answer(Answer::Data(found, Stat { czxid: Zxid(8), ..Stat::default() }));
        bench.answer(stands());
        if is_own {
            bench.answer(Answer::Done);
        }
        assert_eq!(bench.term, is_own.then_some(Term(8)));
    }
}

#[test]
fn the_znode_of_ones_own_address_is_deleted_whatever_its_start_code() {
    let mut bench = bench();
    bench.answer(NODE_EXISTS);
    bench.answer(stands());
    bench.answer(held_by(&name("c1", 4)));
    assert_eq!(bench.asks(), Request::Delete { path: MASTER.into(), version: None });
    bench.answer(Answer::Done);
    data_to_create(&bench);
}

#[test]
fn a_patient_one_waits_for_it_to_go() {
    let mut bench = bench_with(Habits { patient: true, ..Habits::default() });
    bench.answer(NODE_EXISTS);
    bench.answer(stands());
    bench.answer(held_by(&name("c1", 4)));
    assert_eq!(bench.asked, []);
}

#[test]
fn only_the_end_of_the_session_aborts_a_master() {
    let (mut bench, watch) = leading();
    bench.step(Input::Disconnected);
    bench.fire(watch, EventType::NodeDeleted);
    bench.answer(Answer::Stands(None));
    assert_eq!((bench.term, bench.asked.len()), (Some(Term(9)), 0), "it does not care");
    bench.step(Input::SessionOver);
    assert!(bench.over && bench.term.is_none());
}

#[test]
fn a_cautious_one_aborts_with_its_connection() {
    let (mut bench, _) = leading_with(Habits { cautious: true, ..Habits::default() });
    bench.step(Input::Disconnected);
    assert!(bench.over && bench.term.is_none());
}

#[test]
fn who_stops_deletes_what_it_has_just_seen_to_be_its_own() {
    let (mut bench, _) = leading();
    bench.step(Input::Resign);
    assert_eq!((bench.term, bench.asks()), (None, Request::Read(MASTER.into())));
    bench.answer(held_by(&name("c1", 5)));
    assert_eq!(bench.asks(), Request::Delete { path: MASTER.into(), version: None });
    bench.answer(Answer::Done);
    assert!(bench.over);

    let (mut bench, _) = leading();
    bench.step(Input::Resign);
    bench.answer(held_by(&name("c1", 6)));
    assert!(bench.over, "another process's: left alone");
}

#[test]
fn what_is_not_answered_for_long_aborts() {
    let mut bench = bench();
    for _ in 0..4 {
        assert!(!bench.over);
        bench.answer(Answer::NotAsked);
    }
    assert!(bench.over);
}

#[test]
fn slowness_lies_between_the_look_and_the_deletion() {
    let mut bench = bench_with(Habits { slowness: Duration::from_secs(5), ..Habits::default() });
    bench.answer(NODE_EXISTS);
    bench.answer(stands());
    bench.answer(held_by(&name("c1", 4)));
    assert_eq!(bench.last_pause, Duration::from_secs(5));
}
