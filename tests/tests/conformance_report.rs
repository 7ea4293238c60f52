//! The pages of failures, in a real browser: they ask nobody for anything, fit both widths, can be read light and dark,
//! zoom, move, filter, and tell what is under the pointer.
//!
//! Needs programs of others: see `interregnum_tests::outside`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use interregnum_tests::process::run;
use interregnum_tests::service::scratch;
use interregnum_tests::{browser, outside, program};

/// How long the browser may take.
const LIMIT: Duration = Duration::from_secs(300);

/// Two leaders by a partition, two by a bent clock, and none at all.
const FAILURES: [&str; 3] = [
    "docs/matrix/docs-partition-belief.toml",
    "sims/schedules/lease-bent-clock.toml",
    "docs/matrix/support-all-failover.toml",
];

/// Four pictures of a page: two widths, light and dark.
const LOOKS: usize = 4;

fn failure(file: &str) -> PathBuf {
    program::workspace().join(file)
}

fn report(files: &[PathBuf], output: &Path) {
    let mut command = Command::new(program::interregnum());
    let finished = run(command.arg("report").args(files).arg("-o").arg(output), LIMIT);
    assert_eq!(finished.code, Some(0), "{finished:#?}");
}

/// Makes pages and looks at them, if a browser is asked for and can be had.
fn look(kind: &str, make: impl FnOnce(&Path) -> Vec<PathBuf>) {
    if !outside::is_asked_for("the pages of reports") {
        return;
    }
    let Some(browser) = outside::obtained(browser::obtain()) else { return };
    let (_directory, data) = scratch();
    std::fs::create_dir_all(&data).expect("the directory can be made");
    let pages = make(&data);
    let pictures = program::target_directory().join("tmp").join("report");
    std::fs::create_dir_all(&pictures).expect("the directory can be made");
    let finished = browser.look(kind, &pages, &pictures, LIMIT);
    println!("{}pictures are in {}", finished.output, pictures.display());
    assert_eq!(finished.code, Some(0), "{}\n{}", finished.output, finished.complaints);
    let held = finished.output.lines().filter(|line| line.starts_with("ok ")).count();
    assert_eq!(held, pages.len() * LOOKS, "every page was looked at");
}

#[test]
fn pages_of_failures_are_at_home_in_a_browser() {
    look("run", |directory| {
        let page = |file: &str| {
            let file = failure(file);
            let page = directory.join(file.file_name().expect("a failure is a file")).with_extension("html");
            report(&[file], &page);
            page
        };
        FAILURES.map(page).to_vec()
    });
}

#[test]
fn a_page_of_times_is_at_home_in_a_browser() {
    look("times", |directory| {
        let seeds = directory.join("seeds.jsonl");
        let mut command = Command::new(program::interregnum());
        let finished = run(command.args(["run", "election/docs", "--seeds", "0..12", "--jobs", "1", "--json"]), LIMIT);
        std::fs::write(&seeds, finished.output).expect("it is written");
        let page = directory.join("times.html");
        report(&[seeds], &page);
        vec![page]
    });
}
