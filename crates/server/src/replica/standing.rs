//! Where a replica stands in its ensemble, and what happens when that changes.
//!
//! A replica that loses its leader, or its quorum, closes all connections and forgets what they waited for
//! (`Learner.shutdown`, `Leader.shutdown`): what was asked may still happen, and the clients know that they do not know.

use history::ServiceEvent;
use proto::{SessionId, Zxid};

use super::reign::Reign;
use super::{Clocks, ConnectionId, Effects, Replica};
use crate::sessions::identity;

/// Where a replica stands in its ensemble.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// There is no ensemble: it decides alone.
    Alone,
    /// It knows no leader, or is not synchronised yet: it serves nobody.
    Out,
    /// The same, but it serves reads to those who ask for no more (`ReadOnlyZooKeeperServer`).
    ReadOnly,
    /// It leads.
    Leading {
        /// The epoch of its reign.
        epoch: u32,
    },
    /// It follows, and votes.
    Following {
        /// The leader.
        leader: u8,
        /// The leader's epoch.
        epoch: u32,
    },
    /// It follows, and does not vote.
    Observing {
        /// The leader.
        leader: u8,
        /// The leader's epoch.
        epoch: u32,
    },
}

impl Standing {
    /// Whether it is part of a working service.
    #[must_use]
    pub fn serves(self) -> bool {
        !matches!(self, Standing::Out | Standing::ReadOnly)
    }

    /// Whether it has a leader other than itself.
    #[must_use]
    pub fn learns(self) -> bool {
        matches!(self, Standing::Following { .. } | Standing::Observing { .. })
    }

    /// The mode as four-letter words name it.
    pub(super) fn mode(self) -> &'static str {
        match self {
            Standing::Alone => "standalone",
            Standing::Out => "not serving",
            Standing::ReadOnly => "read-only",
            Standing::Leading { .. } => "leader",
            Standing::Following { .. } => "follower",
            Standing::Observing { .. } => "observer",
        }
    }

    /// What it does in the ensemble, as `mntr` names it.
    pub(super) fn activity(self) -> Option<&'static str> {
        match self {
            Standing::Leading { .. } => Some("leading"),
            Standing::Following { .. } => Some("following"),
            Standing::Observing { .. } => Some("observing"),
            Standing::Alone | Standing::Out | Standing::ReadOnly => None,
        }
    }

    /// The epoch of the leader, if there is one.
    pub(super) fn epoch(self) -> Option<u32> {
        match self {
            Standing::Leading { epoch } | Standing::Following { epoch, .. } | Standing::Observing { epoch, .. } => {
                Some(epoch)
            }
            Standing::Alone | Standing::Out | Standing::ReadOnly => None,
        }
    }
}

impl Replica {
    pub(super) fn stand(&mut self, clocks: Clocks, standing: Standing, effects: &mut Effects) {
        if self.standing == standing {
            return;
        }
        if self.standing.serves() {
            effects.tell(|| ServiceEvent::NotServing { why: format!("no longer {}", self.standing.mode()) });
            // Not when a reign begins: those that were synchronised before have made it one.
            self.learners.clear();
        }
        self.stop_serving(effects);
        self.standing = standing;
        if let Standing::Leading { epoch } = standing {
            let before_the_first = Zxid(i64::from(epoch) << 32);
            assert!(self.database.last_zxid < before_the_first, "a reign begins with a new epoch");
            self.reign = Some(Reign::begin(&self.config, &self.database, before_the_first, clocks.now));
        }
        if standing.serves() {
            self.raise_next_session(clocks);
            let zxid = self.database.last_zxid.0;
            effects.tell(|| ServiceEvent::Serving { zxid });
        }
        if standing == Standing::ReadOnly {
            effects.sometimes("a server without a quorum serves reads");
        }
    }

    fn stop_serving(&mut self, effects: &mut Effects) {
        let connections: Vec<ConnectionId> = self.connections.keys().copied().collect();
        for connection in connections {
            self.close_connection(connection, effects);
        }
        assert!(self.attached.is_empty() && self.waiting == 0, "nobody waits without a connection");
        if self.reign.as_ref().is_some_and(|reign| !reign.in_flight.is_empty()) {
            effects.sometimes("a leader lost its quorum with transactions under way");
        }
        self.reign = None;
        self.pending.clear();
        self.touched.clear();
    }

    /// The next session gets an id that no server has given: above all that this one gave, in this life and before.
    ///
    /// A wall clock that stands still or goes back must not bring ids back.
    pub(super) fn raise_next_session(&mut self, clocks: Clocks) {
        let server = self.config.server_id;
        let by_time = identity::first_session(server, clocks.wall.as_millis());
        let given = self.database.highest_sessions.get(&server).map_or(SessionId::NONE, |highest| *highest);
        let above = |session: SessionId| SessionId(session.0.wrapping_add(1));
        self.next_session = by_time.max(above(given)).max(self.next_session);
    }
}
