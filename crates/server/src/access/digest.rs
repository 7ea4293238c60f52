//! The scheme `digest`: `user:base64(sha1(user:password))` (`DigestAuthenticationProvider.java`).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest, Sha1};

/// The identity that the credential `user:password` proves.
///
/// Bytes that are not UTF-8 become U+FFFD first, as in Java.
#[must_use]
pub fn identity(credential: &[u8]) -> String {
    let credential = String::from_utf8_lossy(credential);
    let user = credential.split(':').next().unwrap_or_default();
    let digest = STANDARD.encode(Sha1::digest(credential.as_bytes()));
    format!("{user}:{digest}")
}

/// Whether an identity has the two parts it needs. Java splits, and drops what is empty at the end.
pub(super) fn is_well_formed(id: &str) -> bool {
    id.trim_end_matches(':').split(':').count() == 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_what_zookeeper_computes() {
        // The example of ZooKeeper's administrator's guide.
        assert_eq!(identity(b"super:test"), "super:D/InIHSb7yEEbrWz8b9l71RjZJU=");
    }

    #[test]
    fn needs_a_user_and_a_digest() {
        assert!(is_well_formed("user:digest="));
        assert!(!is_well_formed("user"));
        assert!(!is_well_formed("user:"));
        assert!(!is_well_formed("user:a:b"));
        assert!(is_well_formed(":digest="), "the user may have no name");
    }
}
