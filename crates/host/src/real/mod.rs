//! The real machine, on tokio.

#![allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "this is the place they are allowed in")]

pub(crate) mod fs;
pub(crate) mod net;
pub(crate) mod time;
