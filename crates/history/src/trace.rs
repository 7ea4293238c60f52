//! The trace hash: one number for a whole run.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use siphasher::sip::SipHasher13;

use crate::Record;

/// The hash of every event of a run, in order. Two runs with the same inputs have the same trace hash, in the same
/// process or another, in debug and in release builds; anything else is a broken build.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TraceHash(pub u64);

impl fmt::Display for TraceHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:016x}", self.0)
    }
}

impl FromStr for TraceHash {
    type Err = String;

    fn from_str(text: &str) -> Result<TraceHash, String> {
        u64::from_str_radix(text, 16)
            .map(TraceHash)
            .map_err(|_| format!("`{text}` is no trace hash: it has 16 hexadecimal digits"))
    }
}

impl TryFrom<String> for TraceHash {
    type Error = String;

    fn try_from(text: String) -> Result<TraceHash, String> {
        text.parse()
    }
}

impl From<TraceHash> for String {
    fn from(hash: TraceHash) -> String {
        hash.to_string()
    }
}

/// Takes the hash as the run goes on, so that no event need be kept for its sake.
///
/// The hasher has fixed keys: `std`'s default hasher is free to differ from one release to the next.
#[derive(Clone, Debug)]
pub(crate) struct Tracer(SipHasher13);

impl Tracer {
    pub(crate) fn new() -> Tracer {
        Tracer(SipHasher13::new_with_keys(0x696e_7465_7272_6567, 0x6e75_6d20_7472_6163))
    }

    pub(crate) fn add(&mut self, record: &Record) {
        record.hash(&mut self.0);
    }

    pub(crate) fn hash(&self) -> TraceHash {
        TraceHash(self.0.finish())
    }
}
