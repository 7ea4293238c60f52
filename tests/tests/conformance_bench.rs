//! `bench --beside-zookeeper` runs both services, tells of each cell, and leaves nothing running.
//!
//! What it measures is not judged here: a machine that does other things meanwhile would fail it. Needs programs of
//! others: see `interregnum_tests::outside`.

use std::process::Command;
use std::time::Duration;

use interregnum_tests::process::run;
use interregnum_tests::{apache, outside, program};
use serde_json::Value;

const LIMIT: Duration = Duration::from_secs(300);

#[test]
fn both_services_are_measured_and_ended() {
    if !outside::is_asked_for("both_services_are_measured_and_ended") {
        return;
    }
    let Some(()) = outside::obtained(apache::obtain()) else { return };
    for durability in [&[][..], &["--volatile"]] {
        let mut command = Command::new(program::interregnum());
        command.args(["bench", "--beside-zookeeper", "--quick", "--json", "--only", "3 servers"]).args(durability);
        let finished = run(&mut command, LIMIT);
        eprint!("{}", finished.complaints);
        // 0 or 1: all holds, or something misses.
        assert!(matches!(finished.code, Some(0 | 1)), "{finished:#?}");
        let rows: Vec<Value> =
            finished.output.lines().map(|line| serde_json::from_str(line).expect("an object a line")).collect();
        let (settings, rows) = rows.split_first().expect("the settings come first");
        assert_eq!(settings["settings"]["durable"], durability.is_empty());
        assert!(settings["settings"]["apache"].as_str().is_some_and(|version| version.starts_with("3.")), "{settings}");
        assert_eq!(rows.len(), 2 + 3 * 3, "start, memory, and nine cells: {finished:#?}");
        for row in rows {
            let figure = |key: &str| row[key].as_f64().expect("a figure");
            assert!(figure("ours") > 0.0 && figure("apache") > 0.0, "{row}");
            assert_eq!(row["verdict"] == "holds", figure("ratio") >= figure("at_least"), "{row}");
        }
    }
}
