//! Disks of the nodes.
use std::io;
use std::path::Path;
use std::sync::Arc;

use super::core::{Core, NodeIndex};

/// The disks of all nodes.
pub struct Disks {
    _core: Arc<Core>,
}

#[allow(clippy::todo, clippy::unused_self)]
impl Disks {
    pub(super) fn new(core: Arc<Core>) -> Disks {
        Disks { _core: core }
    }

    pub(super) fn add_node(&self, _node: NodeIndex) {}
    pub(super) fn process_ended(&self, _node: NodeIndex) {}
    pub(super) fn power_lost(&self, _node: NodeIndex) {}
    pub(crate) fn create(&self, _path: &Path) -> io::Result<File> {
        todo!()
    }
    pub(crate) fn open(&self, _path: &Path) -> io::Result<File> {
        todo!()
    }
    pub(crate) async fn read(&self, _path: &Path) -> io::Result<Vec<u8>> {
        todo!()
    }
    pub(crate) fn list(&self, _directory: &Path) -> io::Result<Vec<String>> {
        todo!()
    }
    pub(crate) fn create_directory(&self, _directory: &Path) -> io::Result<()> {
        todo!()
    }
    pub(crate) fn rename(&self, _from: &Path, _to: &Path) -> io::Result<()> {
        todo!()
    }
    pub(crate) fn remove(&self, _path: &Path) -> io::Result<()> {
        todo!()
    }
    pub(crate) async fn sync_directory(&self, _directory: &Path) -> io::Result<()> {
        todo!()
    }
}

/// A file on a simulated disk.
pub struct File {}

#[allow(clippy::todo, clippy::unused_self)]
impl File {
    pub(crate) async fn append(&mut self, _bytes: &[u8]) -> io::Result<()> {
        todo!()
    }
    pub(crate) async fn sync(&mut self) -> io::Result<()> {
        todo!()
    }
    pub(crate) async fn truncate(&mut self, _length: u64) -> io::Result<()> {
        todo!()
    }
    pub(crate) fn length(&self) -> io::Result<u64> {
        todo!()
    }
}
