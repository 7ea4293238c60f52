//! What servers say to each other. They trust each other; but a message may be from another version, or be none.

use bytes::Bytes;
use zab::Message;

use crate::memory::within_means;

/// Checks a message.
///
/// # Panics
/// If something does not hold.
pub fn check_peer(input: &[u8]) {
    let bytes = Bytes::copy_from_slice(input);
    let Ok(message) = within_means(bytes.len(), || Message::decode(bytes.clone())) else { return };
    let written = message.encode();
    assert_eq!(written.len(), bytes.len(), "a message has one length");
    assert_eq!(Message::decode(written), Ok(message), "what is read is written, and read as the same");
}
