//! The faults that came, with the times at which they really began and ended.

use std::time::Duration;

use history::{FaultEvent, Time};

use crate::subject::{Fault, Subject};

/// A fault that came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Came {
    /// Its place in the schedule, from 0.
    pub index: u32,
    /// Its family.
    pub family: String,
    /// The fault in words, with who was hit where the schedule names a role.
    pub what: String,
    /// When it began.
    pub begins: Time,
    /// When it ended, or would have: nothing if it was to last for good.
    pub ends: Option<Time>,
    /// Whether it was a matter of an instant.
    pub is_instant: bool,
}

/// Follows the faults through the records.
#[derive(Default)]
pub(super) struct Faults(Vec<Came>);

impl Faults {
    pub(super) fn observe(&mut self, at: Time, event: &FaultEvent, subject: &Subject) {
        match event {
            FaultEvent::Begins { index, family, what } => {
                let planned = subject.faults.get(*index as usize);
                let lasts = planned.map_or(Some(Duration::ZERO), |fault| fault.lasts);
                self.0.push(Came {
                    index: *index,
                    family: family.clone(),
                    what: what.clone(),
                    begins: at,
                    ends: lasts.map(|lasts| at + lasts),
                    is_instant: lasts == Some(Duration::ZERO),
                });
            }
            FaultEvent::Ends { index } => {
                if let Some(came) = self.0.iter_mut().rev().find(|came| came.index == *index) {
                    (came.ends, came.is_instant) = (Some(at), false);
                }
            }
        }
    }

    pub(super) fn get(&self, index: u32) -> Option<&Came> {
        self.0.iter().rev().find(|came| came.index == index)
    }

    pub(super) fn finish(self) -> Vec<Came> {
        self.0
    }
}

/// Those of a schedule that never came.
pub(super) fn never_came<'a>(subject: &'a Subject, came: &[Came]) -> Vec<&'a Fault> {
    let has_come = |place: usize| came.iter().any(|came| came.index as usize == place);
    subject.faults.iter().enumerate().filter(|(place, _)| !has_come(*place)).map(|(_, fault)| fault).collect()
}
