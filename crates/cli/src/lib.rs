//! The command line of Interregnum.
//!
//! Scripts rely on its exit codes: 0 all held, 10 safety violation, 11 liveness violation, 12 not deterministic, 13
//! vacuous campaign, 2 usage, 1 anything else. `check` says 1 if it does not know.
//!
//! A library, so that what reads files can be fuzzed; the program is a call of [`main`].

mod arguments;
mod bench;
mod check;
mod files;
mod fresh;
mod fuzz;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod grid;
mod interrupt;
mod json;
mod ladder;
mod list;
mod matrix;
mod page;
mod replay;
mod report;
mod run;
mod serve;
mod settings;
mod show;
mod shrink;
mod zoo;

use std::process::ExitCode;

use arguments::{Arguments, Command};
use clap::Parser;
use interregnum::UserError;

/// What a command ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Exit {
    Held,
    Other,
    Usage,
    Safety,
    Liveness,
    NotDeterministic,
    Vacuous,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(match exit {
            Exit::Held => 0,
            Exit::Other => 1,
            Exit::Usage => 2,
            Exit::Safety => 10,
            Exit::Liveness => 11,
            Exit::NotDeterministic => 12,
            Exit::Vacuous => 13,
        })
    }
}

/// What went wrong with a command, apart from what it found.
#[derive(Debug, thiserror::Error)]
enum Failure {
    /// The user's mistake.
    #[error(transparent)]
    User(#[from] UserError),
    /// What was seen once was not seen again.
    #[error("{0}")]
    NotDeterministic(String),
    /// Anything else.
    #[error("{0}")]
    Other(String),
}

/// Prints the help or the version if that was asked for. A mistake is one line, with clap's suggestion if it has one,
/// and without the usage that clap puts behind it.
fn refuse(refusal: &clap::Error) -> ExitCode {
    if !refusal.use_stderr() {
        // Nobody reads on: nothing is lost.
        let _ = refusal.print();
        return Exit::Held.into();
    }
    let text = refusal.to_string();
    let words = match refusal.kind() {
        clap::error::ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => vec!["a command is missing"],
        _ => text
            .lines()
            .take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more information"))
            .flat_map(str::split_whitespace)
            .collect(),
    };
    eprintln!("interregnum: {}; see `--help`", words.join(" ").trim_start_matches("error: "));
    Exit::Usage.into()
}

/// Does what the arguments of the process say, and tells how it ended.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(refusal) => return refuse(&refusal),
    };
    if !matches!(arguments.command, Command::Serve(_)) {
        // Whoever reads only the first lines, as `head` does, ends the command. A server outlives who reads its log.
        sigpipe::reset();
    }
    let outcome = match arguments.command {
        Command::List(list) => list::list(&list),
        Command::Run(run) => run::run(&run),
        Command::Replay(replay) => replay::replay(&replay),
        Command::Fuzz(fuzz) => fuzz::fuzz(&fuzz),
        Command::Report(report) => report::report(&report),
        Command::Shrink(shrink) => shrink::shrink(&shrink),
        Command::Matrix(matrix) => matrix::matrix(&matrix),
        Command::Zoo(zoo) => zoo::zoo(&zoo),
        Command::Check(check) => check::check(&check),
        Command::Serve(serve) => serve::serve(&serve),
        Command::Bench(bench) => bench::bench(&bench),
    };
    match outcome {
        Ok(exit) => exit.into(),
        Err(failure) => {
            eprintln!("interregnum: {failure}");
            match failure {
                Failure::User(_) => Exit::Usage.into(),
                Failure::NotDeterministic(_) => Exit::NotDeterministic.into(),
                Failure::Other(_) => Exit::Other.into(),
            }
        }
    }
}
