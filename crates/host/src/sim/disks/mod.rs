//! Disks of the nodes.
//!
//! Each machine has one, empty at first. A kill costs nothing, for the kernel keeps what was written; a power loss
//! takes what was not synced, and may tear the last write. An fsync takes a millisecond or two, may be slow, and may
//! fail; a disk may be full; a bit may rot, which is seen at the next read.
//!
//! What is not modelled: reads that take time or fail, writes that reach the disk unasked before the power goes other
//! than as a torn tail, and a queue in the device: two fsyncs at once do not delay each other.

mod content;
mod device;
mod file;
#[cfg(test)]
mod tests;
mod tree;

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use device::{Device, SyncListener};
pub use file::File;
use history::NodeName;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::core::{Core, NodeIndex, lock};

/// The disks of all nodes. What goes wrong on them is told in the event log.
pub struct Disks {
    core: Arc<Core>,
    supervisor: Arc<Device>,
    nodes: Mutex<Vec<Arc<Device>>>,
    syncs: SyncListener,
}

impl Disks {
    pub(super) fn new(core: Arc<Core>) -> Disks {
        let syncs = SyncListener::default();
        let supervisor = Arc::new(Device::new(core.clone(), None, syncs.clone()));
        Disks { core, supervisor, nodes: Mutex::default(), syncs }
    }

    pub(super) fn add_node(&self, node: NodeIndex) {
        let device = Arc::new(Device::new(self.core.clone(), Some(node), self.syncs.clone()));
        let mut nodes = lock(&self.nodes);
        assert_eq!(nodes.len(), node.position(), "disks run in step with the roster");
        nodes.push(device);
    }

    /// The kernel lives on and keeps its page cache: nothing is lost.
    #[expect(clippy::unused_self, reason = "the life of a process passes by every part of its machine")]
    pub(super) fn process_ended(&self, _node: NodeIndex) {}

    pub(super) fn power_lost(&self, node: NodeIndex) {
        let device = lock(&self.nodes)[node.position()].clone();
        device.lose_power();
    }

    /// Makes every fsync of a node take so much longer, until [`Disks::restore`].
    ///
    /// # Panics
    /// If there is no such node.
    pub fn slow_sync(&self, node: &str, longer: Duration) {
        self.find(node).set_slowness(longer);
    }

    /// Ends every fault of the disk that has a duration: slow and failing fsyncs, and being full.
    ///
    /// # Panics
    /// If there is no such node.
    pub fn restore(&self, node: &str) {
        let device = self.find(node);
        device.set_slowness(Duration::ZERO);
        device.fail_next_syncs(0);
        device.drain();
    }

    /// Lets the next `count` fsyncs of a node fail. What they would have written vanishes when the power goes, even if
    /// a later fsync succeeds.
    ///
    /// # Panics
    /// If there is no such node.
    pub fn fail_next_syncs(&self, node: &str, count: u32) {
        self.find(node).fail_next_syncs(count);
    }

    /// The nodes on whose disks fsyncs begin, from now on: what each is to make safe is not safe yet. Only the latest
    /// caller hears of them.
    pub fn syncs(&self) -> UnboundedReceiver<NodeName> {
        let (sender, receiver) = unbounded_channel();
        *lock(&self.syncs) = Some(sender);
        receiver
    }

    /// Nobody hears of fsyncs any more, at the end of the run.
    pub(super) fn end(&self) {
        *lock(&self.syncs) = None;
    }

    /// Fills the disk of a node, but for a few bytes: appends fail, perhaps with their beginning written. What is cut
    /// off or removed makes room.
    ///
    /// # Panics
    /// If there is no such node.
    pub fn fill(&self, node: &str) {
        self.find(node).fill();
    }

    /// Makes room again on the disk of a node.
    ///
    /// # Panics
    /// If there is no such node.
    pub fn drain(&self, node: &str) {
        self.find(node).drain();
    }

    /// Flips one bit, 0 to 7, of a byte that is on the disk of a node.
    ///
    /// # Errors
    /// `NotFound` if there is no such file, `InvalidInput` if the byte is not there or was never synced.
    ///
    /// # Panics
    /// If there is no such node, or if a byte has no such bit.
    pub fn rot(&self, node: &str, path: &Path, offset: u64, bit: u8) -> io::Result<()> {
        self.find(node).rot(path, offset, bit)
    }

    /// Flips one bit anywhere on the disk of a node, drawn from the disk's own stream of random numbers. Says in which
    /// file and at which byte; nothing if nothing is on the disk.
    ///
    /// # Panics
    /// If there is no such node.
    pub fn rot_anywhere(&self, node: &str) -> Option<(String, u64)> {
        self.find(node).rot_anywhere()
    }

    /// Puts an empty disk into the machine. A process that runs goes on with the files it has open, and they with it.
    ///
    /// # Panics
    /// If there is no such node.
    pub fn wipe(&self, node: &str) {
        self.find(node).wipe();
    }

    /// Reads a file of a node from outside, as its processes would. For monitors and tests.
    ///
    /// # Errors
    /// As for [`crate::fs::read`].
    ///
    /// # Panics
    /// If there is no such node.
    pub fn read_of(&self, node: &str, path: &Path) -> io::Result<Vec<u8>> {
        self.find(node).read(path)
    }

    pub(crate) fn create(&self, path: &Path) -> io::Result<File> {
        let device = self.current();
        let content = device.tree().create(path)?;
        Ok(device.open(path, content))
    }

    pub(crate) fn open(&self, path: &Path) -> io::Result<File> {
        let device = self.current();
        let content = device.tree().file(path)?;
        Ok(device.open(path, content))
    }

    #[expect(clippy::unused_async, reason = "the seam is asynchronous")]
    pub(crate) async fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.current().read(path)
    }

    pub(crate) fn list(&self, directory: &Path) -> io::Result<Vec<String>> {
        self.current().tree().list(directory)
    }

    pub(crate) fn create_directory(&self, directory: &Path) -> io::Result<()> {
        self.current().tree().create_directory(directory)
    }

    pub(crate) fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.current().rename(from, to)
    }

    pub(crate) fn remove(&self, path: &Path) -> io::Result<()> {
        self.current().remove(path)
    }

    pub(crate) async fn sync_directory(&self, directory: &Path) -> io::Result<()> {
        let device = self.current();
        device.sync_directory(directory).await
    }

    fn current(&self) -> Arc<Device> {
        match self.core.current_node() {
            Some(node) => lock(&self.nodes)[node.position()].clone(),
            None => self.supervisor.clone(),
        }
    }

    fn find(&self, node: &str) -> Arc<Device> {
        let index = self.core.find(node).unwrap_or_else(|| panic!("there is no node `{node}`"));
        lock(&self.nodes)[index.position()].clone()
    }
}
