//! Real files.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

/// How many bytes of room are kept from one write to the next.
const ROOM: usize = 4 << 20;

/// Each operation is one errand to a thread that may block: the way there and back costs more than many a write.
pub(crate) struct File {
    file: Arc<std::fs::File>,
    /// Goes with what is to be written, and comes back: fresh memory costs more than a copy.
    room: Vec<u8>,
}

impl File {
    fn new(file: std::fs::File) -> File {
        File { file: file.into(), room: Vec::new() }
    }

    pub(crate) async fn create(path: &Path) -> io::Result<File> {
        let path = path.to_owned();
        errand(move || OpenOptions::new().append(true).create_new(true).open(path)).await.map(File::new)
    }

    pub(crate) async fn open(path: &Path) -> io::Result<File> {
        let path = path.to_owned();
        errand(move || OpenOptions::new().append(true).open(path)).await.map(File::new)
    }

    pub(crate) async fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write(bytes, |_| Ok(())).await
    }

    pub(crate) async fn append_synced(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write(bytes, std::fs::File::sync_data).await
    }

    async fn write(&mut self, bytes: &[u8], then: fn(&std::fs::File) -> io::Result<()>) -> io::Result<()> {
        let (file, mut room) = (self.file.clone(), std::mem::take(&mut self.room));
        room.extend_from_slice(bytes);
        let written = errand(move || {
            (&*file).write_all(&room)?;
            then(&file)?;
            Ok(room)
        });
        self.room = written.await?;
        self.room.clear();
        self.room.shrink_to(ROOM);
        Ok(())
    }

    pub(crate) async fn sync(&mut self) -> io::Result<()> {
        let file = self.file.clone();
        errand(move || file.sync_data()).await
    }

    pub(crate) async fn truncate(&mut self, length: u64) -> io::Result<()> {
        let file = self.file.clone();
        errand(move || {
            if length > file.metadata()?.len() {
                return Err(io::Error::new(io::ErrorKind::InvalidInput, "the file is shorter than that"));
            }
            file.set_len(length)
        })
        .await
    }

    pub(crate) async fn length(&self) -> io::Result<u64> {
        let file = self.file.clone();
        errand(move || Ok(file.metadata()?.len())).await
    }
}

/// Has something done that may block.
async fn errand<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| Err(io::Error::other(error)))
}

pub(crate) async fn write_whole(path: &Path, unfinished: &Path, bytes: &[u8]) -> io::Result<()> {
    let (path, unfinished, bytes) = (path.to_owned(), unfinished.to_owned(), bytes.to_vec());
    errand(move || {
        let mut file = OpenOptions::new().append(true).create_new(true).open(&unfinished)?;
        file.write_all(&bytes)?;
        file.sync_data()?;
        drop(file);
        std::fs::rename(&unfinished, &path)?;
        std::fs::File::open(path.parent().unwrap_or(&path))?.sync_all()
    })
    .await
}

pub(crate) async fn list(directory: &Path) -> io::Result<Vec<String>> {
    let directory = directory.to_owned();
    errand(move || {
        let mut names = Vec::new();
        for entry in std::fs::read_dir(directory)? {
            names.push(entry?.file_name().to_string_lossy().into_owned());
        }
        names.sort();
        Ok(names)
    })
    .await
}

pub(crate) async fn sync_directory(directory: &Path) -> io::Result<()> {
    let directory = directory.to_owned();
    errand(move || {
        let opened = std::fs::File::open(directory)?;
        if !opened.metadata()?.is_dir() {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        opened.sync_all()
    })
    .await
}
