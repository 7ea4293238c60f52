//! kazoo, unmodified, over TLS.
//!
//! Needs programs of others: see `interregnum_tests::outside`.

use std::process::Command;
use std::time::Duration;

use interregnum_tests::certificates::Authority;
use interregnum_tests::ensemble::free_port;
use interregnum_tests::process::Process;
use interregnum_tests::waiting::PATIENCE;
use interregnum_tests::{kazoo, outside, program};

#[test]
fn kazoo_is_known_by_its_certificates() {
    if !outside::is_asked_for("kazoo over TLS") {
        return;
    }
    let Some(python) = outside::obtained(kazoo::python()) else { return };
    let directory = tempfile::tempdir().expect("a temporary directory can be made");
    let authority = Authority::new(directory.path());
    let trusted = authority.trust_store();
    let [server, alice, bob] = ["server", "alice", "bob"].map(|name| {
        let identity = authority.vouch_for(name);
        authority.write(&format!("{name}.pem"), &identity.store())
    });
    let port = free_port();
    let text = format!(
        "dataDir={}\nsecureClientPort={port}\nsecureClientPortAddress=127.0.0.1\nssl.keyStore.location={}\n\
         ssl.trustStore.location={}\n",
        directory.path().join("data").display(),
        server.display(),
        trusted.display(),
    );
    let file = authority.write("zoo.cfg", &text);
    let process = Process::start(Command::new(program::interregnum()).args(["serve", "--config"]).arg(file));
    // There is no other port: nobody is served without TLS.
    let line = process.line(PATIENCE).expect("it serves");
    assert!(line.starts_with(&format!("serving on 127.0.0.1:{port} with TLS")), "{line}");

    let paths = [&trusted, &alice, &bob].map(|path| path.display().to_string());
    let hosts = format!("127.0.0.1:{port}");
    let arguments: Vec<&str> = [&hosts].into_iter().chain(&paths).map(String::as_str).collect();
    let finished = kazoo::start(python, "secure.py", &arguments).finish(Duration::from_secs(60));
    assert_eq!(finished.code, Some(0), "{finished:#?}");
    assert!(finished.output.starts_with("ok "), "{finished:#?}");
}
