//! What a leader knows of one learner.

use crate::moment::Moment;
use crate::peer::core::Core;
use crate::zxid::Zxid;

/// How far the learner has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// It has called.
    Called,
    /// It has acknowledged the epoch, and said what it has.
    Promised {
        /// Its last logged transaction.
        last: Zxid,
    },
    /// It needs a state, which the application is asked for.
    AwaitingSnapshot,
    /// It was sent what it lacks and NEWLEADER, and is part of the broadcast from then on.
    Synchronising,
    /// It has acknowledged NEWLEADER.
    Synced,
}

/// One attempt of one server to learn.
#[derive(Debug)]
pub(crate) struct Handler {
    pub(crate) attempt: u32,
    pub(crate) stage: Stage,
    /// It counts in quorums.
    pub(crate) voting: bool,
    /// Everything up to here is on its disk.
    pub(crate) acknowledged: Zxid,
    pub(crate) heard: Moment,
    called: Moment,
}

impl Handler {
    pub(crate) fn new(attempt: u32, voting: bool, now: Moment) -> Handler {
        Handler { attempt, stage: Stage::Called, voting, acknowledged: Zxid::ZERO, heard: now, called: now }
    }

    /// Is it sent proposals, commits and pings?
    pub(crate) fn is_forwarded(&self) -> bool {
        matches!(self.stage, Stage::Synchronising | Stage::Synced)
    }

    /// Has it been silent too long, or taken too long to synchronise?
    pub(crate) fn is_silent(&self, now: Moment, core: &Core) -> bool {
        match self.stage {
            Stage::Synced => self.heard + core.config.sync_time() <= now,
            _ => self.called + core.config.init_time() <= now,
        }
    }
}
