//! The differential test: one random sequence of operations, driven to Apache ZooKeeper and to us; what the sessions hear
//! must be the same.
//!
//! [`operation`] says what sessions do, [`strategy`] draws it, [`encode`] puts it on the wire; [`driver`] drives one
//! server and writes down what its sessions hear in the terms of [`normalise`]; [`compare`] looks for the first
//! difference, and [`pair`] runs both servers. [`past`] keeps the differences that there were. Refused: several
//! sessions at work at the same moment, because then Apache ZooKeeper does not say twice the same; and ensembles.

pub mod campaign;
pub mod compare;
pub mod driver;
pub mod encode;
pub mod janitor;
pub mod normalise;
pub mod operation;
pub mod pair;
pub mod past;
pub mod strategy;
