//! kazoo, unmodified, on an ensemble of three whose leader is killed again and again: no write that it was told of is
//! lost, none happens twice, and every session is the one it was.
//!
//! Needs programs of others: see `interregnum_tests::outside`. What the same kills do to a client without opinions is in
//! `failover.rs`.

use std::time::Duration;

use interregnum_tests::ensemble::{Ensemble, Settings};
use interregnum_tests::waiting::pause;
use interregnum_tests::{kazoo, outside};
use serde_json::Value;

/// How often the leader is killed.
const KILLS: usize = 30;

/// How long there is writing before a kill, with three servers and, after it, with two.
const WRITING: Duration = Duration::from_millis(300);

/// How long the script may take to check what it wrote.
const LIMIT: Duration = Duration::from_secs(60);

#[test]
fn kazoo_loses_nothing_while_leaders_are_killed() {
    if !outside::is_asked_for("kazoo over thirty kills") {
        return;
    }
    let Some(python) = outside::obtained(kazoo::python()) else { return };
    let settings = Settings::default();
    let bound = settings.new_leader_within();
    let mut ensemble = Ensemble::start(settings);
    let session = settings.longest_session().as_secs_f64().to_string();
    let mut script = kazoo::start(python, "survivors.py", &[&ensemble.connect_string(), &session]);
    assert_eq!(script.line(LIMIT).as_deref(), Some("writing"), "{:#?}", script.finish(LIMIT));

    let mut interregna = Vec::new();
    for _ in 0..KILLS {
        pause(WRITING);
        let (killed, took) = ensemble.kill_leader();
        interregna.push(took);
        pause(WRITING);
        ensemble.start_server(killed);
        ensemble.wait_until_whole();
    }
    script.tell("stop");
    let finished = script.finish(LIMIT);
    assert_eq!(finished.code, Some(0), "{finished:#?}");

    let counted: Value = serde_json::from_str(finished.output.trim()).expect("an object");
    let count = |name: &str| counted[name].as_u64().expect("a number");
    interregna.sort_unstable();
    let [middle, slowest] = [interregna[KILLS / 2], interregna[KILLS - 1]];
    println!(
        "{} writes acknowledged over {KILLS} kills, and {} that happened unacknowledged, through each server {}; new \
         leaders after {middle:?} half of the time, {slowest:?} at the latest, of {bound:?} allowed",
        count("acknowledged"),
        count("unacknowledged"),
        counted["through"],
    );
    assert!(slowest < bound, "{interregna:?}");
    assert!(count("suspended") >= KILLS as u64, "every kill is noticed: {counted}");
    assert!(count("least") > 10 * KILLS as u64, "every client wrote between the kills: {counted}");
    let through = counted["through"].as_array().expect("one for each server");
    assert!(through.iter().all(|writes| writes.as_u64() > Some(0)), "through all three: {counted}");
}
