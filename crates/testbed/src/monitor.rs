//! Monitors: the trait for your own, and those that come along.
//!
//! A monitor sees every [`Record`](crate::event::Record) of a run, in true time order, and writes down what is wrong. It
//! takes no part in the run: it asks no clock, draws no random number, and judges only what was told.
//!
//! ```
//! use interregnum::event::{Event, LeadershipEvent, Record};
//! use interregnum::monitor::{Monitor, Report};
//!
//! /// Nobody is elected more than a hundred times.
//! #[derive(Default)]
//! struct Calm(u32);
//!
//! impl Monitor for Calm {
//!     fn name(&self) -> &'static str {
//!         "calm"
//!     }
//!
//!     fn observe(&mut self, record: &Record, report: &mut Report) {
//!         if let Event::Leadership(LeadershipEvent::Elected { .. }) = &record.event {
//!             self.0 += 1;
//!             if self.0 > 100 {
//!                 report.safety(self.name(), record, format!("election number {}", self.0));
//!             }
//!         }
//!     }
//! }
//! ```

pub use check::{
    Belief, Bounds, Counters, Effect, Ephemerals, Failover, Kind, Linearizable, Monitor, Monitors, Order, Overlap,
    Progress, Report, Required, Sequence, Sessions, Violation, WatchLost, WatchOrder, linearizability, sometimes,
};
