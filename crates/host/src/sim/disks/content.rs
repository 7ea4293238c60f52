//! The bytes of one file: what processes read, and what the disk has.
//!
//! Between the two stands the kernel's page cache. The disk has a prefix of what is read; behind it come bytes that a
//! truncation took from sight and the disk still has. An fsync that fails leaves its pages clean without having
//! written them: they are read until the power goes, and no later fsync writes them (as Linux does since it has
//! reported such errors at all).

use std::collections::BTreeMap;
use std::ops::Range;

/// The bytes of one file.
#[derive(Default)]
pub(super) struct Content {
    /// What processes read.
    bytes: Vec<u8>,
    /// So many of them, from the first, are on the disk; but for `forgotten`.
    safe: usize,
    /// What the disk has after those: the bytes of a truncation that was not synced.
    cut: Vec<u8>,
    /// What a failed fsync marked as clean: on the disk it is a hole. In order, without overlap.
    forgotten: Vec<Range<usize>>,
    syncs: BTreeMap<u64, Sync>,
    next_sync: u64,
}

/// An fsync under way. It covers what was there when it began.
struct Sync {
    covered: usize,
    cut: usize,
}

/// What a power loss took from a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Loss {
    /// How many bytes are gone that processes had read.
    pub(super) lost: usize,
    /// How many bytes of what was not synced are there nevertheless.
    pub(super) kept: usize,
}

impl Content {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) fn length(&self) -> usize {
        self.bytes.len()
    }

    /// How many bytes are on the disk, of those that are read.
    pub(super) fn safe_length(&self) -> usize {
        self.safe
    }

    pub(super) fn append(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Cuts the file to `length` bytes.
    ///
    /// # Panics
    /// If it is shorter than that.
    pub(super) fn truncate(&mut self, length: usize) {
        assert!(length <= self.bytes.len(), "a truncation makes a file shorter");
        if length < self.safe {
            let disk = self.on_disk();
            self.cut = disk.get(length..).unwrap_or_default().to_vec();
            self.safe = length;
        }
        self.bytes.truncate(length);
        self.forgotten.retain_mut(|hole| {
            hole.end = hole.end.min(length);
            hole.start < hole.end
        });
        for sync in self.syncs.values_mut() {
            sync.covered = sync.covered.min(length);
        }
    }

    /// Begins an fsync of all that is there now.
    pub(super) fn begin_sync(&mut self) -> u64 {
        let ticket = self.next_sync;
        self.next_sync += 1;
        self.syncs.insert(ticket, Sync { covered: self.bytes.len(), cut: self.cut.len() });
        ticket
    }

    /// Ends an fsync well: what it covers is safe. Nothing happens if the power went meanwhile.
    pub(super) fn end_sync(&mut self, ticket: u64) {
        let Some(sync) = self.syncs.remove(&ticket) else { return };
        self.safe = self.safe.max(sync.covered);
        self.cut.truncate(self.cut.len() - sync.cut);
        // Who began before has that part of the cut behind him; who began later counted it in.
        for other in self.syncs.values_mut() {
            other.cut = other.cut.saturating_sub(sync.cut);
        }
        assert!(self.safe <= self.bytes.len(), "what is safe is there");
    }

    /// Ends an fsync badly: what it would have written is clean, and not on the disk.
    pub(super) fn fail_sync(&mut self, ticket: u64) {
        let Some(sync) = self.syncs.remove(&ticket) else { return };
        let mut from = self.safe;
        for hole in &self.forgotten {
            from = from.max(hole.end);
        }
        if from < sync.covered {
            self.forgotten.push(from..sync.covered);
        }
    }

    /// Forgets an fsync whose caller is gone.
    pub(super) fn abandon_sync(&mut self, ticket: u64) {
        self.syncs.remove(&ticket);
    }

    /// Flips a bit of a byte that is on the disk. False if there is no such byte.
    pub(super) fn rot(&mut self, offset: usize, bit: u8) -> bool {
        assert!(bit < 8, "a byte has eight bits");
        let is_there = offset < self.safe;
        if is_there {
            self.bytes[offset] ^= 1 << bit;
        }
        is_there
    }

    /// The page cache is gone. `draw` gives a number from zero to its argument: of what was not synced, nothing may be
    /// on the disk, or its beginning, or all.
    pub(super) fn lose_power(&mut self, mut draw: impl FnMut(usize) -> usize) -> Loss {
        let was_dirty = self.bytes.len() - self.safe;
        let truncation_is_lost = !self.cut.is_empty() && draw(1) == 0;
        let kept = if truncation_is_lost || was_dirty == 0 || draw(1) == 0 {
            0
        } else {
            let hole = self.forgotten.iter().map(|hole| hole.start).find(|start| *start >= self.safe);
            draw(was_dirty).min(hole.unwrap_or(self.bytes.len()) - self.safe)
        };
        if !truncation_is_lost {
            self.cut.clear();
        }
        self.safe += kept;
        let disk = self.on_disk();
        let before = std::mem::replace(&mut self.bytes, disk);
        let changed = before.iter().zip(&self.bytes).filter(|(before, after)| before != after).count();
        let lost = changed + before.len().saturating_sub(self.bytes.len());
        self.safe = self.bytes.len();
        self.cut.clear();
        self.forgotten.clear();
        self.syncs.clear();
        Loss { lost, kept }
    }

    /// What would be read if the power went now and took all it may.
    fn on_disk(&self) -> Vec<u8> {
        let mut disk = self.bytes[..self.safe].to_vec();
        for hole in self.forgotten.iter().rev() {
            if hole.end >= disk.len() && self.cut.is_empty() {
                // Nothing was written behind the hole: the file ends where it begins.
                disk.truncate(hole.start);
            } else if hole.start < disk.len() {
                let end = hole.end.min(disk.len());
                disk[hole.start..end].fill(0);
            }
        }
        disk.extend_from_slice(&self.cut);
        disk
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(bound: usize) -> usize {
        bound
    }

    fn none(_bound: usize) -> usize {
        0
    }

    fn synced(bytes: &[u8]) -> Content {
        let mut content = Content::default();
        content.append(bytes);
        let sync = content.begin_sync();
        content.end_sync(sync);
        content
    }

    #[test]
    fn what_is_synced_outlives_the_power() {
        let mut content = synced(b"safe");
        content.append(b" gone");
        assert_eq!(content.lose_power(none), Loss { lost: 5, kept: 0 });
        assert_eq!(content.bytes(), b"safe");
    }

    #[test]
    fn the_last_write_may_be_torn_or_whole() {
        let mut torn = synced(b"safe");
        torn.append(b" torn");
        let mut draws = [1, 2].into_iter();
        assert_eq!(torn.lose_power(|_| draws.next().unwrap()), Loss { lost: 3, kept: 2 });
        assert_eq!(torn.bytes(), b"safe t");
        let mut whole = synced(b"safe");
        whole.append(b" too");
        assert_eq!(whole.lose_power(all), Loss { lost: 0, kept: 4 });
    }

    #[test]
    fn an_append_during_a_sync_is_not_covered() {
        let mut content = Content::default();
        content.append(b"before");
        let sync = content.begin_sync();
        content.append(b" during");
        content.end_sync(sync);
        assert_eq!(content.safe_length(), 6);
        content.lose_power(none);
        assert_eq!(content.bytes(), b"before");
    }

    #[test]
    fn bytes_of_a_failed_sync_are_never_written() {
        let mut content = synced(b"a");
        content.append(b"bb");
        let failed = content.begin_sync();
        content.fail_sync(failed);
        assert_eq!(content.bytes(), b"abb", "the page cache has them");
        let again = content.begin_sync();
        content.end_sync(again);
        assert_eq!(content.lose_power(all), Loss { lost: 2, kept: 0 });
        assert_eq!(content.bytes(), b"a");
    }

    #[test]
    fn a_failed_sync_leaves_a_hole_before_what_is_written_later() {
        let mut content = synced(b"a");
        content.append(b"bb");
        let failed = content.begin_sync();
        content.fail_sync(failed);
        content.append(b"c");
        let again = content.begin_sync();
        content.end_sync(again);
        assert_eq!(content.lose_power(all), Loss { lost: 2, kept: 0 });
        assert_eq!(content.bytes(), b"a\0\0c");
    }

    #[test]
    fn a_truncation_comes_undone_unless_it_was_synced() {
        let mut undone = synced(b"long");
        undone.truncate(1);
        undone.append(b"!");
        assert_eq!(undone.bytes(), b"l!");
        undone.lose_power(none);
        assert_eq!(undone.bytes(), b"long");

        let mut done = synced(b"long");
        done.truncate(1);
        let sync = done.begin_sync();
        done.end_sync(sync);
        done.lose_power(none);
        assert_eq!(done.bytes(), b"l");
    }

    #[test]
    fn a_truncation_during_a_sync_is_not_covered() {
        let mut content = synced(b"long");
        let sync = content.begin_sync();
        content.truncate(2);
        content.end_sync(sync);
        content.lose_power(none);
        assert_eq!(content.bytes(), b"long");
    }

    #[test]
    fn a_truncation_before_a_sync_and_one_during_it_are_told_apart() {
        let mut content = synced(b"abcdef");
        content.truncate(4);
        let sync = content.begin_sync();
        content.truncate(2);
        content.end_sync(sync);
        content.lose_power(none);
        assert_eq!(content.bytes(), b"abcd");
    }

    #[test]
    fn only_a_byte_on_the_disk_can_rot() {
        let mut content = synced(&[0b1010]);
        content.append(&[0]);
        assert!(content.rot(0, 0));
        assert!(!content.rot(1, 0));
        assert_eq!(content.bytes(), [0b1011, 0]);
    }
}
