//! Schedules: which fault happens when, to whom, for how long. A schedule is data: a seed generates it, a run executes
//! it, a file keeps it, a person edits it.

mod family;
mod fault;
mod file;
mod generate;
mod reader;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

pub use family::Family;
pub use fault::{Fault, FaultKind, Lasts};
pub use file::{Found, SavedRun};
pub use generate::{Weather, generate};

use crate::error::UserError;
use crate::roles::Roles;

/// The faults of a run, in the order of their beginning.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Schedule {
    /// The faults.
    pub faults: Vec<Fault>,
}

impl Schedule {
    /// A schedule of these faults, put in order.
    pub fn new(mut faults: Vec<Fault>) -> Schedule {
        faults.sort_by_key(|fault| fault.at);
        Schedule { faults }
    }

    /// The families that occur.
    pub fn families(&self) -> BTreeSet<Family> {
        self.faults.iter().map(|fault| fault.kind.family()).collect()
    }

    /// How many faults of each family there are.
    pub fn by_family(&self) -> BTreeMap<Family, u64> {
        let mut counts = BTreeMap::new();
        for fault in &self.faults {
            *counts.entry(fault.kind.family()).or_default() += 1;
        }
        counts
    }

    /// Whether every fault names nodes that exist, begins before `end`, and leaves a core to elect a leader.
    ///
    /// # Errors
    /// The place of the first fault (from 0) that does not, and why.
    pub fn validate(&self, roles: &Roles, end: Duration) -> Result<(), (usize, UserError)> {
        let mut lost_for_good = BTreeSet::new();
        for (place, fault) in self.faults.iter().enumerate() {
            let check = || -> Result<(), UserError> {
                for node in fault.kind.nodes() {
                    roles.require(node)?;
                }
                fault.kind.validate(roles)?;
                if fault.at >= end {
                    return Err(UserError::Mismatch(format!(
                        "the fault begins at {}, but faults end at {}",
                        crate::span::show(fault.at),
                        crate::span::show(end)
                    )));
                }
                Ok(())
            };
            check().map_err(|error| (place, error))?;
            if fault.lasts == Lasts::Forever {
                let node = fault.kind.breaks_for_good().ok_or_else(|| {
                    let kind = fault.kind.name();
                    (
                        place,
                        UserError::Mismatch(format!(
                            "only `kill`, `power` and `isolate` may last forever, not `{kind}`"
                        )),
                    )
                })?;
                if !roles.candidates.iter().any(|candidate| candidate == node) {
                    let why = format!("only a candidate may be lost for good: the run cannot go on without `{node}`");
                    return Err((place, UserError::Mismatch(why)));
                }
                lost_for_good.insert(node.to_owned());
                if lost_for_good.len() >= roles.candidates.len() {
                    let why = "no candidate would be left to lead".to_owned();
                    return Err((place, UserError::Mismatch(why)));
                }
            }
        }
        Ok(())
    }
}
