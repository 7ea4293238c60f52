//! Interregnum: a deterministic simulation testbed for leader election.
//!
//! A [`Scenario`] puts nodes into a simulated world. A seed makes a [`Plan`]: the scenario, its parameters, and a
//! [`schedule`] of faults. Executing a plan gives an [`Outcome`], which is a function of the plan and of nothing else;
//! a [`Campaign`] executes many.
//!
//! For tests of your own there is an attribute and a builder, [`test`](macro@test) and [`Testbed`]; the [`guide`] goes through
//! a first one.
//!
//! What this crate refuses: faults drawn while a run goes on. A schedule is data before the run begins, so that it can
//! be saved, edited, replayed and made smaller.

#[cfg(not(madsim))]
compile_error!(
    "simulated machines need `--cfg madsim`: put `[build] rustflags = [\"--cfg\", \"madsim\"]` into .cargo/config.toml"
);

// What the attribute writes names this crate, also within it.
extern crate self as interregnum;

mod ambush;
pub mod attribute;
mod bed;
pub mod bounds;
mod campaign;
mod corpus;
mod ensemble;
mod error;
pub mod event;
mod execute;
pub mod explore;
pub mod files;
pub mod guide;
mod hand;
mod jobs;
pub mod leadership;
pub mod logs;
mod lookout;
pub mod monitor;
mod outcome;
mod parameters;
mod plan;
mod replay;
mod role;
mod roles;
mod scenario;
pub mod schedule;
pub mod seeds;
pub mod servers;
mod shrink;
pub mod span;
mod stage;
pub mod story;
mod testbed;

pub use ::{client, election, host};
pub use bed::{Bed, SERVICE_PORT};
pub use campaign::{Campaign, Finding, Summary};
pub use check::Failover;
pub use corpus::{Changed, Corpus};
pub use election::resource::Verdict as ActVerdict;
pub use error::{UserError, nearest};
pub use execute::execute;
pub use host::random::Stream;
pub use interregnum_macros::test;
pub use outcome::{Outcome, Verdict};
pub use parameters::{Parameter, Parameters, Value};
pub use plan::Plan;
pub use replay::{Replay, replay, same_twice};
pub use role::Role;
pub use roles::Roles;
pub use scenario::{Catalogue, Control, Planted, Profile, Scenario};
pub use shrink::{Effort, Progress, Shrunk, Size, leave_faults_out, shrink, shrink_any, shrink_reaching};
pub use stage::{Build, Finish, Stage};
pub use testbed::{
    Ensemble, Exit, Faults, Generator, Lead, Node, NodeBuilder, RunFor, SingleLeader, Testbed, Vault, VaultHandle,
};

/// The version of Interregnum, as failures name it.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The compiler this was built with, as failures name it.
pub const RUSTC: &str = env!("INTERREGNUM_RUSTC");

/// So many seconds.
pub const fn secs(seconds: u64) -> std::time::Duration {
    std::time::Duration::from_secs(seconds)
}

/// So many minutes.
pub const fn minutes(minutes: u64) -> std::time::Duration {
    std::time::Duration::from_secs(minutes * 60)
}
