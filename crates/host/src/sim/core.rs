//! What all parts of the machine room share: true time, the seed, the roster of nodes, the log.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Mutex, MutexGuard};

use history::{Event, Log, NodeName, Record, Time};
use madsim::task::NodeId;
use madsim::time::TimeHandle;

use crate::random::Stream;

/// A node's place in the roster, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct NodeIndex(pub(super) u16);

impl NodeIndex {
    /// For indexing vectors that run in step with the roster.
    pub(super) fn position(self) -> usize {
        usize::from(self.0)
    }
}

/// What all parts of the machine room share.
pub(super) struct Core {
    seed: u64,
    time: TimeHandle,
    roster: Mutex<Roster>,
    log: Mutex<Log>,
}

#[derive(Default)]
struct Roster {
    names: Vec<NodeName>,
    by_name: BTreeMap<NodeName, NodeIndex>,
    by_id: BTreeMap<NodeId, NodeIndex>,
}

/// Locks a mutex of the single-threaded world. A poisoned one means that the run is panicking already.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

impl Core {
    pub(super) fn new(seed: u64, time: TimeHandle, log: Log) -> Core {
        Core { seed, time, roster: Mutex::default(), log: Mutex::new(log) }
    }

    /// True virtual time.
    pub(super) fn now(&self) -> Time {
        Time::after_start(self.time.elapsed())
    }

    /// madsim's handle on time.
    pub(super) fn time(&self) -> &TimeHandle {
        &self.time
    }

    /// A stream of random numbers that depends on the seed and this name alone.
    pub(super) fn stream(&self, name: &str) -> Stream {
        crate::random::derive(self.seed, name)
    }

    /// Enters a node into the roster.
    ///
    /// # Panics
    /// If the name is taken.
    pub(super) fn enroll(&self, name: &NodeName, id: NodeId) -> NodeIndex {
        let mut roster = lock(&self.roster);
        let index = NodeIndex(u16::try_from(roster.names.len()).expect("no more than 65,536 nodes"));
        assert!(roster.by_name.insert(name.clone(), index).is_none(), "there is a node `{name}` already");
        roster.by_id.insert(id, index);
        roster.names.push(name.clone());
        index
    }

    /// The node of the running task; nothing for the supervisor, who stands outside the world.
    pub(super) fn current_node(&self) -> Option<NodeIndex> {
        lock(&self.roster).by_id.get(&madsim::plugin::node()).copied()
    }

    pub(super) fn find(&self, name: &str) -> Option<NodeIndex> {
        lock(&self.roster).by_name.get(name).copied()
    }

    pub(super) fn name(&self, node: NodeIndex) -> NodeName {
        lock(&self.roster).names[node.position()].clone()
    }

    pub(super) fn names(&self) -> Vec<NodeName> {
        lock(&self.roster).names.clone()
    }

    /// The address of a node to itself.
    pub(super) const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    /// The one address of a node: 10.0.x.y, counted from 10.0.0.1.
    pub(super) fn address(node: NodeIndex) -> IpAddr {
        let [high, low] = (node.0 + 1).to_be_bytes();
        IpAddr::V4(Ipv4Addr::new(10, 0, high, low))
    }

    /// The node that has an address, loopback being the asking node itself.
    pub(super) fn at_address(&self, address: IpAddr, asking: NodeIndex) -> Option<NodeIndex> {
        match address {
            IpAddr::V4(v4) if v4.is_loopback() => Some(asking),
            IpAddr::V4(v4) => {
                let [ten, zero, high, low] = v4.octets();
                let place = u16::from_be_bytes([high, low]).checked_sub(1)?;
                let known = usize::from(place) < lock(&self.roster).names.len();
                (ten == 10 && zero == 0 && known).then_some(NodeIndex(place))
            }
            IpAddr::V6(v6) => v6.is_loopback().then_some(asking),
        }
    }

    /// Writes an event of a node into the log.
    pub(super) fn tell(&self, node: Option<NodeIndex>, event: Event) {
        let node = node.map(|node| self.name(node));
        self.append(Record { at: self.now(), node, event });
    }

    /// Writes a record into the log, for those who know the name without asking.
    pub(super) fn append(&self, record: Record) {
        lock(&self.log).append(record);
    }

    pub(super) fn log(&self) -> MutexGuard<'_, Log> {
        lock(&self.log)
    }
}
