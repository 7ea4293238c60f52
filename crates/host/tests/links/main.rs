//! What a link does: a test for each line of the table in the design, through the seam that processes use.

#![cfg(madsim)]

extern crate interregnum_host as host;

mod datagrams;
mod determinism;
mod handshakes;
mod machines;
mod outages;
mod sessions;
mod streams;
mod support;
