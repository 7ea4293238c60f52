//! One disk: its tree, its faults, and how long it takes.

use std::io::{self, ErrorKind};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use history::{DiskEvent, Event, NodeName};
use rand::Rng;
use tokio::sync::mpsc::UnboundedSender;

use super::file::File;
use super::tree::{Shared, Tree, display};
use crate::random::Stream;
use crate::sim::clocks::{NodeClock, Sleep};
use crate::sim::core::{Core, NodeIndex, lock};

/// What an fsync takes at least, and by how much it varies.
const SYNC_BASE: Duration = Duration::from_millis(1);
const SYNC_JITTER_NANOSECONDS: u64 = 1_000_000;
/// How many bytes are left at most on a disk that is filled: a write may begin to fit.
const ROOM_ON_FULL_DISK: usize = 512;

/// Who wants to hear of each fsync that begins, and on whose disk.
pub(super) type SyncListener = Arc<Mutex<Option<UnboundedSender<NodeName>>>>;

/// The disk of one machine.
pub(super) struct Device {
    core: Arc<Core>,
    node: Option<NodeIndex>,
    syncs: SyncListener,
    /// A disk takes its time by true time, whatever its machine's clocks do.
    clock: Arc<NodeClock>,
    state: Mutex<State>,
}

struct State {
    tree: Arc<Tree>,
    /// How many bytes may be appended until the disk is full; nothing if it never is.
    room: Option<usize>,
    /// How many fsyncs fail from now on.
    failing: u32,
    /// What every fsync takes on top.
    slowness: Duration,
    latencies: Stream,
    tears: Stream,
    rot: Stream,
    fillings: Stream,
}

impl Device {
    /// An empty disk. The supervisor has one too, which no fault reaches.
    pub(super) fn new(core: Arc<Core>, node: Option<NodeIndex>, syncs: SyncListener) -> Device {
        let name = node.map_or_else(|| "supervisor".to_owned(), |node| core.name(node).as_str().to_owned());
        let stream = |what: &str| core.stream(&format!("disk/{name}/{what}"));
        let state = State {
            tree: Arc::default(),
            room: None,
            failing: 0,
            slowness: Duration::ZERO,
            latencies: stream("latencies"),
            tears: stream("tears"),
            rot: stream("rot"),
            fillings: stream("fillings"),
        };
        Device { core, node, syncs, clock: NodeClock::new(), state: Mutex::new(state) }
    }

    pub(super) fn tree(&self) -> Arc<Tree> {
        lock(&self.state).tree.clone()
    }

    pub(super) fn open(self: &Arc<Device>, path: &Path, content: Shared) -> File {
        File::new(self.clone(), display(path), content)
    }

    /// Takes room for as many of `wanted` bytes as there is; says how many.
    pub(super) fn take_room(&self, wanted: usize) -> usize {
        let mut state = lock(&self.state);
        let Some(room) = &mut state.room else { return wanted };
        let granted = wanted.min(*room);
        *room -= granted;
        granted
    }

    /// Gives back the room of bytes that were cut off or removed.
    pub(super) fn give_room(&self, bytes: usize) {
        if let Some(room) = &mut lock(&self.state).room {
            *room = room.saturating_add(bytes);
        }
    }

    /// Lets the disk do an fsync of `file`.
    pub(super) async fn work(&self, file: &str) -> io::Result<()> {
        let (takes, fails) = {
            let mut state = lock(&self.state);
            let jitter = state.latencies.gen_range(0..SYNC_JITTER_NANOSECONDS);
            let fails = state.failing > 0;
            state.failing -= u32::from(fails);
            (SYNC_BASE + Duration::from_nanos(jitter) + state.slowness, fails)
        };
        self.announce_sync();
        Sleep::for_device(self.core.clone(), self.clock.clone(), takes).await;
        if fails {
            self.tell(DiskEvent::SyncFailed { file: file.to_owned() });
            return Err(io::Error::from_raw_os_error(libc::EIO));
        }
        Ok(())
    }

    fn announce_sync(&self) {
        if let (Some(listener), Some(node)) = (&*lock(&self.syncs), self.node) {
            // Nobody listening any more is no reason to complain.
            let _ = listener.send(self.core.name(node));
        }
    }

    pub(super) async fn sync_directory(&self, path: &Path) -> io::Result<()> {
        let sync = self.tree().begin_sync(path)?;
        self.work(&display(path)).await?;
        sync.end();
        Ok(())
    }

    pub(super) fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        if let Some(replaced) = self.tree().rename(from, to)? {
            self.give_room(lock(&replaced).length());
        }
        Ok(())
    }

    pub(super) fn remove(&self, path: &Path) -> io::Result<()> {
        let removed = self.tree().remove(path)?;
        self.give_room(lock(&removed).length());
        Ok(())
    }

    pub(super) fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        Ok(lock(&*self.tree().file(path)?).bytes().to_vec())
    }

    /// The page cache is gone, and with it whatever was not synced.
    pub(super) fn lose_power(&self) {
        let mut events = Vec::new();
        let tree = self.tree();
        for (file, content) in tree.lose_power() {
            let bytes = lock(&content).length() as u64;
            if bytes > 0 {
                events.push(DiskEvent::Lost { file, bytes });
            }
        }
        {
            let mut state = lock(&self.state);
            for (file, content) in tree.files() {
                let loss = lock(&content).lose_power(|most| state.tears.gen_range(0..=most));
                if loss.lost > 0 && loss.kept > 0 {
                    events.push(DiskEvent::Torn { file, bytes: loss.kept as u64 });
                } else if loss.lost > 0 {
                    events.push(DiskEvent::Lost { file, bytes: loss.lost as u64 });
                }
            }
        }
        for event in events {
            self.tell(event);
        }
    }

    pub(super) fn set_slowness(&self, slowness: Duration) {
        lock(&self.state).slowness = slowness;
    }

    pub(super) fn fail_next_syncs(&self, count: u32) {
        lock(&self.state).failing = count;
    }

    pub(super) fn fill(&self) {
        let mut state = lock(&self.state);
        if state.room.is_none() {
            let room = state.fillings.gen_range(0..ROOM_ON_FULL_DISK);
            state.room = Some(room);
        }
    }

    pub(super) fn drain(&self) {
        lock(&self.state).room = None;
    }

    pub(super) fn rot(&self, path: &Path, offset: u64, bit: u8) -> io::Result<()> {
        let content = self.tree().file(path)?;
        let is_there = usize::try_from(offset).is_ok_and(|offset| lock(&content).rot(offset, bit));
        if !is_there {
            return Err(io::Error::new(ErrorKind::InvalidInput, "there is no such byte on the disk"));
        }
        self.tell(DiskEvent::Rotted { file: display(path), offset });
        Ok(())
    }

    /// Flips a bit anywhere; says where, or nothing if the disk has no byte.
    pub(super) fn rot_anywhere(&self) -> Option<(String, u64)> {
        let files = self.tree().files();
        let lengths = files.iter().map(|(_, content)| lock(content).safe_length());
        let total: usize = lengths.sum();
        if total == 0 {
            return None;
        }
        let (mut place, bit) = {
            let mut state = lock(&self.state);
            (state.rot.gen_range(0..total), state.rot.gen_range(0..8))
        };
        for (file, content) in files {
            let length = lock(&content).safe_length();
            if place < length {
                let flipped = lock(&content).rot(place, bit);
                assert!(flipped, "a safe byte can rot");
                let offset = place as u64;
                self.tell(DiskEvent::Rotted { file: file.clone(), offset });
                return Some((file, offset));
            }
            place -= length;
        }
        unreachable!("the place is below the sum of all lengths")
    }

    pub(super) fn wipe(&self) {
        let tree = std::mem::take(&mut lock(&self.state).tree);
        for (file, content) in tree.files() {
            let bytes = lock(&content).length() as u64;
            self.tell(DiskEvent::Lost { file, bytes });
        }
        self.tell(DiskEvent::Wiped);
    }

    pub(super) fn tell(&self, event: DiskEvent) {
        self.core.tell(self.node, Event::Disk(event));
    }
}
