//! The first attempt: a person hands out the tasks, by a list on the wall.
//!
//! Task after task goes to the node whose turn it is, once. Nobody looks whether it arrives, whether it is done, or whether
//! the node is there at all.

use std::collections::BTreeSet;
use std::time::Duration;

use check::{Monitors, Required};
use election::work::{Assignment, assign};
use history::Term;
use interregnum::schedule::Family;
use interregnum::{Bed, Parameters, Roles, Scenario, servers};

use super::desk::{self, Counter};
use super::{PATIENCE, add_worker, worker_at};

/// `ladder/by-hand`.
pub static BY_HAND: ByHand = ByHand;

/// Tasks handed out by a list.
pub struct ByHand;

/// The list on the wall.
struct List {
    workers: Vec<String>,
}

impl Counter for List {
    fn pass_on(&mut self, task: u64) {
        let turn = (task - 1) as usize % self.workers.len();
        let worker = self.workers[turn].clone();
        // There is nobody else who could assign anything: one term for good.
        let assignment = Assignment { term: Term(0), by: host::node_name(), task };
        host::spawn(async move { drop(assign(&worker, &assignment, PATIENCE).await) });
    }
}

impl Scenario for ByHand {
    fn name(&self) -> &'static str {
        "ladder/by-hand"
    }

    fn about(&self) -> &'static str {
        "the first attempt: tasks are handed out by a list; what a node has when it dies is lost"
    }

    fn parameters(&self) -> Parameters {
        super::parameters()
    }

    fn roles(&self, parameters: &Parameters) -> Roles {
        super::roles(parameters)
    }

    fn build(&self, bed: &Bed) {
        servers::add(bed, |config| config);
        for name in &bed.roles().candidates {
            add_worker(bed, name);
        }
        let workers: Vec<String> = bed.roles().candidates.iter().map(|name| worker_at(name)).collect();
        desk::add(bed, move || List { workers: workers.clone() });
    }

    fn monitors(&self, _parameters: &Parameters, _families: &BTreeSet<Family>) -> Monitors {
        super::counted()
    }

    fn liveness_bound(&self, parameters: &Parameters) -> Duration {
        super::bound(parameters)
    }

    fn required_points(&self, families: &BTreeSet<Family>) -> Required {
        super::losses(families)
    }
}
