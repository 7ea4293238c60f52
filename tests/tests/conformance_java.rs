//! Apache ZooKeeper's own Java client cannot tell the service from Apache ZooKeeper: `tests/java` has the same outcome with both.
//!
//! Needs programs of others: see `interregnum_tests::outside`.

use std::net::SocketAddr;
use std::time::Duration;

use interregnum_tests::compatibility::Section;
use interregnum_tests::either::{Maker, Servers, records};
use interregnum_tests::verdicts::Verdicts;
use interregnum_tests::{apache, java, outside};

/// How long the tests may be silent.
const LIMIT: Duration = Duration::from_secs(120);

const SECTION: Section = Section {
    name: "java",
    title: "Java",
    about: "The client that comes with Apache ZooKeeper. A program of named tests (`tests/java`) calls all it can do; of three servers, \
            once with a follower and once with the leader, which is killed at the end.",
};

/// All tests against the first of the servers, which is of this mode.
fn judge(mode: &str, servers: &mut Servers, prefix: &str) -> Verdicts {
    let classes = java::classes().expect("they were compiled before");
    let addresses: Vec<String> = servers.beginning_with(mode).iter().map(SocketAddr::to_string).collect();
    let arguments: Vec<&str> = std::iter::once(mode).chain(addresses.iter().map(String::as_str)).collect();
    Verdicts::of(&mut java::command(classes, "Suite", &arguments), servers, prefix, LIMIT)
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
            1 => judge("standalone", servers, ""),
            _ => judge("follower", servers, "follower: ").and(judge("leader", servers, "leader: ")),
        };
        verdicts.record("Java", &apache::version(), maker.server(members))
    });
    SECTION.settle(&seen);
}
