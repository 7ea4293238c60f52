//! The program `interregnum`: all of it lies in the library beside it.

use std::process::ExitCode;

fn main() -> ExitCode {
    interregnum_cli::main()
}
