//! Randomness, in independent streams by name.
//!
//! Inside a simulation a stream is a function of the run's seed, the node, how often the process was started, and the
//! stream's name: what one part of a program draws does not move what another draws. On the real machine it comes from
//! the operating system.

use rand::{RngCore, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

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
