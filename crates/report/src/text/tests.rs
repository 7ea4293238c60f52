use history::{Event, FaultEvent, LeadershipEvent, MachineEvent, NodeName, Phase, ServiceEvent, Term};

use super::*;
use crate::subject::{Fault, Nodes, Violation};

fn at(milliseconds: u64, node: &str, event: Event) -> Record {
    let node = (!node.is_empty()).then(|| NodeName::new(node));
    Record { at: Time::from_nanos(milliseconds * 1_000_000), node, event }
}

fn elected(term: i64) -> Event {
    Event::Leadership(LeadershipEvent::Elected { term: Term(term) })
}

fn double_leader(message: &str) -> Subject {
    Subject {
        scenario: "election/docs".into(),
        seed: 7,
        command: "cargo sim replay double.toml".into(),
        versions: "interregnum 0.1.0".into(),
        trace: "0123456789abcdef".into(),
        nodes: Nodes {
            servers: vec!["zk1".into()],
            candidates: vec!["c1".into(), "c2".into()],
            resources: vec!["vault".into()],
        },
        faults: vec![Fault {
            at: Time::from_secs(1),
            lasts: Some(Duration::from_secs(9)),
            family: "pause".into(),
            what: "stall c1".into(),
        }],
        verdict: "safety".into(),
        violations: vec![Violation {
            monitor: "single-leader/belief".into(),
            at: Time::from_secs(8),
            node: Some("c2".into()),
            message: message.into(),
        }],
        ended: Time::from_secs(8),
        length: Duration::from_secs(300),
        ..Subject::default()
    }
}

fn records() -> Vec<Record> {
    vec![
        at(0, "", Event::Phase(Phase::Safety)),
        at(100, "c1", elected(1)),
        at(1_000, "", Event::Fault(FaultEvent::Begins { index: 0, family: "pause".into(), what: "stall c1".into() })),
        at(1_000, "c1", Event::Machine(MachineEvent::Paused)),
        at(7_000, "zk1", Event::Service(ServiceEvent::SessionExpired { session: 9 })),
        at(8_000, "c2", elected(2)),
    ]
}

#[test]
fn names_what_broke_and_what_went_before() {
    let told = text(&double_leader("c2 believes too"), &records());
    for part in [
        "election/docs, seed 7: a safety violation",
        "single-leader/belief broke at 8.000000s: c2 believes too",
        "1 server, 2 candidates, 8.0 s of 300 s, 1 fault",
        "   1.000        fault 0, pause: stall c1 (for 9.000 s)",
        "   1.000  c1    stalls, believing to lead",
        "   7.000  zk1   the service lets session 0x9 expire",
        "   8.000  c2    believes to lead under term 0x2 — so does c1 still",
        "   8.000✗ c2    single-leader/belief: c2 believes too",
        "c1 and c2 believed to lead at once from 8.000 on",
        "cargo sim replay double.toml # trace 0123456789abcdef, interregnum 0.1.0",
    ] {
        assert!(told.contains(part), "`{part}` was expected in:\n{told}");
    }
}

#[test]
fn is_short_and_narrow_whatever_happened() {
    let mut subject = double_leader(&"a very long message ".repeat(500));
    subject.parameters = (0..200).map(|key| (format!("key{key}"), "value".to_owned())).collect();
    let mut records = records();
    for at_ms in 8_001..20_000 {
        let node = format!("c{}", at_ms % 9);
        records.push(at(at_ms, &node, elected(at_ms as i64)));
        records.push(at(at_ms, &node, Event::Machine(MachineEvent::Killed)));
    }
    subject.ended = Time::from_secs(20);
    for violation in 0..40 {
        let again = Violation { monitor: format!("monitor-{}", violation % 30), ..subject.violations[0].clone() };
        subject.violations.push(again);
    }
    let told = text(&subject, &records);
    assert!(told.lines().count() <= MOST_LINES && MOST_LINES < 60, "{told}");
    assert!(told.lines().count() > 50, "room is used: {told}");
    let (last, lines) =
        told.lines().collect::<Vec<_>>().split_last().map(|(last, lines)| (*last, lines.to_vec())).unwrap();
    assert!(last.starts_with("cargo sim replay double.toml #"));
    for line in lines {
        assert!(line.chars().count() <= WIDTH, "{line}");
    }
}

#[test]
fn a_run_that_held_is_told_as_well() {
    let mut subject = double_leader("");
    subject.violations.clear();
    subject.verdict = "ok".into();
    subject.failovers = [1, 2, 30].map(Duration::from_secs).into();
    let told = text(&subject, &records());
    assert!(told.starts_with("election/docs, seed 7: everything held\n"), "{told}");
    assert!(told.contains("times without a leader: 3; median 2.00 s, longest 30.00 s"), "{told}");
    assert!(!told.contains('✗'), "{told}");
}

#[test]
fn a_distribution_is_bars_that_add_up() {
    let times = Distribution::new([60, 61, 62, 6_100, 6_200, 12_000].map(Duration::from_millis).into(), 4);
    let told = text_of_times(&times);
    assert!(told.starts_with("6 times without a leader in 4 runs: median 6.10 s, p99 12.00 s, longest 12.00 s\n"));
    assert!(told.lines().nth(1).unwrap().contains(&"█".repeat(48)), "{told}");
    assert!(told.lines().last().unwrap().ends_with("1 100.0 %"), "{told}");
    assert_eq!(text_of_times(&Distribution::default()), "no times without a leader in 0 runs\n");
}
