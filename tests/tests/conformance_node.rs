//! node-zookeeper-client, the JavaScript client, cannot tell the service from Apache ZooKeeper: `tests/node/client.js` has the same
//! outcome with both.
//!
//! Needs programs of others: see `interregnum_tests::outside`.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use interregnum_tests::apache::install_package;
use interregnum_tests::compatibility::Section;
use interregnum_tests::either::{Maker, records};
use interregnum_tests::kazoo::is_there;
use interregnum_tests::process::run;
use interregnum_tests::{outside, program, script};

/// The version that the script is written for.
const VERSION: &str = "1.1.3";

const SECTION: Section = Section {
    name: "node",
    title: "Node",
    about: "node-zookeeper-client from npm, which is JavaScript throughout. A script of named cases (`tests/node`) calls all it can do; in \
            one of them the server that leads, or the only one, is killed and started again.",
};

/// The directory in which Node finds the client.
fn modules() -> Result<PathBuf, String> {
    install_package("nodejs", || is_there("node"))?;
    install_package("npm", || is_there("npm"))?;
    let directory = program::target_directory().join("tmp").join("node");
    let modules = directory.join("node_modules");
    std::fs::create_dir_all(&directory).map_err(|error| error.to_string())?;
    let mut command = Command::new("npm");
    command.args(["install", "--silent", "--no-audit", "--no-fund", "--no-save", "--prefix"]).arg(&directory);
    let finished = run(command.arg(format!("node-zookeeper-client@{VERSION}")), Duration::from_secs(180));
    if finished.code == Some(0) { Ok(modules) } else { Err(format!("npm: {}{}", finished.output, finished.complaints)) }
}

#[test]
fn the_node_client_cannot_tell() {
    if !outside::is_asked_for("node-zookeeper-client") {
        return;
    }
    let Some(modules) = outside::obtained(Maker::Apache.obtain().and_then(|()| modules())) else { return };
    let source = program::workspace().join("tests").join("node").join("client.js");
    let seen = records(|maker, servers, members| {
        let mut command = Command::new("node");
        command.arg(&source).env("NODE_PATH", &modules);
        script::record(&mut command, "node-zookeeper-client", servers, maker.server(members))
    });
    SECTION.settle(&seen);
}
