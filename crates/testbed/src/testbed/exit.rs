//! How a program ends.

use std::convert::Infallible;
use std::fmt::Debug;

/// How the program of a node ends, or the body of a test: like what `main` may return.
pub trait Exit {
    /// Nothing if it ended well; else why not.
    ///
    /// # Errors
    /// Why it did not end well.
    fn exit(self) -> Result<(), String>;
}

impl Exit for () {
    fn exit(self) -> Result<(), String> {
        Ok(())
    }
}

/// Programs that never return, such as an `async` block that ends in `loop`, have the type `!`, which cannot be named yet
/// but by this detour.
type Never = <fn() -> ! as Returns>::Value;

/// What a function returns.
pub trait Returns {
    /// It.
    type Value;
}

impl<T> Returns for fn() -> T {
    type Value = T;
}

impl Exit for Never {
    fn exit(self) -> Result<(), String> {
        self
    }
}

impl Exit for Infallible {
    fn exit(self) -> Result<(), String> {
        match self {}
    }
}

impl<T: Exit, E: Debug> Exit for Result<T, E> {
    fn exit(self) -> Result<(), String> {
        match self {
            Ok(ended) => ended.exit(),
            Err(error) => Err(format!("{error:?}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_ends_as_main_may() {
        assert_eq!(().exit(), Ok(()));
        assert_eq!(Ok::<(), u8>(()).exit(), Ok(()));
        assert_eq!(Err::<Infallible, _>("gone").exit(), Err("\"gone\"".into()));
    }
}
