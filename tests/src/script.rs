//! A program that uses a client and says how each of its cases has ended, and that may ask for a server to be killed.
//!
//! It is given the addresses of the servers, says `version V` of its client, a line for each case as
//! [`Verdicts`] reads them, and `end`. On `please kill` the server that leads, or the only one, is killed; on `please restart` it is started
//! again; both are answered with a line when they are done.

use std::process::Command;
use std::time::Duration;

use crate::compatibility::{Record, Server};
use crate::either::Servers;
use crate::process::Process;
use crate::verdicts::Verdicts;

/// How long it may be silent.
const LIMIT: Duration = Duration::from_secs(90);

/// Runs such a program to its end.
///
/// # Panics
/// If it breaks off.
pub fn record(command: &mut Command, client: &str, servers: &mut Servers, server: Server) -> Record {
    let mut process = Process::start(command.arg(servers.connect_string()));
    let mut verdicts = Verdicts::default();
    let mut version = None;
    let mut is_over = false;
    while let Some(line) = process.line(LIMIT) {
        println!("{client} against {server}: {line}");
        match line.as_str() {
            "please kill" => servers.kill_first(),
            "please restart" => servers.restart(),
            "end" => is_over = true,
            _ => verdicts.take(&line, ""),
        }
        if line.starts_with("please ") {
            process.tell("done");
        }
        if let Some(said) = line.strip_prefix("version ") {
            version = Some(said.to_owned());
        }
    }
    let finished = process.finish(LIMIT);
    assert!(is_over && finished.code == Some(0), "{client} against {server} broke off: {finished:#?}");
    verdicts.record(client, &version.expect("it has said its version"), server)
}
