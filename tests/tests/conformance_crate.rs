//! The crate `zookeeper-client` cannot tell the service from Apache ZooKeeper: `tests/zookeeper-client` has the same outcome with both.
//!
//! Needs programs of others: see `interregnum_tests::outside`.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use interregnum_tests::compatibility::Section;
use interregnum_tests::either::{Maker, Servers, records};
use interregnum_tests::verdicts::Verdicts;
use interregnum_tests::{crates, outside};

/// How long the tests may be silent.
const LIMIT: Duration = Duration::from_secs(120);

const SECTION: Section = Section {
    name: "zookeeper-client",
    title: "zookeeper-client",
    about: "The crate of that name, unmodified, on tokio. A program of named tests (`tests/zookeeper-client`) calls all it can do, and \
            has its lock contended for by each of its recipes; of three servers, once with a follower and once with the leader, \
            which is killed at the end.",
};

/// All tests against the first of the servers, which is of this mode.
fn judge(program: &Path, mode: &str, servers: &mut Servers, prefix: &str) -> Verdicts {
    let addresses: Vec<String> = servers.beginning_with(mode).iter().map(SocketAddr::to_string).collect();
    Verdicts::of(Command::new(program).arg(mode).args(&addresses), servers, prefix, LIMIT)
}

#[test]
fn the_crate_cannot_tell() {
    if !outside::is_asked_for("zookeeper-client") {
        return;
    }
    let obtained = Maker::Apache.obtain().and_then(|()| crates::zookeeper_client());
    let Some(program) = outside::obtained(obtained) else { return };
    let seen = records(|maker, servers, members| {
        let verdicts = match members {
            1 => judge(program, "standalone", servers, ""),
            _ => judge(program, "follower", servers, "follower: ").and(judge(program, "leader", servers, "leader: ")),
        };
        verdicts.record("zookeeper-client", &crates::version(), maker.server(members))
    });
    SECTION.settle(&seen);
}
