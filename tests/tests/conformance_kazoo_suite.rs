//! kazoo's own test suite has no failure with the service that it does not have with Apache ZooKeeper.
//!
//! Needs programs of others: see `interregnum_tests::outside`.

use interregnum_tests::compatibility::{Section, Server};
use interregnum_tests::kazoo_suite::Suite;
use interregnum_tests::{apache, outside};

const SECTION: Section = Section {
    name: "kazoo-suite",
    title: "kazoo, its own test suite",
    about: "All tests that come with kazoo, unedited. Its harness starts, stops and kills the servers, which are Interregnum's through a \
            stand-in for the program `java` (`tests/kazoo/java`). A case that fails is tried up to three times, with either server.",
};

#[test]
fn kazoo_passes_its_own_suite() {
    if !outside::is_asked_for("kazoo's suite") {
        return;
    }
    let Some(suite) = outside::obtained(apache::obtain().and_then(|()| Suite::obtain())) else { return };
    // Both makers at once: most of it is waiting.
    let seen = std::thread::scope(|scope| {
        let theirs = scope.spawn(|| [1, 3].map(|members| suite.record(Server::apache(members))));
        let ours = [1, 3].map(|members| suite.record(Server::interregnum(members)));
        let theirs = theirs.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        ours.into_iter().chain(theirs).collect::<Vec<_>>()
    });
    SECTION.settle(&seen);
}
