//! Names of servers and of transactions.

use std::fmt;

/// A server of the ensemble: ZooKeeper's `myid`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServerId(pub u8);

impl fmt::Display for ServerId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "server {}", self.0)
    }
}

/// The term of one leader. Zero is the time before the first.
pub type Epoch = u32;

/// A transaction's place in the one order: the epoch of its leader, and its number in that epoch, from 1.
///
/// ZooKeeper packs the two into a `long`. Number 0 is no transaction here: [`Zxid::ZERO`] is the empty history, and the
/// new-epoch marker that a Java server may report as its last zxid does not exist.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Zxid(u64);

impl Zxid {
    /// The end of the empty history.
    pub const ZERO: Zxid = Zxid(0);

    /// The transaction `counter` of `epoch`.
    pub const fn new(epoch: Epoch, counter: u32) -> Zxid {
        Zxid((epoch as u64) << 32 | counter as u64)
    }

    /// From the packed form.
    pub const fn from_bits(bits: u64) -> Zxid {
        Zxid(bits)
    }

    /// The packed form, as clients see it.
    pub const fn to_bits(self) -> u64 {
        self.0
    }

    /// Whose leader's it is.
    pub const fn epoch(self) -> Epoch {
        (self.0 >> 32) as Epoch
    }

    /// Its number in the epoch.
    pub const fn counter(self) -> u32 {
        self.0 as u32
    }

    /// May `self` come directly after `previous` in a history? The next number of the same epoch, or the first of a later
    /// one: a gap means that something was lost (ZOOKEEPER-4925).
    pub const fn follows(self, previous: Zxid) -> bool {
        if self.epoch() == previous.epoch() {
            self.counter() > 0 && self.counter() - 1 == previous.counter()
        } else {
            self.epoch() > previous.epoch() && self.counter() == 1
        }
    }
}

impl fmt::Display for Zxid {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.epoch(), self.counter())
    }
}

impl fmt::Debug for Zxid {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn epoch_goes_before_counter() {
        assert!(Zxid::new(2, 1) > Zxid::new(1, u32::MAX));
        assert_eq!(Zxid::new(7, 9).to_bits(), 0x7_0000_0009);
        assert_eq!(Zxid::from_bits(0x7_0000_0009), Zxid::new(7, 9));
    }

    #[test]
    fn only_the_next_number_follows() {
        assert!(Zxid::new(1, 2).follows(Zxid::new(1, 1)));
        assert!(Zxid::new(3, 1).follows(Zxid::new(1, 9)));
        assert!(Zxid::new(1, 1).follows(Zxid::ZERO));
        assert!(!Zxid::new(1, 3).follows(Zxid::new(1, 1)));
        assert!(!Zxid::new(1, 1).follows(Zxid::new(1, 1)));
        assert!(!Zxid::new(3, 2).follows(Zxid::new(1, 9)));
        assert!(!Zxid::new(1, 10).follows(Zxid::new(3, 9)));
        assert!(!Zxid::ZERO.follows(Zxid::ZERO));
    }
}
