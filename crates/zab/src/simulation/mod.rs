//! Whole ensembles, in memory: networks that delay and break, disks that lose what was not synced, and monitors.
//!
//! Three uses: [`random`] schedules of faults by the thousand, an [`exhaustive`] enumeration of crashes in a small world,
//! and, in builds with the feature `zoo`, the proof that the monitors see what is planted.

mod disk;
mod exhaustive;
mod monitor;
mod random;
mod world;
#[cfg(feature = "zoo")]
mod zoo;
