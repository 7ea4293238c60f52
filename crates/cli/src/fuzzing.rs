//! What fuzzing needs to see of the inside. No part of the interface: it may change with any version.

pub use crate::serve::fuzzing::{Reading, read_zoo_cfg};
