//! `zkCli.sh` prints the same of the service and of Apache ZooKeeper, but for the numbers of transactions, times and sessions.
//!
//! Needs programs of others: see `interregnum_tests::outside`.

use std::fs;
use std::net::SocketAddr;
use std::thread;

use interregnum_tests::either::{Maker, Servers};
use interregnum_tests::{outside, program, zkcli};

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

/// Ours, and what they are measured against: both at once, since most of it is waiting for virtual machines to start.
fn of_both<T: Send>(act: impl Fn(Maker) -> T + Sync) -> (T, T) {
    thread::scope(|scope| {
        let theirs = scope.spawn(|| act(Maker::Apache));
        let ours = act(Maker::Interregnum);
        (ours, theirs.join().expect("it has not panicked"))
    })
}

fn types(server: impl Fn(Maker) -> (Servers, SocketAddr) + Sync) {
    let script = program::workspace().join("tests").join("zkcli").join("session.txt");
    let script = fs::read_to_string(script).expect("it lies in the workspace");
    let (ours, theirs) = of_both(|maker| {
        let (_servers, server) = server(maker);
        zkcli::typed(server, &script)
    });
    // The yardstick itself has done what it was asked.
    let created = (script.lines().next().expect("it begins").to_owned(), vec!["Created /z".to_owned()]);
    assert_eq!(theirs.commands.first(), Some(&created), "{theirs:#?}");
    assert!(!theirs.events.is_empty(), "no event was printed");
    let pairs = ours.commands.iter().zip(&theirs.commands);
    let differences: Vec<String> = pairs
        .filter(|(ours, theirs)| ours != theirs)
        .map(|((command, ours), (_, theirs))| format!("{command}\nours: {ours:#?}\ntheirs: {theirs:#?}"))
        .collect();
    println!("{} commands", theirs.commands.len());
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    assert_eq!(ours.events, theirs.events, "the events");
}

/// Runs a test if it is asked for and its programs can be had.
fn with_programs(body: impl FnOnce()) {
    if outside::is_asked_for("zkCli.sh") && outside::obtained(zkcli::obtain()).is_some() {
        body();
    }
}

#[test]
fn what_is_typed_has_the_same_answers() {
    with_programs(|| {
        types(|maker| {
            let servers = maker.alone();
            let address = servers.addresses()[0];
            (servers, address)
        });
    });
}

#[test]
fn what_is_typed_at_a_follower_has_the_same_answers() {
    with_programs(|| {
        types(|maker| {
            let servers = maker.ensemble();
            let address = servers.beginning_with("follower")[0];
            (servers, address)
        });
    });
}

#[test]
fn what_is_called_has_the_same_answers_and_ends_in_the_same_way() {
    with_programs(|| {
        let (ours, theirs) = of_both(|maker| {
            let servers = maker.alone();
            CALLS.map(|call| (call, zkcli::called(servers.addresses()[0], call)))
        });
        assert_eq!(ours, theirs);
        assert_eq!(theirs[0].1, (vec!["Created /n".to_owned()], Some(0)), "the yardstick itself");
    });
}
