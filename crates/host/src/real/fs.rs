//! Real files.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

/// Each operation is one errand to a thread that may block: the way there and back costs more than many a write.
pub(crate) struct File(Arc<std::fs::File>);

impl File {
    pub(crate) async fn create(path: &Path) -> io::Result<File> {
        let path = path.to_owned();
        errand(move || OpenOptions::new().append(true).create_new(true).open(path)).await.map(|file| File(file.into()))
    }

    pub(crate) async fn open(path: &Path) -> io::Result<File> {
        let path = path.to_owned();
        errand(move || OpenOptions::new().append(true).open(path)).await.map(|file| File(file.into()))
    }

    pub(crate) async fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let (file, bytes) = (self.0.clone(), bytes.to_vec());
        errand(move || (&*file).write_all(&bytes)).await
    }

    pub(crate) async fn append_synced(&mut self, bytes: &[u8]) -> io::Result<()> {
        let (file, bytes) = (self.0.clone(), bytes.to_vec());
        errand(move || {
            (&*file).write_all(&bytes)?;
            file.sync_data()
        })
        .await
    }

    pub(crate) async fn sync(&mut self) -> io::Result<()> {
        let file = self.0.clone();
        errand(move || file.sync_data()).await
    }

    pub(crate) async fn truncate(&mut self, length: u64) -> io::Result<()> {
        let file = self.0.clone();
        errand(move || {
            if length > file.metadata()?.len() {
                return Err(io::Error::new(io::ErrorKind::InvalidInput, "the file is shorter than that"));
            }
            file.set_len(length)
        })
        .await
    }

    pub(crate) async fn length(&self) -> io::Result<u64> {
        let file = self.0.clone();
        errand(move || Ok(file.metadata()?.len())).await
    }
}

/// Has something done that may block.
async fn errand<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| Err(io::Error::other(error)))
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
