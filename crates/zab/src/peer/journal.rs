//! Which writes to the disk are awaited, and for what.

use std::collections::VecDeque;

use crate::effects::{Effect, Effects, Persist};
use crate::zxid::Zxid;

/// What may be done once a `Sync` is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Barrier {
    /// The accepted epoch is written: the promise may be told.
    EpochAccepted,
    /// The history of a synchronisation is written: its epoch may be.
    HistoryLogged,
    /// The current epoch is written: NEWLEADER may be acknowledged.
    EpochEntered,
    /// Everything up to this transaction is written: it may be acknowledged.
    Logged(Zxid),
}

/// The `Sync`s under way.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    last_token: u64,
    awaited: VecDeque<(u64, Barrier)>,
}

impl Journal {
    /// Asks for a sync of everything so far.
    pub(crate) fn sync(&mut self, barrier: Barrier, effects: &mut Effects) {
        self.last_token += 1;
        self.awaited.push_back((self.last_token, barrier));
        effects.push(Effect::Persist(Persist::Sync { token: self.last_token }));
    }

    /// What the answer with this token allows: the oldest, if any. To be asked until there is none.
    pub(crate) fn passed(&mut self, token: u64) -> Option<Barrier> {
        assert!(token <= self.last_token, "a token that was never given");
        let (awaited, barrier) = *self.awaited.front()?;
        (awaited <= token).then(|| {
            self.awaited.pop_front();
            barrier
        })
    }

    /// The server's role is another: nobody waits for the answers any more. The writes happen all the same.
    pub(crate) fn forget(&mut self) {
        self.awaited.clear();
    }
}
