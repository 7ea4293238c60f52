//! Our own client is at home at Apache ZooKeeper too: the tours that it takes of our service, it takes of that one.
//!
//! Needs programs of others: see `interregnum_tests::outside`.

use std::process::Stdio;
use std::time::Duration;

use interregnum_tests::apache::{self, Apache};
use interregnum_tests::outside;
use interregnum_tests::program::{cargo, target_directory, workspace};
use interregnum_tests::service::scratch;

#[test]
fn our_client_tours_apache_zookeeper() {
    if !outside::is_asked_for("our_client_tours_apache_zookeeper") {
        return;
    }
    let Some(()) = outside::obtained(apache::obtain()) else { return };
    let (_directory, data) = scratch();
    let zookeeper = Apache::on(&data, Duration::from_secs(2));
    // The tours are the client's own tests; cargo has most of them built already.
    let output = cargo()
        .args(["test", "--quiet", "--test", "service", "--target-dir"])
        .arg(target_directory())
        .args(["--", "--ignored", "foreign"])
        .env("ZOOKEEPER", zookeeper.address().to_string())
        .current_dir(workspace())
        .stdin(Stdio::null())
        .output()
        .expect("cargo runs: it has run this test");
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{printed}{}", String::from_utf8_lossy(&output.stderr));
    let closing = printed.lines().rfind(|line| line.starts_with("test result: ok. ")).unwrap_or_default();
    let passed = closing.trim_start_matches("test result: ok. ").split(' ').next().and_then(|count| count.parse().ok());
    assert!(passed.is_some_and(|count: u32| count >= 13), "all tours were taken: {printed}");
}
