//! What the recipes of Apache Curator have in common: names, the states of a connection, deletes that are guaranteed.
//!
//! Where facts come from: `CuratorZookeeperClient`, `ConnectionStateManager`, `StandardLockInternalsDriver`,
//! `CreateBuilderImpl` (protection) and `FailedDeleteManager` of apache/curator.

mod connection;
mod deletes;

use rand::RngCore;

use crate::protocol::line;
use crate::{Holds, Promise};

pub(crate) use connection::{Connection, State};
pub(crate) use deletes::Deletes;

/// The most of the session timeout, in percent, that a connection may be suspended before it counts as lost.
pub const SAFE_PERCENT: u32 = 33;

/// When a connection is in a state of error, in which whoever leads must not rely on it
/// (`ConnectionStateErrorPolicy`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorPolicy {
    /// When it is suspended or lost: Curator's default.
    Standard,
    /// When it is lost only: short disconnections are tolerated (`SessionConnectionStateErrorPolicy`).
    Session {
        /// For so much of the session timeout, in percent, a connection is suspended before it counts as lost
        /// (`simulatedSessionExpirationPercent`). Curator's default is 100. A connection is suspended two thirds of the
        /// timeout after the last sign of life, so 33 is the most that is safe (Curator's Tech Note 14).
        percent: u32,
    },
}

impl ErrorPolicy {
    /// Which part of the session timeout a connection is suspended before it is lost, in percent.
    pub(crate) fn percent(self) -> u32 {
        match self {
            ErrorPolicy::Standard => 100,
            ErrorPolicy::Session { percent } => percent,
        }
    }

    /// What a recipe by this policy promises where every answer speaks for the service.
    pub(crate) fn promise(self) -> Promise {
        let belief = match self {
            ErrorPolicy::Standard => Holds::Unless(&["pause"]),
            // A forced end of the session is heard of only when the connection is back.
            ErrorPolicy::Session { percent } if percent <= SAFE_PERCENT => {
                Holds::Unless(&["pause", "clock", "session"])
            }
            ErrorPolicy::Session { .. } => Holds::WITHOUT_FAULTS,
        };
        Promise {
            belief,
            effect: Holds::Always,
            order: Holds::Unless(&["pause"]),
            failover: Holds::Unless(&["partition", "link", "crash", "power", "pause", "disk", "session"]),
        }
    }

    /// The same where followers may outlast sessions.
    pub(crate) fn promise_with_followers(self) -> Promise {
        let belief = match self {
            ErrorPolicy::Standard => Holds::Unless(&["pause", "partition", "link"]),
            ErrorPolicy::Session { percent } if percent <= SAFE_PERCENT => {
                Holds::Unless(&["pause", "clock", "session", "partition", "link"])
            }
            ErrorPolicy::Session { .. } => Holds::WITHOUT_FAULTS,
        };
        Promise { belief, order: Holds::Unless(&["pause", "partition", "link"]), ..self.promise() }
    }

    /// Whether this is a state of error.
    pub(crate) fn is_error(self, state: State) -> bool {
        match state {
            State::Connected | State::Reconnected => false,
            State::Suspended => self == ErrorPolicy::Standard,
            State::Lost => true,
        }
    }
}

/// What a protected znode's name begins with: enough to find it again when its creation was not answered.
pub(crate) fn protection(stream: &mut impl RngCore) -> String {
    format!("_c_{}-", line::uuid(stream))
}
