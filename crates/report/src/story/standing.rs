//! Where the servers of an ensemble stand, and in which epoch.

use std::fmt;

use history::{EnsembleEvent, NodeName};

/// What a server is to its ensemble.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It looks for a leader.
    Looking,
    /// It settled on itself, and is not established yet.
    Prepares {
        /// The epoch it chose; 0 if it has not yet.
        epoch: u32,
    },
    /// It leads: a quorum has its initial history.
    Leads {
        /// The epoch.
        epoch: u32,
    },
    /// It settled on another server, and is not up to date yet.
    Joins {
        /// The leader.
        leader: NodeName,
    },
    /// It follows, and may serve.
    Follows {
        /// The leader.
        leader: NodeName,
        /// The leader's epoch.
        epoch: u32,
    },
}

impl Standing {
    /// The epoch it is in, if it is in one.
    pub fn epoch(&self) -> Option<u32> {
        match self {
            Standing::Leads { epoch } | Standing::Follows { epoch, .. } | Standing::Prepares { epoch } => {
                Some(*epoch).filter(|epoch| *epoch > 0)
            }
            Standing::Looking | Standing::Joins { .. } => None,
        }
    }

    /// What an event makes of it: nothing if the event changes nothing.
    pub(super) fn after(event: &EnsembleEvent, node: &str, name: impl Fn(u8) -> NodeName) -> Option<Standing> {
        Some(match event {
            EnsembleEvent::Recovered { .. } | EnsembleEvent::Resigned { .. } => Standing::Looking,
            EnsembleEvent::Elected { leader, .. } if *name(*leader) == *node => Standing::Prepares { epoch: 0 },
            EnsembleEvent::Elected { leader, .. } => Standing::Joins { leader: name(*leader) },
            EnsembleEvent::EpochProposed { epoch, .. } => Standing::Prepares { epoch: *epoch },
            EnsembleEvent::Established { epoch, .. } => Standing::Leads { epoch: *epoch },
            EnsembleEvent::UpToDate { leader, epoch } => Standing::Follows { leader: name(*leader), epoch: *epoch },
            _ => return None,
        })
    }
}

impl fmt::Display for Standing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Standing::Looking => formatter.write_str("looks for a leader"),
            Standing::Prepares { epoch: 0 } => formatter.write_str("elected, prepares to lead"),
            Standing::Prepares { epoch } => write!(formatter, "prepares to lead in epoch {epoch}"),
            Standing::Leads { epoch } => write!(formatter, "leads the ensemble in epoch {epoch}"),
            Standing::Joins { leader } => write!(formatter, "joins {leader}"),
            Standing::Follows { leader, epoch } => write!(formatter, "follows {leader} in epoch {epoch}"),
        }
    }
}
