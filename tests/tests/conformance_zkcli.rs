//! `zkCli.sh` prints the same of the service and of Apache ZooKeeper, but for the numbers of transactions, times and sessions.
//!
//! Needs programs of others: see `interregnum_tests::outside`.

use std::collections::BTreeMap;
use std::fs;

use interregnum_tests::compatibility::{Case, Record, Section};
use interregnum_tests::either::{Maker, Servers, records};
use interregnum_tests::{apache, outside, program, zkcli};

const SECTION: Section = Section {
    name: "zkcli",
    title: "zkCli.sh",
    about: "The command line that comes with Apache ZooKeeper: what is typed into it (`tests/zkcli/session.txt`), and, against one \
            server, what it is called with. A command passes if its output is that of Apache ZooKeeper, but for the numbers of \
            transactions, times, sessions and ports. Of three servers it is connected to a follower.",
};

/// Given as arguments, each to a process of its own.
const CALLS: [&str; 9] = [
    "create /n data",
    "create /n",
    "get /n",
    "set -v 9 /n x",
    "set -s /n more",
    "ls /",
    "ls /no",
    "nonsense",
    "delete /n",
];

/// What each command printed, by its number and text; and what was told of watches.
type Seen = BTreeMap<String, String>;

fn types(servers: &Servers, mode: &str) -> Seen {
    let script = program::workspace().join("tests").join("zkcli").join("session.txt");
    let script = fs::read_to_string(script).expect("it lies in the workspace");
    let transcript = zkcli::typed(servers.beginning_with(mode)[0], &script);
    assert_eq!(transcript.commands[0].1, ["Created /z"], "it has not begun well: {transcript:#?}");
    assert!(!transcript.events.is_empty(), "no event was printed");
    let commands = transcript.commands.iter().enumerate();
    let mut seen: Seen =
        commands.map(|(number, (command, output))| (format!("{number}: {command}"), output.join("; "))).collect();
    seen.insert("all events".to_owned(), transcript.events.join("; "));
    seen
}

fn calls(servers: &Servers) -> Seen {
    let call = |call: &str| {
        let (output, code) = zkcli::called(servers.addresses()[0], call);
        (format!("called with {call}"), format!("{}; ends with {code:?}", output.join("; ")))
    };
    CALLS.into_iter().map(call).collect()
}

/// What is not as it is with Apache ZooKeeper.
fn differences(ours: &Seen, theirs: &Seen) -> Vec<Case> {
    assert!(ours.keys().eq(theirs.keys()), "the same was asked");
    let pairs = ours.iter().zip(theirs.values()).filter(|((_, ours), theirs)| ours != theirs);
    pairs.map(|((name, ours), theirs)| Case { name: name.clone(), reason: format!("{ours}, not {theirs}") }).collect()
}

#[test]
fn the_command_line_cannot_tell() {
    if !outside::is_asked_for("zkCli.sh") || outside::obtained(zkcli::obtain()).is_none() {
        return;
    }
    let all = std::sync::Mutex::new(BTreeMap::new());
    let mut seen: Vec<Record> = records(|maker, servers, members| {
        let mut seen = types(servers, if members == 1 { "standalone" } else { "follower" });
        if members == 1 {
            seen.extend(calls(servers));
        }
        let passed = seen.len();
        all.lock().expect("nobody has panicked").insert((maker == Maker::Apache, members), seen);
        let (client, version) = ("zkCli.sh".to_owned(), apache::version());
        Record { client, version, server: maker.server(members), passed, failed: Vec::new(), skipped: Vec::new() }
    });
    let all = all.into_inner().expect("nobody has panicked");
    // Apache ZooKeeper is the measure, and passes.
    for record in seen.iter_mut().filter(|record| record.server == Maker::Interregnum.server(record.server.members)) {
        let members = record.server.members;
        record.failed = differences(&all[&(false, members)], &all[&(true, members)]);
        record.passed -= record.failed.len();
    }
    SECTION.settle(&seen);
}
