//! Hands out jobs, one after the other, by whichever node leads.

mod election;
mod scheduler;

pub use scheduler::{Answer, Store, run};
