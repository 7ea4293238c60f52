//! Schedules: which fault happens when, to whom, for how long. A schedule is data: a seed generates it, a run executes
//! it, a file keeps it, a person edits it.

mod family;
mod fault;
mod file;
mod generate;
mod reader;
mod step;
#[cfg(any(test, feature = "proptest"))]
mod strategy;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

pub use family::Family;
pub use fault::{Ambush, Fault, FaultKind, Lasts, Strike};
pub use file::{Found, SavedRun};
pub use generate::{Weather, generate, generate_of_all};
pub(crate) use generate::{draw_duration, draw_fault_kind};
pub use step::Step;
#[cfg(any(test, feature = "proptest"))]
pub use strategy::{ScheduleTree, Schedules, schedules};

use crate::error::UserError;
use crate::role::Role;
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

    /// Whether every fault names nodes that exist, begins before `end`, and leaves a core to elect a leader; and whether
    /// a quorum of the servers keeps what is on its disks.
    ///
    /// # Errors
    /// The place of the first fault (from 0) that does not, and why.
    pub fn validate(&self, roles: &Roles, end: Duration) -> Result<(), (usize, UserError)> {
        let mut lost_for_good = BTreeSet::new();
        let mut damaged = Damaged::default();
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
            damaged.add(&fault.kind);
            if damaged.count() > roles.minority() {
                let why = format!(
                    "{} of {} servers would lose what is on their disks: no quorum would be left to remember it",
                    damaged.count(),
                    roles.servers.len()
                );
                return Err((place, UserError::Mismatch(why)));
            }
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
                if Role::is_meant(node) {
                    let why =
                        format!("who is `{node}` is not known before: only a node by its name may be lost for good");
                    return Err((place, UserError::Mismatch(why)));
                }
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

/// The servers whose disks forget. Whoever is named by a role may be one more each time.
#[derive(Debug, Default)]
struct Damaged {
    names: BTreeSet<String>,
    by_role: usize,
}

impl Damaged {
    fn add(&mut self, kind: &FaultKind) {
        match kind.damages() {
            Some(node) if Role::is_meant(node) => self.by_role += 1,
            Some(node) => drop(self.names.insert(node.to_owned())),
            None => {}
        }
    }

    fn count(&self) -> usize {
        self.names.len() + self.by_role
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parameters::Parameters;

    fn complaint(servers: u32, kinds: &[FaultKind], lasts: Lasts) -> Option<(usize, String)> {
        let mut parameters = Parameters::standard();
        parameters.set("servers", &servers.to_string()).unwrap();
        let fault = |kind: &FaultKind| Fault { at: Duration::from_secs(1), lasts, kind: kind.clone() };
        let schedule = Schedule::new(kinds.iter().map(fault).collect());
        let verdict = schedule.validate(&Roles::election(&parameters), Duration::from_secs(9));
        verdict.err().map(|(place, error)| (place, error.to_string()))
    }

    fn wipe(node: &str) -> FaultKind {
        FaultKind::Wipe { node: node.into() }
    }

    const WHILE: Lasts = Lasts::For(Duration::from_secs(1));

    #[test]
    fn a_quorum_keeps_its_disks() {
        let rot = FaultKind::Rot { node: "zk1".into(), bits: 2 };
        assert_eq!(complaint(3, &[wipe("zk1"), rot.clone(), wipe("zk1")], WHILE), None, "one and the same");
        let (place, why) = complaint(3, &[rot.clone(), wipe("zk2")], WHILE).unwrap();
        assert!(place == 1 && why.starts_with("2 of 3 servers would lose"), "{why}");
        assert!(complaint(3, &[wipe("@leader"), rot.clone()], WHILE).is_some(), "it may be another one");
        assert_eq!(complaint(5, &[wipe("@leader"), rot], WHILE), None);
        assert_eq!(complaint(5, &[wipe("@leader"), wipe("@leader")], WHILE), None);
        assert!(complaint(5, &[wipe("@leader"), wipe("@leader"), wipe("zk1")], WHILE).is_some());
    }

    #[test]
    fn nobody_unknown_is_lost_for_good() {
        let kill = |node: &str| [FaultKind::Kill { node: node.into() }];
        assert_eq!(complaint(3, &kill("c1"), Lasts::Forever), None);
        for (node, why) in
            [("@candidate-leader", "not known before"), ("@leader", "not known before"), ("zk1", "without `zk1`")]
        {
            assert!(complaint(3, &kill(node), Lasts::Forever).unwrap().1.contains(why), "{node}");
        }
        assert!(complaint(3, &[FaultKind::CutLeader], Lasts::Forever).unwrap().1.contains("not `cut_leader`"));
    }
}
