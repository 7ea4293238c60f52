//! Interregnum: a deterministic simulation testbed for leader election.
//!
//! A [`Scenario`] puts nodes into a simulated world. A seed makes a [`Plan`]: the scenario, its parameters, and a
//! [`schedule`] of faults. Executing a plan gives an [`Outcome`], which is a function of the plan and of nothing else;
//! a [`Campaign`] executes many.
//!
//! What this crate refuses: faults drawn while a run goes on. A schedule is data before the run begins, so that it can
//! be saved, edited, replayed and made smaller.

#[cfg(not(madsim))]
compile_error!(
    "simulated machines need `--cfg madsim`: put `[build] rustflags = [\"--cfg\", \"madsim\"]` into .cargo/config.toml"
);

mod ambush;
mod bed;
mod campaign;
mod corpus;
mod ensemble;
mod error;
mod execute;
pub mod explore;
mod hand;
pub mod logs;
mod lookout;
mod outcome;
mod parameters;
mod plan;
mod replay;
mod role;
mod roles;
mod scenario;
pub mod schedule;
pub mod seeds;
mod shrink;
pub mod span;
pub mod story;

pub use bed::{Bed, SERVICE_PORT};
pub use campaign::{Campaign, Finding, Summary};
pub use corpus::{Changed, Corpus};
pub use error::{UserError, nearest};
pub use execute::execute;
pub use outcome::{Outcome, Verdict};
pub use parameters::{Parameter, Parameters, Value};
pub use plan::Plan;
pub use replay::{Replay, replay, same_twice};
pub use role::Role;
pub use roles::Roles;
pub use scenario::{Catalogue, Control, Planted, Profile, Scenario};
pub use shrink::{Effort, Progress, Shrunk, Size, leave_faults_out, shrink, shrink_any, shrink_reaching};

/// The version of Interregnum, as failures name it.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The compiler this was built with, as failures name it.
pub const RUSTC: &str = env!("INTERREGNUM_RUSTC");
