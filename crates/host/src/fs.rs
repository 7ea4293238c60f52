//! Files: append, sync, rename, truncate, read.
//!
//! What is appended is safe only after [`File::sync`]; what is created, renamed or removed only after [`sync_directory`]
//! on the directory it is in. Power loss takes the rest, and may tear the last write. There is no overwriting in place:
//! logs and snapshots need none.
//!
//! Paths are relative to the process's working directory, or absolute. Inside a simulation every node has a disk of its
//! own, with an empty root.

use std::io;
use std::path::Path;

use crate::real;
#[cfg(madsim)]
use crate::sim;

/// An open file. It grows at its end only.
pub struct File(Machine);

enum Machine {
    Real(real::fs::File),
    #[cfg(madsim)]
    Simulated(sim::File),
}

impl File {
    /// Creates an empty file.
    ///
    /// # Errors
    /// `AlreadyExists` if there is one, `NotFound` if its directory is missing.
    pub async fn create(path: &Path) -> io::Result<File> {
        #[cfg(madsim)]
        if let Some(world) = sim::World::try_current() {
            return Ok(File(Machine::Simulated(world.disks().create(path)?)));
        }
        Ok(File(Machine::Real(real::fs::File::create(path).await?)))
    }

    /// Opens an existing file, to append to it.
    ///
    /// # Errors
    /// `NotFound` if there is none.
    pub async fn open(path: &Path) -> io::Result<File> {
        #[cfg(madsim)]
        if let Some(world) = sim::World::try_current() {
            return Ok(File(Machine::Simulated(world.disks().open(path)?)));
        }
        Ok(File(Machine::Real(real::fs::File::open(path).await?)))
    }

    /// Appends bytes. They are readable at once, and safe after [`File::sync`].
    ///
    /// # Errors
    /// `StorageFull` if the disk is full; part of the bytes may be there then.
    pub async fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        match &mut self.0 {
            Machine::Real(file) => file.append(bytes).await,
            #[cfg(madsim)]
            Machine::Simulated(file) => file.append(bytes).await,
        }
    }

    /// Appends bytes, and waits until everything appended is safe: [`File::append`] and [`File::sync`], for the price of
    /// one on a real machine.
    ///
    /// # Errors
    /// As for either of them.
    pub async fn append_synced(&mut self, bytes: &[u8]) -> io::Result<()> {
        match &mut self.0 {
            Machine::Real(file) => file.append_synced(bytes).await,
            #[cfg(madsim)]
            Machine::Simulated(file) => {
                file.append(bytes).await?;
                file.sync().await
            }
        }
    }

    /// Waits until everything appended is safe (fsync).
    ///
    /// # Errors
    /// If it fails, nothing is known about what was appended since the last success: trying again may succeed without
    /// the bytes being safe, as on real kernels.
    pub async fn sync(&mut self) -> io::Result<()> {
        match &mut self.0 {
            Machine::Real(file) => file.sync().await,
            #[cfg(madsim)]
            Machine::Simulated(file) => file.sync().await,
        }
    }

    /// Cuts the file to `length` bytes; safe after [`File::sync`].
    ///
    /// # Errors
    /// `InvalidInput` if the file is shorter than that.
    pub async fn truncate(&mut self, length: u64) -> io::Result<()> {
        match &mut self.0 {
            Machine::Real(file) => file.truncate(length).await,
            #[cfg(madsim)]
            Machine::Simulated(file) => file.truncate(length).await,
        }
    }

    /// The length in bytes.
    ///
    /// # Errors
    /// Whatever the operating system reports.
    pub async fn length(&self) -> io::Result<u64> {
        match &self.0 {
            Machine::Real(file) => file.length().await,
            #[cfg(madsim)]
            Machine::Simulated(file) => file.length(),
        }
    }
}

/// Reads a whole file.
///
/// # Errors
/// `NotFound` if there is none.
pub async fn read(path: &Path) -> io::Result<Vec<u8>> {
    #[cfg(madsim)]
    if let Some(world) = sim::World::try_current() {
        return world.disks().read(path).await;
    }
    tokio::fs::read(path).await
}

/// Writes a whole file so that it is safe under its name, or not there: under the name `unfinished`, in the same directory,
/// first. That is [`File::create`], [`File::append_synced`], [`rename`] and [`sync_directory`], for the price of one on a
/// real machine.
///
/// # Errors
/// As for any of them; `AlreadyExists` if there is an unfinished file.
pub async fn write_whole(path: &Path, unfinished: &Path, bytes: &[u8]) -> io::Result<()> {
    #[cfg(madsim)]
    if let Some(world) = sim::World::try_current() {
        let disks = world.disks();
        let mut file = disks.create(unfinished)?;
        file.append(bytes).await?;
        file.sync().await?;
        drop(file);
        disks.rename(unfinished, path)?;
        return disks.sync_directory(path.parent().unwrap_or(path)).await;
    }
    real::fs::write_whole(path, unfinished, bytes).await
}

/// The names in a directory, sorted.
///
/// # Errors
/// `NotFound` if there is none, `NotADirectory` if it is a file.
pub async fn list(directory: &Path) -> io::Result<Vec<String>> {
    #[cfg(madsim)]
    if let Some(world) = sim::World::try_current() {
        return world.disks().list(directory);
    }
    real::fs::list(directory).await
}

/// Makes a directory and those above it; nothing happens if it is there.
///
/// # Errors
/// `NotADirectory` or `AlreadyExists` if a file is in the way.
pub async fn create_directory(directory: &Path) -> io::Result<()> {
    #[cfg(madsim)]
    if let Some(world) = sim::World::try_current() {
        return world.disks().create_directory(directory);
    }
    tokio::fs::create_dir_all(directory).await
}

/// Renames a file within a directory, replacing what had the name; safe after [`sync_directory`].
///
/// # Errors
/// `NotFound` if there is no such file.
pub async fn rename(from: &Path, to: &Path) -> io::Result<()> {
    #[cfg(madsim)]
    if let Some(world) = sim::World::try_current() {
        return world.disks().rename(from, to);
    }
    tokio::fs::rename(from, to).await
}

/// Removes a file; safe after [`sync_directory`].
///
/// # Errors
/// `NotFound` if there is no such file.
pub async fn remove(path: &Path) -> io::Result<()> {
    #[cfg(madsim)]
    if let Some(world) = sim::World::try_current() {
        return world.disks().remove(path);
    }
    tokio::fs::remove_file(path).await
}

/// Waits until what was created, renamed and removed in a directory is safe.
///
/// # Errors
/// As for [`File::sync`].
pub async fn sync_directory(directory: &Path) -> io::Result<()> {
    #[cfg(madsim)]
    if let Some(world) = sim::World::try_current() {
        return world.disks().sync_directory(directory).await;
    }
    real::fs::sync_directory(directory).await
}
