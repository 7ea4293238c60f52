//! The histories that everybody knows.

use super::{holds, judged, violated};
use crate::linearizability::ModelName::{Cas, KeyValue, Register, Znode};
use crate::linearizability::Verdict;

#[test]
fn an_empty_history_holds() {
    holds(Register, &[]);
    holds(Znode, &["a get", "a info"]);
}

#[test]
fn a_read_sees_the_last_write() {
    holds(Register, &["a read", "a ok", "a write 1", "a ok", "b read", "b ok 1"]);
}

#[test]
fn a_read_beside_a_write_sees_either_value() {
    for seen in ["b ok 1", "b ok 2"] {
        holds(Register, &["a write 1", "a ok", "a write 2", "b read", seen, "a ok"]);
    }
}

#[test]
fn a_stale_read_is_a_violation() {
    let window = violated(Register, &["a write 1", "a ok", "b write 2", "b ok", "c read", "c ok 1"]);
    assert_eq!(window, ["a write 1 -> done", "b write 2 -> done", "c read -> 1"]);
}

#[test]
fn reads_that_see_two_writes_in_opposite_orders_are_a_violation() {
    let events = ["a write 1", "b write 2", "c read", "c ok 1", "d read", "d ok 2", "c read", "c ok 1", "a ok", "b ok"];
    violated(Register, &events);
    holds(Register, &events[..6]);
}

#[test]
fn a_value_that_was_never_written_is_a_violation_by_itself() {
    let events = ["a write 1", "a ok", "b read", "b ok 7", "a write 2", "a ok"];
    assert_eq!(violated(Register, &events), ["b read -> 7"]);
}

#[test]
fn a_lost_update_is_a_violation() {
    let increments = ["a write 0", "a ok", "b cas [0,1]", "c cas [0,1]", "b ok", "c ok"];
    assert_eq!(violated(Cas, &increments), ["a write 0 -> done", "b cas 0 to 1 -> done", "c cas 0 to 1 -> done"]);
    holds(Cas, &["a write 0", "a ok", "b cas [0,1]", "c cas [0,1]", "b ok", "c ok false", "a read", "a ok 1"]);
}

#[test]
fn a_compare_and_set_that_surely_failed_did_not_happen() {
    holds(Cas, &["a write 0", "a ok", "b cas [0,1]", "b fail", "a read", "a ok 0"]);
    violated(Cas, &["a write 0", "a ok", "b cas [0,1]", "b fail", "a read", "a ok 1"]);
}

#[test]
fn an_open_ended_write_may_be_seen_later_or_never() {
    let open = ["a write 1", "a ok", "b write 2", "b info", "c read", "c ok 1", "c read", "c ok 1"];
    holds(Register, &open);
    holds(Register, &[&open[..], &["c read", "c ok 2"]].concat());
    // Without a completion it is the same.
    holds(Register, &["b write 2", "c read", "c ok", "c read", "c ok 2"]);
}

#[test]
fn an_open_ended_write_that_was_seen_cannot_be_unseen() {
    let events = ["a write 1", "a ok", "b write 2", "b info", "c read", "c ok 2", "c read", "c ok 1"];
    assert_eq!(violated(Register, &events), ["a write 1 -> done", "b write 2 -> ?", "c read -> 2", "c read -> 1"]);
}

#[test]
fn an_open_ended_write_takes_effect_once_only() {
    let twice = ["a write 2", "a info", "c read", "c ok 2", "b write 1", "b ok", "c read", "c ok 2"];
    violated(Register, &twice);
    // Two equal ones may take effect twice.
    holds(Register, &[&["d write 2", "d info"], &twice[..]].concat());
}

#[test]
fn a_process_goes_on_after_a_call_in_doubt() {
    holds(Register, &["a write 1", "a info", "a write 2", "a ok", "a read", "a ok 1", "a read", "a ok 1"]);
}

#[test]
fn keys_are_parts_of_their_own() {
    let judgement =
        judged(Register, &["a write@x 1", "b write@y 2", "a ok", "b ok", "a read@y", "b read@x", "a ok 2", "b ok 1"]);
    assert_eq!((judgement.verdict, judgement.parts, judgement.operations), (Verdict::Holds, 2, 4));
    let window = violated(KeyValue, &["a put@x 1", "a ok", "b put@y 2", "b ok", "a get@y", "a ok 1"]);
    assert_eq!(window, ["a get -> 1"], "what is in x cannot be in y");
}

#[test]
fn appends_are_seen_in_one_order() {
    let events = ["a append \"1\"", "b append \"2\"", "a ok", "b ok", "c get", "c ok \"21\""];
    holds(KeyValue, &events);
    violated(KeyValue, &[&events[..], &["c get", "c ok \"12\""]].concat());
    violated(KeyValue, &["a append \"1\"", "a ok", "b append \"2\"", "b ok", "c get", "c ok \"21\""]);
    violated(KeyValue, &["a append \"1\"", "a info", "c get", "c ok \"11\""]);
}

#[test]
fn a_deleted_value_is_gone() {
    holds(KeyValue, &["a put 5", "a ok", "a delete", "a ok true", "a delete", "a ok false", "a get", "a ok null"]);
    violated(KeyValue, &["a put 5", "a ok", "a delete", "a ok", "a get", "a ok 5"]);
}

#[test]
fn a_znode_is_created_once() {
    let raced = |second| ["a create 1", "b create 2", "a ok", second, "c get", r#"c ok {"data":1,"version":0}"#];
    holds(Znode, &raced(r#"b ok {"error":"NodeExists"}"#));
    violated(Znode, &raced("b ok"));
}

#[test]
fn a_version_guards_a_znode() {
    let set = r#"b set {"data":2,"version":0}"#;
    let created = ["a create 1", "a ok", set, r#"b ok {"version":1}"#];
    holds(Znode, &[&created[..], &[set, r#"b ok {"error":"BadVersion"}"#]].concat());
    violated(Znode, &[&created[..], &[set, r#"b ok {"version":1}"#]].concat());
    holds(
        Znode,
        &[
            &created[..],
            &[
                r#"b delete {"version":1}"#,
                "b ok",
                "b exists",
                "b ok",
                "b create 3",
                "b ok",
                "b exists",
                r#"b ok {"version":0}"#,
            ],
        ]
        .concat(),
    );
    violated(Znode, &[&created[..], &[r#"b delete {"version":0}"#, "b ok"]].concat());
    holds(Znode, &["a set {\"data\":1}", r#"a ok {"error":"NoNode"}"#]);
}

#[test]
fn the_version_tells_a_set_in_doubt_that_happened() {
    let events = ["a create 1", "a ok", "b set {\"data\":2}", "b info", "a get", r#"a ok {"data":2,"version":1}"#];
    holds(Znode, &events);
    violated(Znode, &[&events[..], &["a get", r#"a ok {"data":2,"version":2}"#]].concat());
}
