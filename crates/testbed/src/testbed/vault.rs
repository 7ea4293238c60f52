//! A fenced resource of a bed, as a test and the programs in it see it.

use std::io;
use std::time::Duration;

use election::resource::{ResourceHandle, Verdict};
use history::Term;

use crate::secs;

/// The port of a vault.
pub(super) const PORT: u16 = 9000;

/// How long an act may take, connecting included.
const PATIENCE: Duration = secs(1);

/// A resource of a bed, from [`Testbed::vault`](crate::Testbed::vault). Clone it into the programs of those who act on it.
#[derive(Clone, Debug)]
pub struct Vault {
    address: String,
}

impl Vault {
    pub(super) fn new(name: &str) -> Vault {
        Vault { address: format!("{name}:{PORT}") }
    }

    /// Where it listens: `vault:9000`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// A handle for one program, in its present life: one connection, made when it is needed and again when it broke.
    pub fn open(&self) -> VaultHandle {
        VaultHandle(ResourceHandle::new(&self.address, PATIENCE))
    }
}

/// A leader's handle on a vault.
pub struct VaultHandle(ResourceHandle);

impl VaultHandle {
    /// Does an act under a fencing token. `what` is free text without line breaks: the vault keeps none of it.
    ///
    /// # Errors
    /// If there was no answer within a second: the act may have taken effect, or may yet. Done again, as the very next
    /// act, it takes effect once.
    pub async fn act(&mut self, token: i64, what: &str) -> io::Result<Verdict> {
        self.0.act(Term(token), what).await
    }
}
