use std::time::Duration;

use history::{Event, LeadershipEvent, NetworkEvent, NodeName, Term, Time};

use super::*;
use crate::subject::{Nodes, Violation};

fn record(micros: u64, node: &str, event: Event) -> Record {
    Record { at: Time::from_nanos(micros * 1_000), node: Some(NodeName::new(node)), event }
}

fn subject(message: &str) -> Subject {
    Subject {
        scenario: "election/docs".into(),
        verdict: "safety".into(),
        nodes: Nodes { candidates: vec!["a".into(), "b".into()], ..Nodes::default() },
        violations: vec![Violation {
            monitor: "m".into(),
            at: Time::from_secs(9),
            node: None,
            message: message.into(),
        }],
        failovers: vec![Duration::from_millis(1_500)],
        ended: Time::from_secs(9),
        length: Duration::from_secs(300),
        ..Subject::default()
    }
}

/// What the page embeds, read as a browser does: up to the first end of a script element.
fn embedded(page: &str) -> Value {
    let (_, rest) = page.split_once("<script type=\"application/json\" id=\"run\">").expect("data are embedded");
    let (json, _) = rest.split_once("</script").expect("the element ends");
    serde_json::from_str(json).expect("they are JSON")
}

#[test]
fn no_text_of_a_run_can_leave_its_place() {
    let hostile = "</script><script>alert(1)</script><!-- {{style}} \u{2028} & \"quotes\"";
    let mut subject = subject(hostile);
    subject.scenario = hostile.into();
    let page = page(&subject, &[]);
    let data = embedded(&page);
    assert_eq!(data["violations"][0][3], hostile);
    assert_eq!(data["scenario"], hostile);
    assert!(!page.contains("<script>alert"), "neither in the data nor in the title");
    assert_eq!(page.matches("</script").count(), 2, "the data and the script");
    assert!(
        !page.contains("{{style}} ") || page.contains("\\u003c!-- {{style}}"),
        "what is put in is not filled again"
    );
}

#[test]
fn asks_nobody_for_anything() {
    for page in [page(&subject("x"), &[]), page_of_times("x", &Distribution::default())] {
        for mark in ["http://", "https://", "src=", "@import", "url(", "eval(", "innerHTML", "onclick"] {
            let count = page.matches(mark).count();
            // The namespace of SVG is a name, not an address.
            let names = if mark == "http://" { page.matches("http://www.w3.org/2000/svg").count() } else { 0 };
            assert_eq!(count, names, "{mark}");
        }
        assert!(page.contains("default-src 'none'"));
        assert!(!page.contains("{{") || !page.contains("}}\n"), "every mark is filled");
    }
}

#[test]
fn holds_what_is_drawn() {
    let records = [
        record(100, "a", Event::Leadership(LeadershipEvent::Elected { term: Term(7) })),
        record(1_500, "b", Event::Network(NetworkEvent::Delivered { from: "a".into(), bytes: 40 })),
        record(1_750, "a", Event::Network(NetworkEvent::Delivered { from: "b".into(), bytes: 8 })),
        record(2_000, "b", Event::Leadership(LeadershipEvent::Elected { term: Term(9) })),
    ];
    let data = embedded(&page(&subject("x"), &records));
    assert_eq!(data["messages"], serde_json::json!([1_500, 0, 40, 250, 1, 8]));
    assert_eq!(data["pairs"], serde_json::json!([[0, 1], [1, 0]]));
    assert_eq!(data["lanes"][0]["belief"], serde_json::json!([[100, 9_000_000, "0x7"]]));
    assert_eq!(data["lanes"][0]["truth"], serde_json::json!([[100, 2_000, "0x7"]]));
    assert_eq!(data["crowds"], serde_json::json!([[2_000, 9_000_000, [0, 1]]]));
    assert_eq!(data["focus"], 9_000_000);
    assert_eq!(data["times"]["sorted"], serde_json::json!([1_500.0]));
    assert_eq!(data["entries"].as_array().unwrap().len(), 3);
}

#[test]
fn details_far_from_the_focus_are_left_out_and_counted() {
    let act = |at: u64| Event::Note { topic: "test".into(), text: at.to_string() };
    let detail = |at: u64| Event::Leadership(LeadershipEvent::Waiting { on: at.to_string() });
    let records: Vec<Record> =
        (0..30_000).flat_map(|at| [record(at * 100, "a", detail(at)), record(at * 100, "a", act(at))]).collect();
    let data = embedded(&page(&subject("x"), &records));
    assert_eq!(data["entriesLeftOut"], 10_000);
    assert_eq!(data["entries"].as_array().unwrap().len(), 50_001, "what is worth reading is all there");
}
