//! Znodes that have to be there before an election: its root, and what lies above.

use client::{Client, CreateMode, Error, ErrorCode};

/// Creates a persistent znode and those above it, as far as they are missing.
///
/// # Errors
/// Whatever the service says, but that it is there is as good.
pub(crate) async fn create(client: &Client, path: &str) -> Result<(), Error> {
    create_as(client, path, CreateMode::Persistent).await
}

/// The same with znodes of another kind, such as containers.
///
/// # Errors
/// As for [`create`].
pub(crate) async fn create_as(client: &Client, path: &str, mode: CreateMode) -> Result<(), Error> {
    let inner = path.char_indices().skip(1).filter(|(_, character)| *character == '/').map(|(at, _)| at);
    for end in inner.chain([path.len()]) {
        match client.create(&path[..end], "", mode).await {
            Ok(_) => {}
            Err(error) if error.is(ErrorCode::NodeExists) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
