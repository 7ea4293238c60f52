//! Randomness, in independent streams by name.
//!
//! Inside a simulation a stream is a function of the run's seed, the node, how often the process was started, and the
//! stream's name: what one part of a program draws does not move what another draws. On the real machine it comes from
//! the operating system.

use std::hash::Hasher;

use rand::{RngCore, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use siphasher::sip::SipHasher13;

#[cfg(madsim)]
use crate::sim;

/// A stream of random numbers.
pub type Stream = Xoshiro256PlusPlus;

/// Opens the stream of this name on this node. Opened twice within one life of the process, it continues elsewhere:
/// each opening is a stream of its own.
pub fn stream(name: &str) -> Stream {
    #[cfg(madsim)]
    if let Some(world) = sim::World::try_current() {
        return world.stream_of_node(name);
    }
    let _ = name;
    Stream::from_entropy()
}

/// 64 random bits, for identifiers.
pub fn bits(name: &str) -> u64 {
    stream(name).next_u64()
}

/// The stream that depends on this seed and this name alone.
pub fn derive(seed: u64, name: &str) -> Stream {
    let mut hasher = SipHasher13::new_with_keys(seed, 0x7374_7265_616d_7321);
    hasher.write(name.as_bytes());
    Stream::seed_from_u64(hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_differ_by_seed_and_by_name_and_are_otherwise_the_same() {
        let first = |seed, name| derive(seed, name).next_u64();
        assert_eq!(first(1, "links"), first(1, "links"));
        assert_ne!(first(1, "links"), first(2, "links"));
        assert_ne!(first(1, "links"), first(1, "schedule"));
    }
}
