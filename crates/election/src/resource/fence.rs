//! The fence: the highest token seen, kept on disk.
//!
//! A file of slots of twelve bytes, each a token and its checksum. Every new token is appended twice: a torn write or a
//! rotten bit can spoil one copy, and the fence stands all the same. The highest valid slot counts. It is never made
//! shorter but by what a power loss left of a slot: a term is a rare thing.

use std::io;
use std::path::{Path, PathBuf};

use bytes::{Buf, BufMut};
use history::Term;
use host::fs::{self, File};

/// The name of the file in the resource's directory.
const FILE: &str = "fence";

const SLOT_BYTES: usize = 12;

/// Why a token could not be kept.
#[derive(Debug, thiserror::Error)]
pub enum FenceError {
    /// The disk is full. The fence stands where it stood, and what was written in vain is taken back.
    #[error("the disk is full")]
    Full,
    /// Nothing is known any more about what is on the disk; only starting anew, from what is really there, helps.
    #[error("the disk failed: {0}")]
    Disk(#[from] io::Error),
}

/// The highest token seen, in memory and on disk.
pub struct Fence {
    file: File,
    /// How much of the file is known to be whole.
    length: u64,
    highest: Option<Term>,
}

impl Fence {
    /// Reads the fence from this directory, or sets it up.
    ///
    /// # Errors
    /// Whatever the disk reports.
    pub async fn open(directory: &Path) -> io::Result<Fence> {
        make_directory(directory).await?;
        let path: PathBuf = directory.join(FILE);
        let bytes = match fs::read(&path).await {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let file = File::create(&path).await?;
                fs::sync_directory(directory).await?;
                return Ok(Fence { file, length: 0, highest: None });
            }
            Err(error) => return Err(error),
        };
        let mut file = File::open(&path).await?;
        let length = (bytes.len() - bytes.len() % SLOT_BYTES) as u64;
        if length < bytes.len() as u64 {
            host::tell_sometimes("resource recovered a torn fence");
            file.truncate(length).await?;
        }
        // What was read may not have been safe yet: a kill before its sync leaves it readable. From here on it counts.
        file.sync().await?;
        fs::sync_directory(directory).await?;
        let highest = bytes.chunks_exact(SLOT_BYTES).filter_map(read_slot).max();
        Ok(Fence { file, length, highest })
    }

    /// The highest token seen, if any was.
    #[must_use]
    pub fn highest(&self) -> Option<Term> {
        self.highest
    }

    /// Raises the fence. When this returns well, the new token is safe on disk.
    ///
    /// # Errors
    /// [`FenceError`]. After [`FenceError::Disk`] the fence must not be used any more.
    ///
    /// # Panics
    /// If the token is not higher than the highest.
    pub async fn raise(&mut self, term: Term) -> Result<(), FenceError> {
        assert!(self.highest.is_none_or(|highest| term > highest), "a fence is never lowered");
        let mut slot = Vec::with_capacity(2 * SLOT_BYTES);
        for _ in 0..2 {
            slot.put_i64(term.0);
            slot.put_u32(checksum(term));
        }
        match self.file.append(&slot).await {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::StorageFull => {
                // Part of it may be there, and would put every later slot out of place.
                self.file.truncate(self.length).await?;
                return Err(FenceError::Full);
            }
            Err(error) => return Err(error.into()),
        }
        self.file.sync().await?;
        self.length += slot.len() as u64;
        self.highest = Some(term);
        Ok(())
    }
}

/// Makes a directory that power loss does not take away, with all that is in it: its name lies in the directory above.
async fn make_directory(directory: &Path) -> io::Result<()> {
    let is_new = matches!(fs::list(directory).await, Err(error) if error.kind() == io::ErrorKind::NotFound);
    fs::create_directory(directory).await?;
    // Also if it is there: who made it may have been stopped before this point.
    let levels = if is_new { usize::MAX } else { 1 };
    for above in directory.ancestors().skip(1).take(levels) {
        let above = if above.as_os_str().is_empty() { Path::new(".") } else { above };
        fs::sync_directory(above).await?;
    }
    Ok(())
}

fn read_slot(slot: &[u8]) -> Option<Term> {
    let mut slot = slot;
    let term = Term(slot.get_i64());
    (slot.get_u32() == checksum(term)).then_some(term)
}

/// Of 32 bits, from a mixing of all of the token's: one rotten bit changes it, and a slot of zeros is not valid.
fn checksum(term: Term) -> u32 {
    crc32fast::hash(&term.0.to_be_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on_the_real_machine<T>(test: impl Future<Output = T>) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime can be had").block_on(test)
    }

    #[test]
    fn the_highest_token_outlives_the_process() {
        let directory = tempfile::tempdir().expect("a directory");
        on_the_real_machine(async {
            let mut fence = Fence::open(directory.path()).await.expect("it is set up");
            assert_eq!(fence.highest(), None);
            fence.raise(Term(3)).await.expect("it is raised");
            fence.raise(Term(7)).await.expect("it is raised");
            drop(fence);
            let fence = Fence::open(directory.path()).await.expect("it is read");
            assert_eq!(fence.highest(), Some(Term(7)));
        });
    }

    #[test]
    fn any_one_rotten_bit_and_any_torn_tail_leave_the_fence_standing() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join(FILE);
        on_the_real_machine(async {
            let mut fence = Fence::open(directory.path()).await.expect("it is set up");
            fence.raise(Term(7)).await.expect("it is raised");
            let whole = std::fs::read(&path).expect("it is there");
            assert_eq!(whole.len(), 2 * SLOT_BYTES);
            for bit in 0..whole.len() * 8 {
                let mut rotten = whole.clone();
                rotten[bit / 8] ^= 1 << (bit % 8);
                std::fs::write(&path, rotten).expect("it is written");
                let fence = Fence::open(directory.path()).await.expect("it is read");
                assert_eq!(fence.highest(), Some(Term(7)), "bit {bit}");
            }
            for kept in 0..=whole.len() {
                std::fs::write(&path, &whole[..kept]).expect("it is written");
                let mut fence = Fence::open(directory.path()).await.expect("it is read");
                let expected = (kept >= SLOT_BYTES).then_some(Term(7));
                assert_eq!(fence.highest(), expected, "{kept} bytes");
                fence.raise(Term(9)).await.expect("it is raised");
                let fence = Fence::open(directory.path()).await.expect("it is read");
                assert_eq!(fence.highest(), Some(Term(9)), "{kept} bytes");
            }
        });
    }
}
