//! The logged transactions, as far back as they are kept in memory.

use std::collections::VecDeque;

use crate::durable::Proposal;
use crate::zxid::Zxid;

/// What is in the log, or on its way there: a beginning that is known by its last zxid only, and the transactions since.
#[derive(Debug)]
pub(crate) struct History {
    base: Zxid,
    entries: VecDeque<Proposal>,
    committed: Zxid,
    window: usize,
}

impl History {
    /// A history whose beginning, up to `base`, is in the application's state.
    pub(crate) fn new(base: Zxid, entries: Vec<Proposal>, window: usize) -> History {
        assert!(entries.first().is_none_or(|first| first.zxid > base), "the log begins above the snapshot");
        assert!(entries.is_sorted_by(|one, two| one.zxid < two.zxid), "a log is in order");
        History { base, entries: entries.into(), committed: base, window }
    }

    /// The transaction before the first that is kept.
    pub(crate) fn base(&self) -> Zxid {
        self.base
    }

    /// The last logged one.
    pub(crate) fn last(&self) -> Zxid {
        self.entries.back().map_or(self.base, |entry| entry.zxid)
    }

    /// The last delivered one.
    pub(crate) fn committed(&self) -> Zxid {
        self.committed
    }

    /// The last one that is not after `zxid`, if that far back is known.
    pub(crate) fn floor(&self, zxid: Zxid) -> Option<Zxid> {
        let after = self.entries.partition_point(|entry| entry.zxid <= zxid);
        match after {
            0 => (self.base <= zxid).then_some(self.base),
            count => Some(self.entries[count - 1].zxid),
        }
    }

    /// Is it in the history, as far as that is known?
    pub(crate) fn contains(&self, zxid: Zxid) -> bool {
        self.floor(zxid) == Some(zxid)
    }

    /// The transactions after `zxid`.
    pub(crate) fn after(&self, zxid: Zxid) -> impl Iterator<Item = &Proposal> {
        assert!(zxid >= self.base, "what is before the window is not known");
        self.entries.range(self.entries.partition_point(|entry| entry.zxid <= zxid)..)
    }

    pub(crate) fn append(&mut self, proposal: Proposal) {
        assert!(proposal.zxid > self.last(), "a log grows at its end");
        self.entries.push_back(proposal);
    }

    /// Forgets what is after `to`.
    pub(crate) fn truncate(&mut self, to: Zxid) {
        assert!(to >= self.committed, "what is delivered stays");
        self.entries.truncate(self.entries.partition_point(|entry| entry.zxid <= to));
    }

    /// The next one to deliver, if it is not after `limit`.
    pub(crate) fn deliver_next(&mut self, limit: Zxid) -> Option<Proposal> {
        let next = self.after(self.committed).next().filter(|entry| entry.zxid <= limit)?.clone();
        assert!(next.zxid > self.committed);
        self.committed = next.zxid;
        Some(next)
    }

    /// Forgets delivered transactions beyond the window.
    pub(crate) fn trim(&mut self) {
        let delivered = self.entries.partition_point(|entry| entry.zxid <= self.committed);
        for _ in self.window..delivered {
            self.base = self.entries.pop_front().expect("more than the window").zxid;
        }
        assert!(self.base <= self.committed);
    }

    /// Begins anew from a state.
    pub(crate) fn replace(&mut self, base: Zxid, tail: Vec<Proposal>) {
        assert!(base >= self.committed, "what is delivered stays");
        *self = History::new(base, tail, self.window);
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn entry(counter: u32) -> Proposal {
        Proposal { zxid: Zxid::new(1, counter), payload: Bytes::new() }
    }

    #[test]
    fn it_knows_what_it_holds() {
        let history = History::new(Zxid::new(1, 2), vec![entry(3), entry(5)], 10);
        assert_eq!(history.last(), Zxid::new(1, 5));
        assert_eq!(history.floor(Zxid::new(1, 4)), Some(Zxid::new(1, 3)));
        assert_eq!(history.floor(Zxid::new(1, 1)), None);
        assert!(history.contains(Zxid::new(1, 2)) && !history.contains(Zxid::new(1, 4)));
        assert_eq!(history.after(Zxid::new(1, 3)).map(|entry| entry.zxid).collect::<Vec<_>>(), [Zxid::new(1, 5)]);
    }

    #[test]
    fn it_keeps_a_window_of_what_is_delivered() {
        let mut history = History::new(Zxid::ZERO, (1..=5).map(entry).collect(), 2);
        while history.deliver_next(Zxid::new(1, 4)).is_some() {}
        history.trim();
        assert_eq!(
            (history.base(), history.committed(), history.last()),
            (Zxid::new(1, 2), Zxid::new(1, 4), Zxid::new(1, 5))
        );
        history.truncate(Zxid::new(1, 4));
        assert_eq!(history.last(), Zxid::new(1, 4));
    }
}
