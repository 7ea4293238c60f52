//! The ladder of attempts: one stream of tasks, and three ways to get it done.
//!
//! [`BY_HAND`]: each task is handed to the node whose turn it is, once. [`APPOINTED`]: a fixed leader distributes.
//! [`ELECTED`]: the nodes elect the leader. All three have the same nodes, the same tasks and the same bounds, so that one
//! schedule of faults hits all of them alike; [`beside`] puts what came of it side by side.
//!
//! The servers of the coordination service are there in all three, and only the last one asks them for anything.

mod appointed;
mod beside;
mod by_hand;
mod desk;
mod elected;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use check::{Assignments, Monitors, Required, Sometimes, sometimes};
use election::work::{self, worker};
use interregnum::schedule::Family;
use interregnum::{Bed, Parameters, Roles, bounds};

pub use appointed::{APPOINTED, Appointed};
pub use beside::{Beside, Led, Rung, beside};
pub use by_hand::{BY_HAND, ByHand};
pub use elected::{ELECTED, Elected};

/// Where tasks come in.
const DESK: &str = "desk";

/// The port on which workers take assignments.
const WORKER_PORT: u16 = 7000;

/// How long whoever assigns a task waits for it to be done, and whoever passes one on for it to be taken.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long a task takes.
const WORK: Duration = Duration::from_millis(500);

/// What an assignment takes beside the work, on a healthy network, with its heavy tail.
const ROUND: Duration = Duration::from_millis(50);

fn parameters() -> Parameters {
    Parameters::standard()
        .with_count("tasks", "tasks that come in, one after the other", 120, 1..=1_000_000)
        .with_duration(
            "pace",
            "time from one task to the next",
            Duration::from_secs(1),
            Duration::from_millis(10)..=Duration::from_secs(3_600),
        )
}

fn roles(parameters: &Parameters) -> Roles {
    Roles { resources: vec![DESK.to_owned()], ..Roles::election(parameters) }
}

/// How soon all tasks must be done once nothing is in the way, though there be a single worker left: there is a leader, it
/// reads what is open, notices who does not answer, and gets everything done.
fn bound(parameters: &Parameters) -> Duration {
    let one_by_one = (WORK + ROUND) * parameters.count("tasks");
    bounds::of_service(parameters) + PATIENCE + work::REST + one_by_one
}

/// What watches a rung that promises nothing: tasks are counted.
fn counted() -> Monitors {
    Monitors::new().with(Assignments::promised(None)).with(Sometimes::new())
}

/// A rung that promises nothing must show that it loses something.
fn losses(families: &BTreeSet<Family>) -> Required {
    let strikes = [Family::Crash, Family::Power].iter().any(|family| families.contains(family));
    if strikes { Required::points([sometimes::TASK_DONE, sometimes::TASK_NOT_DONE]) } else { Required::default() }
}

/// Where a node keeps the highest term that it has obeyed.
fn directory() -> PathBuf {
    PathBuf::from("/terms")
}

fn worker_options() -> worker::Options {
    let mut options = worker::Options::new(([0, 0, 0, 0], WORKER_PORT).into(), &directory());
    options.work = WORK;
    options
}

/// A node's address as a worker.
fn worker_at(node: &str) -> String {
    format!("{node}:{WORKER_PORT}")
}

/// Adds a node that works, and does nothing else.
fn add_worker(bed: &Bed, name: &str) {
    bed.add_node(name, || async {
        // What ends a worker is its disk; its supervisor starts it anew.
        let Err(error) = worker::run(worker_options()).await;
        tracing::info!(%error, "the worker ends");
    });
}

/// Where the desk keeps how many tasks have come in.
fn desk_directory() -> &'static Path {
    Path::new("/tasks")
}
