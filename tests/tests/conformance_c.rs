//! The C client cannot tell the service from Apache ZooKeeper: `tests/c/client.c` has the same outcome with both.
//!
//! Needs programs of others: see `interregnum_tests::outside`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use interregnum_tests::apache::install_package;
use interregnum_tests::compatibility::Section;
use interregnum_tests::either::{Maker, records};
use interregnum_tests::kazoo::is_there;
use interregnum_tests::process::run;
use interregnum_tests::{outside, program, script};

const SECTION: Section = Section {
    name: "c",
    title: "C",
    about: "The multithreaded C client that comes with Apache ZooKeeper, as Debian packages it. A program of named cases (`tests/c`) calls \
            all it can do; in one of them the server that leads, or the only one, is killed and started again.",
};

/// The program, compiled.
fn client() -> Result<PathBuf, String> {
    install_package("gcc", || is_compiled("int main(void) { return 0; }", &[]))?;
    let uses_client = "#include <zookeeper/zookeeper.h>\nint main(void) { return zerror(0) == 0; }";
    install_package("libzookeeper-mt-dev", || is_compiled(uses_client, &LIBRARIES))?;
    let source = program::workspace().join("tests").join("c").join("client.c");
    let program = program::target_directory().join("tmp").join("c-client");
    compile(&source, &program, &LIBRARIES).map(|()| program)
}

const LIBRARIES: [&str; 2] = ["-lzookeeper_mt", "-lpthread"];

fn compile(source: &Path, program: &Path, libraries: &[&str]) -> Result<(), String> {
    let mut command = Command::new("cc");
    command.args(["-std=gnu11", "-O1", "-Wall", "-Wextra", "-Werror", "-DTHREADED", "-o"]);
    let finished = run(command.arg(program).arg(source).args(libraries), Duration::from_secs(60));
    if finished.code == Some(0) { Ok(()) } else { Err(format!("cc: {}", finished.complaints)) }
}

fn is_compiled(text: &str, libraries: &[&str]) -> bool {
    let directory = tempfile::tempdir().expect("a temporary directory can be made");
    let source = directory.path().join("probe.c");
    std::fs::write(&source, text).expect("the source can be written");
    is_there("cc") && compile(&source, &directory.path().join("probe"), libraries).is_ok()
}

#[test]
fn the_c_client_cannot_tell() {
    if !outside::is_asked_for("the C client") {
        return;
    }
    let Some(program) = outside::obtained(Maker::Apache.obtain().and_then(|()| client())) else { return };
    let seen = records(|maker, servers, members| {
        script::record(&mut Command::new(&program), "libzookeeper_mt", servers, maker.server(members))
    });
    SECTION.settle(&seen);
}
