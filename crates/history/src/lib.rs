//! What happened in a run: the typed vocabulary of events, the log that keeps them, and its trace hash.
//!
//! This is the language in which the world below (machines, links, clocks, disks) and the processes above
//! (services, clients, candidates) speak to the monitors. It knows nothing of how events come about and takes no
//! decision about them: judging is the business of `check`, showing them of the testbed's reports.

mod event;
pub mod ledger;
mod log;
mod name;
mod time;
mod trace;

pub use event::{
    CallEvent, ClientEvent, ClockEvent, DiskEvent, EnsembleEvent, Event, FaultEvent, LeadershipEvent, MachineEvent,
    NetworkEvent, Phase, ResourceEvent, ServiceEvent, SyncKind, Term, WatchKind, WorkEvent,
};
pub use log::{Keep, Log, Observer, Record};
pub use name::NodeName;
pub use time::Time;
pub use trace::TraceHash;
