//! What is remembered by zxid: the newest part of it.

use std::collections::VecDeque;

/// So many entries are remembered. A server starts from a snapshot and is told anew what came after it, so the window
/// must be longer than the distance from one snapshot to the next; of who comes back from farther away nothing is judged
/// until it has come so far. Bounded, for the memory of a run must stay flat however long it is.
const REMEMBERED: usize = 1 << 16;

/// Entries in the order of their zxids. Each has a number, counted from the first there ever was.
#[derive(Debug)]
pub(super) struct Window<T> {
    /// The number of the oldest entry remembered.
    first: u64,
    entries: VecDeque<(i64, T)>,
}

impl<T> Default for Window<T> {
    fn default() -> Window<T> {
        Window { first: 0, entries: VecDeque::new() }
    }
}

impl<T: Copy> Window<T> {
    /// The number that the next entry will have.
    pub(super) fn end(&self) -> u64 {
        self.first + self.entries.len() as u64
    }

    /// The entry with this number, if it is there and remembered.
    pub(super) fn get(&self, number: u64) -> Option<(i64, T)> {
        let index = usize::try_from(number.checked_sub(self.first)?).ok()?;
        self.entries.get(index).copied()
    }

    /// The number of the entry with this zxid, or of the one that is next behind it.
    pub(super) fn find(&self, zxid: i64) -> Result<u64, u64> {
        // Whoever asks mostly asks for what is new.
        if self.entries.back().is_none_or(|(last, _)| *last < zxid) {
            return Err(self.end());
        }
        let found = self.entries.binary_search_by_key(&zxid, |(zxid, _)| *zxid);
        found.map(|index| self.first + index as u64).map_err(|index| self.first + index as u64)
    }

    /// What is remembered of this zxid.
    pub(super) fn of(&self, zxid: i64) -> Option<T> {
        let number = self.find(zxid).ok()?;
        self.get(number).map(|(_, entry)| entry)
    }

    /// The newest entry.
    pub(super) fn last(&self) -> Option<(i64, T)> {
        self.entries.back().copied()
    }

    /// Whether this zxid lies before all that is remembered, so that nothing can be said of it.
    pub(super) fn is_forgotten(&self, zxid: i64) -> bool {
        self.entries.front().is_none_or(|(oldest, _)| zxid < *oldest)
    }

    /// Adds an entry at its place. One that is older than all that is remembered is not.
    pub(super) fn insert(&mut self, zxid: i64, entry: T) {
        match self.find(zxid) {
            Ok(_) => {}
            Err(number) if number == self.first && self.first > 0 && !self.entries.is_empty() => {}
            Err(number) => self.entries.insert((number - self.first) as usize, (zxid, entry)),
        }
        if self.entries.len() > REMEMBERED {
            self.entries.pop_front();
            self.first += 1;
        }
    }

    /// Forgets the entries above this zxid.
    pub(super) fn forget_above(&mut self, zxid: i64) {
        while self.entries.back().is_some_and(|(last, _)| *last > zxid) {
            self.entries.pop_back();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_keep_their_numbers_while_old_ones_are_forgotten() {
        let mut window = Window::default();
        let count = REMEMBERED as i64 + 10;
        for zxid in 1..=count {
            window.insert(zxid * 2, zxid);
        }
        assert_eq!(window.end(), count as u64);
        assert_eq!(window.get(9), None);
        assert_eq!(window.get(10), Some((22, 11)));
        assert_eq!((window.find(22), window.find(23), window.of(22)), (Ok(10), Err(11), Some(11)));
        assert!(window.is_forgotten(20) && !window.is_forgotten(22));
        window.insert(4, 0);
        assert_eq!(window.of(4), None, "too old to be remembered");
        window.forget_above(count);
        assert_eq!(window.last(), Some((count / 2 * 2, count / 2)));
    }

    #[test]
    fn an_entry_that_comes_late_finds_its_place() {
        let mut window = Window::default();
        for zxid in [16, 48, 32, 16] {
            window.insert(zxid, zxid);
        }
        assert_eq!((window.end(), window.get(1), window.of(16)), (3, Some((32, 32)), Some(16)));
    }
}
