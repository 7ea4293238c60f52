//! Apache ZooKeeper's own Java client cannot tell the service from Apache ZooKeeper: `tests/java` passes against both.
//!
//! Needs programs of others: see `interregnum_tests::outside`.

use std::net::SocketAddr;
use std::time::Duration;

use interregnum_tests::either::{Maker, Servers};
use interregnum_tests::{java, outside, process};

/// How long all tests may take against one server.
const LIMIT: Duration = Duration::from_secs(120);

/// All tests against the first of these servers, which is of this mode.
fn judge(maker: Maker, mode: &str, servers: &[SocketAddr]) {
    let classes = java::classes().expect("they were compiled before");
    let addresses: Vec<String> = servers.iter().map(SocketAddr::to_string).collect();
    let arguments: Vec<&str> = std::iter::once(mode).chain(addresses.iter().map(String::as_str)).collect();
    let finished = process::run(&mut java::command(classes, "Suite", &arguments), LIMIT);
    println!("{}, {mode}:\n{}", maker.name(), finished.output);
    assert_eq!(finished.code, Some(0), "{}, {mode}:\n{}\n{}", maker.name(), finished.output, finished.complaints);
    let passed = finished.output.lines().filter(|line| line.starts_with("ok ")).count();
    assert!(passed > 0, "no test was made");
}

/// Runs a test if it is asked for and its programs can be had.
fn with_programs(maker: Maker, body: impl FnOnce()) {
    if !outside::is_asked_for("the Java client") {
        return;
    }
    if outside::obtained(maker.obtain().and_then(|()| java::classes())).is_some() {
        body();
    }
}

fn one_server(maker: Maker) {
    with_programs(maker, || judge(maker, "standalone", &maker.alone().addresses()));
}

fn three_servers(maker: Maker) {
    with_programs(maker, || {
        let servers: Servers = maker.ensemble();
        for mode in ["leader", "follower"] {
            judge(maker, mode, &servers.beginning_with(mode));
        }
    });
}

#[test]
fn the_java_client_is_at_home_with_interregnum() {
    one_server(Maker::Interregnum);
}

#[test]
fn the_java_client_is_at_home_with_an_ensemble_of_interregnum() {
    three_servers(Maker::Interregnum);
}

#[test]
fn the_tests_tell_the_truth_about_apache_zookeeper() {
    one_server(Maker::Apache);
}

#[test]
fn the_tests_tell_the_truth_about_an_ensemble_of_apache_zookeeper() {
    three_servers(Maker::Apache);
}
