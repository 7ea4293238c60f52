//! Machines and the one process on each: start, kill, power, pause.
//!
//! madsim's traps are kept here: `kill` always goes before `restart`, and nothing of ours is locked while madsim drops
//! a node's tasks, for their destructors come back to us.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use history::{Event, MachineEvent, NodeName};
use madsim::task::NodeId;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::World;
use super::core::{NodeIndex, lock};

/// A program: called at each start of its process.
pub(super) type Program = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = ()>>> + Send + Sync>;

/// The life cycle of all machines.
#[derive(Default)]
pub(super) struct Machines {
    machines: Mutex<Vec<Machine>>,
    /// Who wants to hear of processes that returned by themselves.
    exits: Mutex<Option<UnboundedSender<NodeName>>>,
}

struct Machine {
    id: NodeId,
    powered: bool,
    running: bool,
    paused: bool,
    /// How often the process was started; streams of random numbers differ from one life to the next.
    starts: u32,
    /// How often a stream of a name was opened in this life.
    openings: BTreeMap<String, u32>,
}

impl Machines {
    fn with<T>(&self, node: NodeIndex, read: impl FnOnce(&mut Machine) -> T) -> T {
        read(&mut lock(&self.machines)[node.position()])
    }
}

impl World {
    /// Adds a machine and starts its program. The program is called again at every later start.
    ///
    /// # Panics
    /// If the name is taken.
    pub fn add_node<F, Fut>(&self, name: &str, program: F) -> NodeName
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = ()> + 'static,
    {
        let program: Program = Arc::new(move || Box::pin(program()));
        let name = NodeName::new(name);
        let init = {
            // madsim keeps this for restarts, and the world keeps madsim: held here, neither would ever be freed.
            let name = name.clone();
            move || {
                let (name, program) = (name.clone(), program.clone());
                async move {
                    program().await;
                    World::current().exited(&name);
                }
            }
        };
        let node = self.runtime().create_node().name(name.as_str()).init(init).build();
        let index = self.core().enroll(&name, node.id());
        lock(&self.machines().machines).push(Machine {
            id: node.id(),
            powered: true,
            running: true,
            paused: false,
            starts: 1,
            openings: BTreeMap::new(),
        });
        self.clocks().add_node(index);
        self.disks().add_node(index);
        self.network().add_node(index);
        self.core().tell(Some(index), Event::Machine(MachineEvent::Started));
        name
    }

    /// Starts the process of a machine that has power, unless it runs.
    pub fn start(&self, node: &str) {
        let index = self.index(node);
        let id = self.machines().with(index, |machine| {
            let may_start = machine.powered && !machine.running;
            if may_start {
                machine.running = true;
                machine.paused = false;
                machine.starts += 1;
                machine.openings.clear();
            }
            may_start.then_some(machine.id)
        });
        if let Some(id) = id {
            self.core().tell(Some(index), Event::Machine(MachineEvent::Started));
            self.runtime().restart(id);
        }
    }

    /// Kills the process; its kernel closes the connections. Nothing happens if it does not run.
    pub fn kill(&self, node: &str) {
        let index = self.index(node);
        if let Some(id) = self.end_process(index) {
            self.core().tell(Some(index), Event::Machine(MachineEvent::Killed));
            self.network().process_ended(index);
            self.disks().process_ended(index);
            self.runtime().kill(id);
        }
    }

    /// Cuts the power: process and kernel are gone, and what was not fsynced is lost. Nothing happens if it is off.
    pub fn power_off(&self, node: &str) {
        let index = self.index(node);
        let was_powered = self.machines().with(index, |machine| std::mem::replace(&mut machine.powered, false));
        if !was_powered {
            return;
        }
        let running = self.end_process(index);
        self.core().tell(Some(index), Event::Machine(MachineEvent::PowerLost));
        self.network().power_lost(index);
        self.disks().power_lost(index);
        if let Some(id) = running {
            self.runtime().kill(id);
        }
    }

    /// Gives power again; the process must be started on its own.
    pub fn power_on(&self, node: &str) {
        let index = self.index(node);
        let was_powered = self.machines().with(index, |machine| std::mem::replace(&mut machine.powered, true));
        if !was_powered {
            self.network().power_restored(index);
        }
    }

    /// Stalls the process. Its kernel goes on: it accepts connections and acknowledges bytes.
    pub fn pause(&self, node: &str) {
        let index = self.index(node);
        let id = self.machines().with(index, |machine| {
            let may_pause = machine.running && !machine.paused;
            machine.paused |= may_pause;
            may_pause.then_some(machine.id)
        });
        if let Some(id) = id {
            self.core().tell(Some(index), Event::Machine(MachineEvent::Paused));
            self.runtime().pause(id);
        }
    }

    /// Lets a stalled process go on. Nothing happens if it is not stalled.
    pub fn resume(&self, node: &str) {
        let index = self.index(node);
        let id = self.machines().with(index, |machine| {
            let was_paused = std::mem::replace(&mut machine.paused, false);
            was_paused.then_some(machine.id)
        });
        if let Some(id) = id {
            self.core().tell(Some(index), Event::Machine(MachineEvent::Resumed));
            self.runtime().resume(id);
        }
    }

    /// Whether the process of a node runs (it may be stalled).
    pub fn is_running(&self, node: &str) -> bool {
        self.machines().with(self.index(node), |machine| machine.running)
    }

    /// Whether the machine has power.
    pub fn is_powered(&self, node: &str) -> bool {
        self.machines().with(self.index(node), |machine| machine.powered)
    }

    /// Whether the process is stalled.
    pub fn is_paused(&self, node: &str) -> bool {
        self.machines().with(self.index(node), |machine| machine.paused)
    }

    /// The processes that return by themselves, from now on. Only the latest caller hears of them.
    pub fn exits(&self) -> UnboundedReceiver<NodeName> {
        let (sender, receiver) = unbounded_channel();
        *lock(&self.machines().exits) = Some(sender);
        receiver
    }

    /// The name under which the next stream of this node is derived.
    pub(super) fn stream_name(&self, node: NodeIndex, name: &str) -> String {
        let (start, opening) = self.machines().with(node, |machine| {
            let opening = machine.openings.entry(name.to_owned()).or_default();
            *opening += 1;
            (machine.starts, *opening)
        });
        format!("node/{}/{start}/{name}/{opening}", self.core().name(node))
    }

    /// Drops all tasks of all nodes and of the network, at the end of the run and without a word in the log.
    pub(super) fn end(&self) {
        let ids: Vec<NodeId> = lock(&self.machines().machines).iter().map(|machine| machine.id).collect();
        for id in ids {
            self.runtime().kill(id);
        }
        self.network().end();
        // Who listens for ends holds the world, which holds where he listens.
        *lock(&self.machines().exits) = None;
        self.disks().end();
    }

    fn exited(&self, node: &NodeName) {
        let index = self.index(node);
        if self.end_process(index).is_some() {
            self.core().tell(Some(index), Event::Machine(MachineEvent::Exited));
            self.network().process_ended(index);
            self.disks().process_ended(index);
            if let Some(listener) = &*lock(&self.machines().exits) {
                // Nobody listening any more is no reason to complain.
                let _ = listener.send(node.clone());
            }
        }
    }

    /// Marks the process as ended; gives madsim's id if it ran.
    fn end_process(&self, node: NodeIndex) -> Option<NodeId> {
        self.machines().with(node, |machine| {
            machine.paused = false;
            std::mem::replace(&mut machine.running, false).then_some(machine.id)
        })
    }

    fn index(&self, node: &str) -> NodeIndex {
        self.core().find(node).unwrap_or_else(|| panic!("there is no node `{node}`"))
    }
}
