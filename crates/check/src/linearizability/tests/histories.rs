//! Histories as text: what is read, what is refused, what a recorder writes.

use history::Time;
use serde_json::json;

use super::{BUDGET, told};
use crate::linearizability::{History, HistoryError, ModelName, Recorder, Verdict, Wrong, judge};

fn refusal(model: ModelName, text: &str) -> String {
    let refusal: Result<_, HistoryError> = text.parse::<History>().and_then(|history| judge(&history, model, BUDGET));
    refusal.expect_err(text).to_string()
}

#[test]
fn any_scalar_is_a_process_and_unknown_fields_are_passed_over() {
    let text = r#"
{"process":1,"type":"invoke","f":"write","value":1,"time":5,"index":0}

{"process":"1","type":"invoke","f":"read"}
{"process":1,"type":"ok","f":"write","value":1,"time":5}
{"process":"1","type":"ok","value":1,"extra":{"a":[1]}}
{"process":null,"type":"invoke","f":"read","time":9}
"#;
    let history: History = text.parse().expect("it is well formed");
    assert_eq!(history.lines().count(), 5);
    let judgement = judge(&history, ModelName::Register, BUDGET).expect("it is well formed");
    assert_eq!((judgement.verdict, judgement.operations), (Verdict::Holds, 3));
}

#[test]
fn what_is_no_json_is_told_with_its_line_and_column() {
    let first = r#"{"process":1,"type":"invoke","f":"read"}"#;
    let told = refusal(ModelName::Register, &format!("{first}\n\n{{\"process\":1,"));
    assert!(told.starts_with("line 3: "), "{told}");
    assert!(told.ends_with(", at column 13"), "{told}");
    assert!(refusal(ModelName::Register, r#"{"type":"ok"}"#).contains("process"));
    assert!(refusal(ModelName::Register, r#"{"process":1,"type":"begin","f":"read"}"#).contains("begin"));
    assert!(refusal(ModelName::Register, r#"{"process":1,"type":"ok","time":-1}"#).contains("-1"));
    assert!(refusal(ModelName::Register, r#"{"process":[1],"type":"ok"}"#).contains("scalar"));
}

#[test]
fn a_history_in_which_processes_do_the_impossible_is_refused() {
    let refused = |events: &[&str]| judge(&told(events), ModelName::Register, BUDGET).expect_err("it is refused");
    let error = refused(&["a read", "a ok", "a ok"]);
    assert_eq!((error.line, error.wrong), (3, Wrong::NotInvoked { process: "a".into() }));
    let error = refused(&["a read", "b read", "a read"]);
    assert_eq!((error.line, error.wrong), (3, Wrong::Outstanding { process: "a".into(), earlier: 1 }));
    let history = r#"{"process":1,"type":"invoke","f":"read"}
{"process":1,"type":"ok","f":"write"}"#;
    assert_eq!(refusal(ModelName::Register, history), "line 2: process 1 completes `write`, but line 1 invoked `read`");
}

#[test]
fn an_operation_that_the_model_has_not_is_refused() {
    let error = judge(&told(&["a reed"]), ModelName::Register, BUDGET).expect_err("it is refused");
    let known = &["read", "write"][..];
    assert_eq!(error.wrong, Wrong::UnknownOperation { model: "register", name: "reed".into(), known });
    assert!(judge(&told(&["a cas [1,2]"]), ModelName::Register, BUDGET).is_err());
    assert!(judge(&told(&["a cas [1]"]), ModelName::Cas, BUDGET).is_err());
    assert!(judge(&told(&["a append 1"]), ModelName::KeyValue, BUDGET).is_err());
    assert!(judge(&told(&["a set 1"]), ModelName::Znode, BUDGET).is_err());
    assert!(judge(&told(&["a get", "a ok {\"error\":\"Oops\"}"]), ModelName::Znode, BUDGET).is_err());
}

#[test]
fn time_goes_forward() {
    let history = r#"{"process":1,"type":"invoke","f":"read","time":9}
{"process":2,"type":"invoke","f":"read"}
{"process":1,"type":"ok","time":8}"#;
    assert_eq!(refusal(ModelName::Register, history), "line 3: time goes backwards, from 9 to 8 ns");
}

#[test]
fn a_recorder_writes_what_is_read() {
    let recorder = Recorder::default();
    let write = recorder.invoke(Time::from_nanos(1), "a", "write", "x", 1);
    let read = recorder.clone().invoke(Time::from_nanos(2), 7, "read", "x", ());
    write.ok(Time::from_nanos(3), 1);
    read.fail(Time::from_nanos(4));
    recorder.invoke(Time::from_nanos(5), "a", "write", "x", 2).info(Time::from_nanos(6));
    drop(recorder.invoke(Time::from_nanos(7), "a", "write", "x", 3));
    let history = recorder.history();
    let text = history.to_string();
    assert_eq!(text.parse::<History>(), Ok(history.clone()));
    assert_eq!(
        text.lines()
            .map(|line| serde_json::from_str(line).expect("each line is JSON"))
            .collect::<Vec<serde_json::Value>>(),
        [
            json!({"process": "a", "type": "invoke", "f": "write", "key": "x", "value": 1, "time": 1}),
            json!({"process": 7, "type": "invoke", "f": "read", "key": "x", "time": 2}),
            json!({"process": "a", "type": "ok", "f": "write", "key": "x", "value": 1, "time": 3}),
            json!({"process": 7, "type": "fail", "f": "read", "key": "x", "time": 4}),
            json!({"process": "a", "type": "invoke", "f": "write", "key": "x", "value": 2, "time": 5}),
            json!({"process": "a", "type": "info", "f": "write", "key": "x", "time": 6}),
            json!({"process": "a", "type": "invoke", "f": "write", "key": "x", "value": 3, "time": 7}),
            json!({"process": "a", "type": "info", "f": "write", "key": "x"}),
        ]
    );
    let judgement = judge(&history, ModelName::Register, BUDGET).expect("it is well formed");
    assert_eq!((judgement.verdict, judgement.operations), (Verdict::Holds, 3), "what failed did not happen");
}
