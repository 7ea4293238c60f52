//! The world: the handle by which the testbed builds and bends a machine room.

use std::cell::RefCell;
use std::future::Future;
use std::sync::{Arc, MutexGuard};

use history::{Event, Log, NodeName, Time};
use madsim::runtime::Handle;

use super::core::Core;
use super::machines::Machines;
use super::{Clocks, Disks, Network};
use crate::random::Stream;

/// The machine room of one run. A clone is another handle on the same room.
#[derive(Clone)]
pub struct World(Arc<Room>);

struct Room {
    core: Arc<Core>,
    runtime: Handle,
    machines: Machines,
    network: Network,
    clocks: Clocks,
    disks: Disks,
}

thread_local! {
    /// The room of the run on this thread. Each run has a fresh thread, so nothing outlives it.
    static CURRENT: RefCell<Option<World>> = const { RefCell::new(None) };
}

impl World {
    pub(super) fn new(seed: u64, runtime: Handle, log: Log) -> World {
        let core = Arc::new(Core::new(seed, madsim::time::TimeHandle::current(), log));
        World(Arc::new(Room {
            network: Network::new(core.clone()),
            clocks: Clocks::new(core.clone()),
            disks: Disks::new(core.clone()),
            machines: Machines::default(),
            core,
            runtime,
        }))
    }

    /// Makes this the world of the running thread; nothing unmakes it but the end of the thread.
    pub(super) fn enter(&self) {
        CURRENT.with(|current| {
            let before = current.borrow_mut().replace(self.clone());
            assert!(before.is_none(), "every run has a thread of its own");
        });
    }

    /// Leaves the world, so that what is dropped after the run finds none.
    pub(super) fn leave() {
        let world = CURRENT.with(|current| current.borrow_mut().take());
        if let Some(world) = world {
            world.network().shut_down();
        }
    }

    /// The world of this thread, if it is inside a simulation.
    pub fn try_current() -> Option<World> {
        CURRENT.try_with(|current| current.try_borrow().ok()?.clone()).ok().flatten()
    }

    /// The world of this thread.
    ///
    /// # Panics
    /// Outside a simulation.
    pub fn current() -> World {
        World::try_current().expect("this is called inside a simulation only")
    }

    /// True virtual time, which no process can see.
    pub fn now(&self) -> Time {
        self.0.core.now()
    }

    /// Waits for `duration` of true time. For the supervisor; processes sleep by their own clocks.
    pub async fn sleep(&self, duration: std::time::Duration) {
        madsim::time::sleep(duration).await;
    }

    /// Waits until true time `at`.
    pub async fn sleep_until(&self, at: Time) {
        let now = self.now();
        if at > now {
            madsim::time::sleep(at.since(now)).await;
        }
    }

    /// A stream of random numbers that depends on the seed and this name alone.
    pub fn stream(&self, name: &str) -> Stream {
        self.0.core.stream(name)
    }

    /// The links.
    pub fn network(&self) -> &Network {
        &self.0.network
    }

    /// The clocks.
    pub fn clocks(&self) -> &Clocks {
        &self.0.clocks
    }

    /// The disks.
    pub fn disks(&self) -> &Disks {
        &self.0.disks
    }

    /// All nodes, in the order in which they were added.
    pub fn nodes(&self) -> Vec<NodeName> {
        self.0.core.names()
    }

    /// The event log. Must not be held across an await.
    pub fn log(&self) -> MutexGuard<'_, Log> {
        self.0.core.log()
    }

    /// Writes an event of the running node (or of the supervisor) into the log.
    pub fn tell(&self, event: Event) {
        self.0.core.tell(self.0.core.current_node(), event);
    }

    /// The name of the running node; `supervisor` outside all nodes.
    pub fn node_name(&self) -> NodeName {
        match self.0.core.current_node() {
            Some(node) => self.0.core.name(node),
            None => NodeName::new("supervisor"),
        }
    }

    pub(crate) fn stream_of_node(&self, name: &str) -> Stream {
        match self.0.core.current_node() {
            Some(node) => self.stream(&self.stream_name(node, name)),
            None => self.stream(&format!("supervisor/{name}")),
        }
    }

    /// Spawns a task of the supervisor, who stands outside all nodes.
    pub fn supervise(&self, future: impl Future<Output = ()> + 'static) {
        let _task = madsim::task::spawn_local(future);
    }

    /// Frees what madsim remembers of ended tasks: it forgets them only when asked to count.
    pub(super) fn sweep(&self) {
        let _count = self.0.runtime.metrics().num_tasks();
    }

    pub(super) fn core(&self) -> &Arc<Core> {
        &self.0.core
    }

    pub(super) fn runtime(&self) -> &Handle {
        &self.0.runtime
    }

    pub(super) fn machines(&self) -> &Machines {
        &self.0.machines
    }
}
