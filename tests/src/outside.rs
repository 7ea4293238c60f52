//! Programs of others, which some tests need and a machine may not have.
//!
//! Plain `cargo test` needs none of them. `INTERREGNUM_CONFORMANCE=1` asks for the tests that do; where their programs
//! cannot be had, they say so in capitals and pass. `INTERREGNUM_REQUIRE_CLIENTS=1` makes that a failure.

use std::fmt::Display;
use std::io::Write;
use std::sync::Once;

/// Asks for the tests that need programs of others.
const ASK: &str = "INTERREGNUM_CONFORMANCE";

/// Makes it a failure if they cannot be had.
const REQUIRE: &str = "INTERREGNUM_REQUIRE_CLIENTS";

fn is_set(name: &str) -> bool {
    std::env::var(name).is_ok_and(|value| !value.is_empty() && value != "0")
}

/// Whether the test is to run; if not, says so, once in a process.
#[must_use]
pub fn is_asked_for(test: &str) -> bool {
    let asked = is_set(ASK) || is_set(REQUIRE);
    if !asked {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| skip(format_args!("{test}, and all others of this file: set {ASK}=1 to run them")));
    }
    asked
}

/// What was to be had; nothing, loudly, if it could not be.
///
/// # Panics
/// If it could not be had and must be.
pub fn obtained<T>(attempt: Result<T, impl Display>) -> Option<T> {
    match attempt {
        Ok(program) => Some(program),
        Err(why) if is_set(REQUIRE) => panic!("{REQUIRE} is set, and a program cannot be had: {why}"),
        Err(why) => {
            skip(why);
            None
        }
    }
}

/// Past the capture of the test harness, which keeps what passing tests print to itself.
fn skip(why: impl Display) {
    let line = format!("CONFORMANCE TEST SKIPPED: {why}\n");
    // Without a standard error there is nobody to tell.
    let _ = std::io::stderr().write_all(line.as_bytes());
}
