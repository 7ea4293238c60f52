//! Apache ZooKeeper's own Java client cannot tell the service from Apache ZooKeeper: `tests/java` has the same outcome with both.
//!
//! Needs programs of others: see `interregnum_tests::outside`.

use std::net::SocketAddr;
use std::time::Duration;

use interregnum_tests::compatibility::Section;
use interregnum_tests::either::{Maker, records};
use interregnum_tests::verdicts::Verdicts;
use interregnum_tests::{apache, java, outside, process};

/// How long all tests may take against one server.
const LIMIT: Duration = Duration::from_secs(120);

const SECTION: Section = Section {
    name: "java",
    title: "Java",
    about: "The client that comes with Apache ZooKeeper. A program of named tests (`tests/java`) calls all it can do; of three servers, \
            once with the leader and once with a follower.",
};

/// All tests against the first of these servers, which is of this mode.
fn judge(mode: &str, servers: &[SocketAddr], prefix: &str) -> Verdicts {
    let classes = java::classes().expect("they were compiled before");
    let addresses: Vec<String> = servers.iter().map(SocketAddr::to_string).collect();
    let arguments: Vec<&str> = std::iter::once(mode).chain(addresses.iter().map(String::as_str)).collect();
    Verdicts::of(&process::run(&mut java::command(classes, "Suite", &arguments), LIMIT), prefix)
}

#[test]
fn the_java_client_cannot_tell() {
    if !outside::is_asked_for("the Java client") {
        return;
    }
    if outside::obtained(Maker::Apache.obtain().and_then(|()| java::classes())).is_none() {
        return;
    }
    let seen = records(|maker, servers, members| {
        let verdicts = match members {
            1 => judge("standalone", &servers.addresses(), ""),
            _ => judge("leader", &servers.beginning_with("leader"), "leader: ").and(judge(
                "follower",
                &servers.beginning_with("follower"),
                "follower: ",
            )),
        };
        verdicts.record("Java", &apache::version(), maker.server(members))
    });
    SECTION.settle(&seen);
}
