//! An open file on a simulated disk.

use std::io::{self, ErrorKind};
use std::sync::Arc;

use history::DiskEvent;

use super::device::Device;
use super::tree::Shared;
use crate::sim::core::lock;

/// A file on a simulated disk.
pub struct File {
    device: Arc<Device>,
    /// The path under which it was opened, for events.
    path: String,
    content: Shared,
}

impl File {
    pub(super) fn new(device: Arc<Device>, path: String, content: Shared) -> File {
        File { device, path, content }
    }

    /// A write is a copy into the page cache: it takes no time. Asynchronous all the same, as on the real machine.
    #[expect(clippy::unused_async, reason = "the seam is asynchronous")]
    pub(crate) async fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let granted = self.device.take_room(bytes.len());
        lock(&self.content).append(&bytes[..granted]);
        if granted < bytes.len() {
            self.device.tell(DiskEvent::Full { file: self.path.clone() });
            return Err(io::Error::new(ErrorKind::StorageFull, "no space left on device"));
        }
        Ok(())
    }

    pub(crate) async fn sync(&mut self) -> io::Result<()> {
        let ticket = lock(&self.content).begin_sync();
        let underway = Underway { content: &self.content, ticket };
        let outcome = self.device.work(&self.path).await;
        match &outcome {
            Ok(()) => lock(underway.content).end_sync(ticket),
            Err(_) => lock(underway.content).fail_sync(ticket),
        }
        outcome
    }

    #[expect(clippy::unused_async, reason = "the seam is asynchronous")]
    pub(crate) async fn truncate(&mut self, length: u64) -> io::Result<()> {
        let cut = {
            let mut content = lock(&self.content);
            let before = content.length();
            let length = usize::try_from(length).ok().filter(|length| *length <= before);
            let Some(length) = length else {
                return Err(io::Error::new(ErrorKind::InvalidInput, "the file is shorter than that"));
            };
            content.truncate(length);
            before - length
        };
        self.device.give_room(cut);
        Ok(())
    }

    pub(crate) fn length(&self) -> io::Result<u64> {
        Ok(lock(&self.content).length() as u64)
    }
}

/// An fsync whose caller may be dropped before it ends.
struct Underway<'file> {
    content: &'file Shared,
    ticket: u64,
}

impl Drop for Underway<'_> {
    fn drop(&mut self) {
        lock(self.content).abandon_sync(self.ticket);
    }
}
