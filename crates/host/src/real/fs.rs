//! Real files.

use std::io;
use std::path::Path;

use tokio::io::AsyncWriteExt;

pub(crate) struct File(tokio::fs::File);

impl File {
    pub(crate) async fn create(path: &Path) -> io::Result<File> {
        Ok(File(tokio::fs::OpenOptions::new().append(true).create_new(true).open(path).await?))
    }

    pub(crate) async fn open(path: &Path) -> io::Result<File> {
        Ok(File(tokio::fs::OpenOptions::new().append(true).open(path).await?))
    }

    pub(crate) async fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all(bytes).await?;
        self.0.flush().await
    }

    pub(crate) async fn sync(&mut self) -> io::Result<()> {
        self.0.sync_data().await
    }

    pub(crate) async fn truncate(&mut self, length: u64) -> io::Result<()> {
        if length > self.length().await? {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "the file is shorter than that"));
        }
        self.0.set_len(length).await
    }

    pub(crate) async fn length(&self) -> io::Result<u64> {
        Ok(self.0.metadata().await?.len())
    }
}

pub(crate) async fn list(directory: &Path) -> io::Result<Vec<String>> {
    let mut entries = tokio::fs::read_dir(directory).await?;
    let mut names = Vec::new();
    while let Some(entry) = entries.next_entry().await? {
        names.push(entry.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

pub(crate) async fn sync_directory(directory: &Path) -> io::Result<()> {
    let opened = tokio::fs::File::open(directory).await?;
    if !opened.metadata().await?.is_dir() {
        return Err(io::ErrorKind::NotADirectory.into());
    }
    opened.sync_all().await
}
