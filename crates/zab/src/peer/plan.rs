//! How a leader brings a learner's history to its own (`LearnerHandler.syncFollower`).

use crate::history::History;
use crate::trace::SyncKind;
use crate::zxid::Zxid;

/// What to do with a learner's history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Plan {
    /// Send what comes after its last.
    Diff { after: Zxid },
    /// Have it forget what comes after `to`, and send what comes after `to` here.
    Truncate { to: Zxid },
    /// Send it a state.
    Snapshot,
}

impl Plan {
    /// Compares the learner's last transaction with the leader's history.
    ///
    /// What this rests on: a zxid stands for one transaction, and two histories that have it are the same up to it. A
    /// leader's history contains all that is committed, so what is not in it may be forgotten.
    ///
    /// Java compares with the *committed* log and truncates a learner that is ahead of it, even if what is ahead is this
    /// very leader's outstanding proposals. The learner may have acknowledged these over an earlier connection, and the
    /// leader goes on counting that: a transaction might be committed by a quorum of which one has just forgotten it. Here
    /// the leader's whole history is compared, outstanding proposals too, so that nothing acknowledged is forgotten.
    pub(crate) fn choose(history: &History, learner_last: Zxid) -> Plan {
        if learner_last > history.last() {
            return Plan::Truncate { to: history.last() };
        }
        match history.floor(learner_last) {
            None => Plan::Snapshot,
            Some(floor) if floor == learner_last => Plan::Diff { after: floor },
            // The learner logged more of that epoch than this history has, all consecutive: so it has `floor` too.
            Some(floor) if floor.epoch() == learner_last.epoch() => Plan::Truncate { to: floor },
            // Never back over the beginning of an epoch, as in ZooKeeper: the place where they part is not known.
            Some(_) => Plan::Snapshot,
        }
    }

    pub(crate) fn kind(self, history: &History) -> SyncKind {
        match self {
            Plan::Diff { .. } => SyncKind::Diff,
            Plan::Truncate { to } if to == history.last() => SyncKind::Truncate,
            Plan::Truncate { .. } => SyncKind::TruncateDiff,
            Plan::Snapshot => SyncKind::Snapshot,
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::durable::Proposal;

    fn history() -> History {
        let zxids = [(1, 4), (1, 5), (3, 1), (3, 2)];
        let entries = zxids.map(|(epoch, counter)| Proposal { zxid: Zxid::new(epoch, counter), payload: Bytes::new() });
        History::new(Zxid::new(1, 3), entries.into(), 100)
    }

    #[test]
    fn who_has_a_part_gets_the_rest() {
        for last in [(1, 3), (1, 5), (3, 2)] {
            let last = Zxid::new(last.0, last.1);
            assert_eq!(Plan::choose(&history(), last), Plan::Diff { after: last });
        }
    }

    #[test]
    fn who_has_too_much_of_an_epoch_forgets_it() {
        assert_eq!(Plan::choose(&history(), Zxid::new(1, 9)), Plan::Truncate { to: Zxid::new(1, 5) });
        assert_eq!(Plan::choose(&history(), Zxid::new(1, 9)).kind(&history()), SyncKind::TruncateDiff);
    }

    #[test]
    fn who_is_ahead_forgets_it() {
        assert_eq!(Plan::choose(&history(), Zxid::new(4, 1)), Plan::Truncate { to: Zxid::new(3, 2) });
        assert_eq!(Plan::choose(&history(), Zxid::new(4, 1)).kind(&history()), SyncKind::Truncate);
    }

    #[test]
    fn who_is_far_behind_or_of_another_epoch_gets_a_state() {
        assert_eq!(Plan::choose(&history(), Zxid::new(1, 2)), Plan::Snapshot);
        assert_eq!(Plan::choose(&history(), Zxid::new(2, 1)), Plan::Snapshot);
    }
}
