//! Stands in for the crate `ahash` 0.7, which keys the maps of `hashbrown` up to 0.12.
//!
//! The real one keys each map from a counter that all runs of a process share, from addresses and from the operating system:
//! the order of a map is another one in each run. (From 0.8 on it can be told to ask somebody else; in 0.7 the trait for
//! that is private.) This one draws the keys from the dice of `fastrand`, which for a guest are those of its node: the order
//! of a map is a function of the seed, and another one under another seed. Outside of a guest it is as random as `fastrand`
//! is there.
//!
//! Covered: [`RandomState`], by default and from seeds, which is what `hashbrown` asks for. Not covered, and therefore not
//! compiled: `AHashMap`, `AHashSet` and `CallHasher`. The hash itself is SipHash 1-3, not `ahash`.

use std::fmt;
use std::hash::BuildHasher;

use siphasher::sip::SipHasher13;

/// The keys of a map.
#[derive(Clone)]
pub struct RandomState {
    first: u64,
    second: u64,
}

/// Hashes for one look into a map.
pub type AHasher = SipHasher13;

impl RandomState {
    /// Keys drawn from the dice.
    pub fn new() -> RandomState {
        RandomState { first: fastrand::u64(..), second: fastrand::u64(..) }
    }

    /// Keys made of these seeds.
    pub const fn with_seeds(first: u64, second: u64, third: u64, fourth: u64) -> RandomState {
        RandomState { first: first ^ third.rotate_left(32), second: second ^ fourth.rotate_left(32) }
    }
}

impl Default for RandomState {
    fn default() -> RandomState {
        RandomState::new()
    }
}

impl fmt::Debug for RandomState {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad("RandomState { .. }")
    }
}

impl BuildHasher for RandomState {
    type Hasher = AHasher;

    fn build_hasher(&self) -> AHasher {
        SipHasher13::new_with_keys(self.first, self.second)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keys_are_a_function_of_the_dice() {
        let hash = |seed| {
            fastrand::seed(seed);
            RandomState::new().hash_one("a znode")
        };
        assert_eq!(hash(1), hash(1));
        assert_ne!(hash(1), hash(2));
    }

    #[test]
    fn maps_of_one_run_differ_from_each_other() {
        fastrand::seed(7);
        assert_ne!(RandomState::new().hash_one(1), RandomState::new().hash_one(1));
        let seeded = || RandomState::with_seeds(1, 2, 3, 4).hash_one(1);
        assert_eq!(seeded(), seeded());
    }
}
