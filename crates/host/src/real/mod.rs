//! The real machine, on tokio.

pub(crate) mod fs;
pub(crate) mod net;
pub(crate) mod time;
