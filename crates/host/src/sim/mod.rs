//! The simulated machine room, on madsim's scheduler and virtual time.
//!
//! madsim supplies what it is good at: picking the next ready task by the seed, virtual time, killing, restarting and
//! pausing all tasks of a node, and answering libc. Links, clocks and disks are ours ([`Network`], [`Clocks`],
//! [`Disks`]): madsim's own network lets connections succeed over a cut reply path, ends streams through a partition
//! and knows one clock for all. A process cannot tell this machine from the real one; only the testbed holds the
//! [`World`] and bends it.
//!
//! None of this is a madsim plugin: a plugin hears of kills but not of restarts, nor which of them is a power loss. Our
//! own life cycle ([`World::kill`], [`World::power_off`], …) tells each part what it must know, and then asks madsim.

mod clocks;
mod core;
mod disks;
mod foreign_clock;
mod machines;
mod network;
mod run;
mod world;

pub use clocks::{Clocks, Sleep};
pub use disks::{Disks, File};
pub use network::{Network, Quality, ReadHalf, Tcp, TcpListener, TcpStream, UdpSocket, WriteHalf, groups};
pub use run::{Options, Panicked, simulate};
pub use world::World;
