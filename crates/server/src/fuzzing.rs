//! What fuzzing needs to see of the inside. No part of the interface: it may change with any version.

pub use crate::driver::fuzzing::{First, first};
pub use crate::sound::assert_sound;
pub use crate::storage::fuzzing::{read_logs, read_snapshot, recover, seal, write_log, write_snapshot};

use crate::replica::{Clocks, Replica, WORDS};

/// Every four-letter word that has an answer.
pub const FOUR_LETTER_WORDS: [&str; 14] = WORDS;

/// The answer to a four-letter word.
pub fn answer_word(replica: &mut Replica, word: &str, clocks: Clocks) -> String {
    replica.answer_word(word, false, clocks)
}
