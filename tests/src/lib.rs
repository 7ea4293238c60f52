//! What the end-to-end tests share: the program, its processes, and two ways to talk to them.
//!
//! Nothing here is simulated: real processes, real ports, real files, real time. Nothing here trusts the code under
//! test either, where it can be helped: [`wire::Connection`] speaks the protocol frame by frame over a blocking socket.
//!
//! Tests that need programs of others ([`kazoo`], [`java`], [`apache`], [`browser`]) are in files named `conformance_*.rs`, and run only when
//! they are asked for: see [`outside`].

pub mod apache;
pub mod browser;
pub mod bystander;
pub mod certificates;
pub mod compatibility;
pub mod crates;
pub mod descriptors;
pub mod differential;
pub mod either;
pub mod ensemble;
pub mod files;
pub mod java;
pub mod kazoo;
pub mod kazoo_suite;
pub mod memory;
pub mod outside;
pub mod process;
pub mod program;
pub mod script;
pub mod secrets;
pub mod service;
pub mod session;
mod stream;
pub mod verdicts;
pub mod waiting;
pub mod wire;
pub mod words;
pub mod zkcli;
