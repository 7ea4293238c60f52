use std::time::Duration;

use history::{Event, LeadershipEvent, MachineEvent, NodeName, Record, ServiceEvent, Term, Time};

use super::*;
use crate::subject::Nodes;

pub(crate) fn at(milliseconds: u64, node: &str, event: Event) -> Record {
    let node = (!node.is_empty()).then(|| NodeName::new(node));
    Record { at: Time::from_nanos(milliseconds * 1_000_000), node, event }
}

pub(crate) fn elected(term: i64) -> Event {
    Event::Leadership(LeadershipEvent::Elected { term: Term(term) })
}

fn deposed(term: i64) -> Event {
    Event::Leadership(LeadershipEvent::Deposed { term: Term(term), reason: "test".into() })
}

fn created(path: &str, zxid: i64) -> Event {
    Event::Service(ServiceEvent::Created { path: path.into(), zxid, owner: 1, sequence: None })
}

fn deleted(path: &str, zxid: i64) -> Event {
    Event::Service(ServiceEvent::Deleted { path: path.into(), zxid })
}

fn subject(seconds: u64) -> Subject {
    let nodes = Nodes { candidates: vec!["a".into(), "b".into()], ..Nodes::default() };
    Subject { nodes, ended: Time::from_secs(seconds), ..Subject::default() }
}

fn spans<T: Clone>(spans: &[Span<T>]) -> Vec<(u64, u64)> {
    spans.iter().map(|span| (span.begins.as_millis(), span.ends.as_millis())).collect()
}

#[test]
fn truth_ends_with_the_znode_and_belief_when_its_holder_says_so() {
    let records = [
        at(100, "zk", created("/e/1", 5)),
        at(200, "a", elected(5)),
        at(500, "zk", created("/e/2", 6)),
        at(900, "zk", deleted("/e/1", 7)),
        at(950, "b", elected(6)),
        at(990, "a", deposed(5)),
    ];
    let story = Story::new(&subject(2), &records);
    let [a, b, zk] = story.lanes.as_slice() else { panic!("three nodes: {:?}", story.lanes) };
    assert_eq!((zk.name.as_str(), zk.role), ("zk", "node"));
    assert_eq!((spans(&a.truths), spans(&a.beliefs)), (vec![(200, 900)], vec![(200, 990)]));
    assert_eq!((spans(&b.truths), spans(&b.beliefs)), (vec![(950, 2000)], vec![(950, 2000)]));
    assert_eq!(spans(&story.crowds), [(950, 990)]);
    let words: Vec<&str> = story.entries.iter().map(|entry| entry.words.as_str()).collect();
    assert!(words.contains(&"the leadership of a (term 0x5) is over in truth, and it believes on"), "{words:?}");
    assert!(words.contains(&"believes to lead under term 0x6 — so does a still"), "{words:?}");
}

#[test]
fn a_term_that_is_no_znode_counts_until_it_is_given_up_or_outdone() {
    let records = [at(100, "a", elected(1)), at(200, "b", elected(2)), at(300, "b", deposed(2))];
    let story = Story::new(&subject(1), &records);
    assert_eq!(spans(&story.lanes[0].truths), [(100, 200)]);
    assert_eq!(spans(&story.lanes[1].truths), [(200, 300)]);
}

#[test]
fn interregna_are_those_that_the_monitor_measures() {
    let machine = |event| Event::Machine(event);
    let records = [
        at(100, "a", elected(1)),
        at(200, "a", machine(MachineEvent::Paused)),
        // It comes back before another is elected: nothing to measure.
        at(300, "a", machine(MachineEvent::Resumed)),
        at(400, "a", machine(MachineEvent::Killed)),
        at(600, "a", machine(MachineEvent::Started)),
        at(650, "b", elected(2)),
        // A stalled leader is none, whatever it believes.
        at(700, "b", machine(MachineEvent::Paused)),
        at(760, "a", elected(3)),
        at(800, "b", machine(MachineEvent::PowerLost)),
        at(900, "a", machine(MachineEvent::Killed)),
    ];
    let story = Story::new(&subject(1), &records);
    let lengths: Vec<_> = story.interregna.iter().map(Interregnum::length).collect();
    assert_eq!(lengths, [Some(Duration::from_millis(250)), Some(Duration::from_millis(60)), None]);
    assert_eq!(story.interregna[0].after, "a".into());
    assert_eq!(story.interregna[0].before, Some("b".into()));
    assert_eq!(spans(&story.lanes[0].beliefs), [(100, 400), (760, 900)]);
}

#[test]
fn replicas_tell_of_a_znode_once() {
    let records = [at(1, "zk1", created("/e", 5)), at(2, "zk2", created("/e", 5)), at(3, "zk1", created("/f", 5))];
    assert_eq!(Story::new(&subject(1), &records).entries.len(), 2);
}
