//! All that the network remembers, behind one lock.
//!
//! The lock is taken by processes, by destructors, by the kernel's task and by the testbed. Under it nothing is called
//! that could come back here: waking only puts a task into a queue, and telling only writes into the log.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};
use std::task::Waker;

use super::connection::{Connection, Side};
use super::datagram::Mailbox;
use super::handshake::Handshakes;
use super::listener::Listening;
use super::medium::Medium;
use crate::sim::core::{NodeIndex, lock};

/// Where the kernel begins to look for a free port.
const FIRST_EPHEMERAL_PORT: u16 = 32_768;

/// The network of one world.
pub(super) struct Shared(Mutex<State>);

impl Shared {
    pub(super) fn new(medium: Medium) -> Shared {
        Shared(Mutex::new(State {
            medium,
            hosts: Vec::new(),
            connections: Connections::default(),
            handshakes: Handshakes::default(),
            identities: 0,
        }))
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.0)
    }
}

/// What the network remembers.
pub(super) struct State {
    pub(super) medium: Medium,
    pub(super) hosts: Vec<Host>,
    pub(super) connections: Connections,
    pub(super) handshakes: Handshakes,
    identities: u64,
}

/// The sockets of one machine that are not streams.
#[derive(Default)]
pub(super) struct Host {
    pub(super) listening: BTreeMap<u16, Listening>,
    pub(super) mailboxes: BTreeMap<u16, Mailbox>,
    ephemeral_ports: u16,
}

impl Host {
    /// A port that nobody has.
    pub(super) fn free_port(&mut self) -> Option<u16> {
        let range = u16::MAX - FIRST_EPHEMERAL_PORT;
        (0..range).find_map(|_| {
            let port = FIRST_EPHEMERAL_PORT + self.ephemeral_ports;
            self.ephemeral_ports = (self.ephemeral_ports + 1) % range;
            let free = !self.listening.contains_key(&port) && !self.mailboxes.contains_key(&port);
            free.then_some(port)
        })
    }
}

impl State {
    /// A number that nothing had before: a socket's handle may outlive its socket and must not touch the next one.
    pub(super) fn identity(&mut self) -> u64 {
        self.identities += 1;
        self.identities
    }

    pub(super) fn host(&mut self, node: NodeIndex) -> &mut Host {
        &mut self.hosts[node.position()]
    }

    /// Drops all sockets of a machine that are not streams; `refuse` resets what waits to be accepted.
    pub(super) fn drop_sockets(&mut self, node: NodeIndex, refuse: bool) {
        let host = std::mem::take(&mut self.hosts[node.position()].listening);
        self.hosts[node.position()].mailboxes.clear();
        for listening in host.into_values() {
            self.drop_backlog(listening, refuse);
        }
    }

    pub(super) fn drop_backlog(&mut self, listening: Listening, refuse: bool) {
        for place in listening.backlog {
            if refuse {
                self.connections.get(place).refuse(&mut self.medium, Side::Acceptor);
            }
            self.connections.release(place);
        }
    }

    /// Does something to each connection, in the order of their places.
    pub(super) fn for_each_connection(&mut self, mut act: impl FnMut(&mut Medium, &mut Connection)) {
        for slot in self.connections.slots.iter_mut().flatten() {
            act(&mut self.medium, &mut slot.connection);
        }
    }

    /// Takes out everybody who waits for anything.
    pub(super) fn take_wakers(&mut self) -> Vec<Waker> {
        let mut wakers: Vec<Waker> = self.handshakes.take_wakers();
        self.for_each_connection(|_, connection| wakers.extend(connection.take_wakers()));
        for host in &mut self.hosts {
            wakers.extend(host.listening.values_mut().filter_map(|listening| listening.waker.take()));
            wakers.extend(host.mailboxes.values_mut().filter_map(|mailbox| mailbox.waker.take()));
        }
        wakers
    }
}

/// A connection's place; free again when nobody holds a part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place(u32);

/// All connections that somebody holds a part of.
#[derive(Default)]
pub(super) struct Connections {
    slots: Vec<Option<Slot>>,
    free: Vec<Place>,
}

struct Slot {
    connection: Connection,
    /// The halves of both processes, and the backlog.
    holders: u8,
}

impl Connections {
    /// Takes in a connection that `holders` parties hold.
    pub(super) fn insert(&mut self, connection: Connection, holders: u8) -> Place {
        let slot = Some(Slot { connection, holders });
        if let Some(place) = self.free.pop() {
            self.slots[place.0 as usize] = slot;
            return place;
        }
        self.slots.push(slot);
        Place(u32::try_from(self.slots.len() - 1).expect("fewer than four thousand million connections"))
    }

    pub(super) fn get(&mut self, place: Place) -> &mut Connection {
        let slot = self.slots[place.0 as usize].as_mut();
        &mut slot.expect("a connection stays as long as somebody holds it").connection
    }

    pub(super) fn hold(&mut self, place: Place) {
        let slot = self.slots[place.0 as usize].as_mut();
        slot.expect("a connection stays as long as somebody holds it").holders += 1;
    }

    pub(super) fn release(&mut self, place: Place) {
        let slot = &mut self.slots[place.0 as usize];
        let holders = &mut slot.as_mut().expect("a connection stays as long as somebody holds it").holders;
        *holders -= 1;
        if *holders == 0 {
            *slot = None;
            self.free.push(place);
        }
    }
}
