//! Families of faults: what can be switched on and off as a whole.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use crate::error::UserError;

/// A family of faults, as `--faults` names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// Links are cut.
    Partition,
    /// Links are slow, narrow or lossy.
    Link,
    /// Processes are killed; their machine's kernel lives on.
    Crash,
    /// Machines lose power.
    Power,
    /// Processes stall, as in a long garbage collection.
    Pause,
    /// Clocks are stepped, drift, freeze, jump.
    Clock,
    /// Disks are slow, fail, fill up.
    Disk,
    /// Connections drop, replies are lost after the commit, sessions are made to expire.
    Session,
}

impl Family {
    /// All of them.
    pub const ALL: [Family; 8] = [
        Family::Partition,
        Family::Link,
        Family::Crash,
        Family::Power,
        Family::Pause,
        Family::Clock,
        Family::Disk,
        Family::Session,
    ];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Family::Partition => "partition",
            Family::Link => "link",
            Family::Crash => "crash",
            Family::Power => "power",
            Family::Pause => "pause",
            Family::Clock => "clock",
            Family::Disk => "disk",
            Family::Session => "session",
        }
    }
}

impl fmt::Display for Family {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

impl FromStr for Family {
    type Err = UserError;

    fn from_str(text: &str) -> Result<Family, UserError> {
        let known = Family::ALL.map(Family::name);
        let family = Family::ALL.into_iter().find(|family| family.name() == text);
        family.ok_or_else(|| UserError::unknown("fault family", text, known))
    }
}
