//! `interregnum check`, with the program itself.

use std::fs;
use std::process::Command;
use std::time::Duration;

use interregnum_tests::process::{Finished, run};
use interregnum_tests::program;
use interregnum_tests::service::scratch;
use serde_json::Value;

const LIMIT: Duration = Duration::from_secs(60);

/// Judges a history, which lies in a file of its own.
fn check(history: &str, arguments: &[&str]) -> Finished {
    let (directory, _) = scratch();
    let file = directory.path().join("history.jsonl");
    fs::write(&file, history).expect("it is written");
    run(Command::new(program::interregnum()).arg("check").arg(&file).args(arguments), LIMIT)
}

const WRITTEN_TWICE: &str = r#"{"process":"a","type":"invoke","f":"write","key":"x","value":1,"time":1000000}
{"process":"a","type":"ok","f":"write","key":"x","value":1,"time":2000000}
{"process":"b","type":"invoke","f":"write","key":"x","value":2,"time":3000000}
{"process":"b","type":"ok","f":"write","key":"x","value":2,"time":4000000}
{"process":3,"type":"invoke","f":"read","key":"x","time":5000000}
"#;

fn read_of(value: u64) -> String {
    format!(
        "{WRITTEN_TWICE}{{\"process\":3,\"type\":\"ok\",\"f\":\"read\",\"key\":\"x\",\"value\":{value},\"time\":6000000}}\n"
    )
}

#[test]
fn a_linearizable_history_holds() {
    let finished = check(&read_of(2), &["--model", "register"]);
    assert_eq!(finished.code, Some(0), "{finished:#?}");
    assert!(finished.output.contains("operations 3, keys 1"), "{finished:#?}");
    assert!(finished.output.trim_end().ends_with(": linearizable"), "{finished:#?}");
    assert_eq!(finished.complaints, "");
}

#[test]
fn a_stale_read_is_shown_with_what_makes_it_stale() {
    let finished = check(&read_of(1), &["--model", "cas"]);
    assert_eq!(finished.code, Some(10), "{finished:#?}");
    let window: Vec<&str> = finished.output.lines().skip(1).collect();
    assert_eq!(
        window,
        [
            "  before: null",
            "  a  write 1 -> done  lines 1-2, 0.001000s to 0.002000s",
            "  b  write 2 -> done  lines 3-4, 0.003000s to 0.004000s",
            "  3  read    -> 1     lines 5-6, 0.005000s to 0.006000s  <- impossible",
        ]
    );
}

#[test]
fn scripts_read_one_object() {
    let finished = check(&read_of(1), &["--model", "register", "--json"]);
    assert_eq!(finished.code, Some(10), "{finished:#?}");
    let object: Value = serde_json::from_str(&finished.output).expect("it is one JSON object");
    assert_eq!(object["verdict"], "violated");
    assert_eq!(object["window"]["operations"].as_array().map(Vec::len), Some(3));
    assert_eq!(object["window"]["operations"][2]["answered_at"], 6_000_000);
    let finished = check(&read_of(2), &["--model", "register", "--json"]);
    let object: Value = serde_json::from_str(&finished.output).expect("it is one JSON object");
    assert_eq!((&object["verdict"], &object["operations"]), (&"holds".into(), &3.into()));
}

#[test]
fn a_spent_budget_is_told_from_both_answers() {
    let finished = check(&read_of(2), &["--model", "register", "--budget", "1"]);
    assert_eq!(finished.code, Some(1), "{finished:#?}");
    assert!(finished.output.contains("unknown of key \"x\": the budget of 1 states was spent"), "{finished:#?}");
    assert_eq!(finished.output.lines().count(), 1);
}

#[test]
fn what_is_wrong_with_a_history_is_told_in_one_line_with_its_place() {
    let refused = |history: &str, model: &str, parts: &[&str]| {
        let finished = check(history, &["--model", model]);
        assert_eq!(finished.code, Some(2), "{finished:#?}");
        assert_eq!(finished.output, "");
        let line = finished.only_complaint();
        for part in parts {
            assert!(line.contains(part), "`{part}` was expected in: {line}");
        }
    };
    refused(&format!("{WRITTEN_TWICE}{{\"process\":"), "register", &["history.jsonl:6: ", "column"]);
    refused("{\"process\":1,\"type\":\"ok\"}", "register", &["history.jsonl:1: ", "not invoked"]);
    refused(&format!("{WRITTEN_TWICE}{}", WRITTEN_TWICE), "register", &["history.jsonl:6: ", "backwards"]);
    let outstanding = "{\"process\":1,\"type\":\"invoke\",\"f\":\"read\"}\n";
    refused(&outstanding.repeat(2), "register", &["history.jsonl:2: ", "line 1", "outstanding"]);
    refused(&outstanding.replace("read", "raed"), "register", &["`register`", "`raed`", "did you mean `read`?"]);
    refused(outstanding, "znode", &["`znode`", "`read`"]);
    refused(outstanding, "registre", &["registre", "'register'"]);
}

#[test]
fn a_file_that_is_not_there_is_told_in_one_line() {
    let finished =
        run(Command::new(program::interregnum()).args(["check", "no/such/history.jsonl", "--model", "kv"]), LIMIT);
    assert_eq!(finished.code, Some(2), "{finished:#?}");
    assert!(finished.only_complaint().contains("no/such/history.jsonl"));
}
