//! Every way in for hostile input, and what must hold whatever comes: a function `check_…` for each.
//!
//! A check takes any bytes and panics if something does not hold. The targets in `fuzz/` feed it with what a fuzzer makes
//! up, for hours; `tests/seeds.rs` with the inputs that are kept in `fuzz/seeds`, in every run of `cargo test`.
//!
//! Of all of them it is asked that nothing panics, that nothing takes for ever, and that what is read can be written and
//! read again as the same. Of what comes from a network it is asked in addition that no length which a peer merely claims
//! is paid for with memory.
//!
//! Not here: whether an answer is right. That is what the service's own tests and the clients of others are for.

mod choices;
mod connect;
mod frame;
mod log_record;
mod memory;
mod peer;
mod reply;
#[cfg(feature = "files")]
mod schedule;
mod session;
mod snapshot;
mod transactions;
#[cfg(feature = "files")]
mod zoo_cfg;

pub use connect::check_connect;
pub use frame::check_frame;
pub use log_record::check_log_record;
pub use peer::check_peer;
pub use reply::check_reply;
#[cfg(feature = "files")]
pub use schedule::check_schedule;
pub use session::check_session;
pub use snapshot::check_snapshot;
#[cfg(feature = "files")]
pub use zoo_cfg::check_zoo_cfg;

/// A check by its name: that of its target, and of the directory with its inputs.
pub type Target = (&'static str, fn(&[u8]));

/// Every check.
pub const TARGETS: &[Target] = &[
    ("connect", check_connect),
    ("frame", check_frame),
    ("log_record", check_log_record),
    ("peer", check_peer),
    ("reply", check_reply),
    #[cfg(feature = "files")]
    ("schedule", check_schedule),
    ("session", check_session),
    ("snapshot", check_snapshot),
    #[cfg(feature = "files")]
    ("zoo_cfg", check_zoo_cfg),
];
