//! `zkCli.sh`, the command line that comes with Apache ZooKeeper: what it prints, without what differs from one run to the next.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::apache;
use crate::process::{Process, run};

const SCRIPT: &str = "/usr/share/zookeeper/bin/zkCli.sh";

/// How long it may take for all it is asked.
const LIMIT: Duration = Duration::from_secs(60);

/// What it asks for between two commands. The answer names the mark, and so tells which output belongs to which command.
const MARK: &str = "get /mark-";
const ANSWER: &str = "Node does not exist: /mark-";

/// Installs it if it is not there and that is possible.
///
/// # Errors
/// Why it cannot be had.
pub fn obtain() -> Result<(), String> {
    apache::obtain()?;
    if Path::new(SCRIPT).exists() { Ok(()) } else { Err(format!("there is no {SCRIPT}")) }
}

/// What was printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transcript {
    /// Each command, with what it printed.
    pub commands: Vec<(String, Vec<String>)>,
    /// What was told of watches, at whatever moment.
    pub events: Vec<String>,
}

/// Has it do these commands, a line each, as if they were typed.
///
/// # Panics
/// If it does not end, or loses track of what it was asked.
#[must_use]
pub fn typed(server: SocketAddr, script: &str) -> Transcript {
    let mut process = Process::start(&mut command(server, &[]));
    for (number, line) in script.lines().enumerate() {
        process.tell(line);
        // Nobody answers behind the last one.
        if line != "close" && line != "quit" {
            process.tell(&format!("{MARK}{number}"));
        }
    }
    let finished = process.finish(LIMIT);
    let mut normal = Normal::default();
    let mut lines = finished.output.lines();
    let mut events = Vec::new();
    // What it says when it starts belongs to no command, and is not the server's.
    let beginning =
        lines.by_ref().find(|line| *line == "JLine support is disabled" || *line == "Welcome to ZooKeeper!");
    assert!(beginning.is_some(), "it has not begun: {finished:#?}");
    let mut commands = Vec::new();
    for (number, line) in script.lines().enumerate() {
        let end = format!("{ANSWER}{number}");
        let output = lines.by_ref().take_while(|line| *line != end);
        commands.push((line.to_owned(), normal.lines(output, &mut events)));
    }
    Transcript { commands, events }
}

/// Has it do one command, given as arguments; gives what it prints, and how it ends.
#[must_use]
pub fn called(server: SocketAddr, line: &str) -> (Vec<String>, Option<i32>) {
    let words: Vec<&str> = line.split(' ').collect();
    let finished = run(&mut command(server, &words), LIMIT);
    // Whether it hears of its own connection before it ends is chance.
    (Normal::default().lines(finished.output.lines(), &mut Vec::new()), finished.code)
}

fn command(server: SocketAddr, words: &[&str]) -> Command {
    let mut command = Command::new("sh");
    // Both streams in the order in which they are written.
    command.args(["-c", "exec \"$0\" \"$@\" 2>&1", SCRIPT, "-server", &server.to_string()]).args(words);
    command.env("CLIENT_JVMFLAGS", "-Xmx128m -XX:+UseSerialGC -XX:TieredStopAtLevel=1");
    command.env("TZ", "UTC");
    command
}

/// Takes out what differs from one run to the next, and keeps what is the same within one.
#[derive(Debug, Default)]
struct Normal {
    /// Transactions and sessions, in the order of their first appearance.
    names: BTreeMap<String, String>,
}

impl Normal {
    fn lines<'a>(&mut self, lines: impl Iterator<Item = &'a str>, events: &mut Vec<String>) -> Vec<String> {
        let mut kept = Vec::new();
        for line in lines {
            match line {
                // Of its own logging, and around events.
                line if line.starts_with("SLF4J") || line.starts_with("Connecting to ") => {}
                "" | "WATCHER::" | "Welcome to ZooKeeper!" | "JLine support is disabled" => {}
                line if line.starts_with("WatchedEvent ") => events.push(line.to_owned()),
                line => kept.push(self.line(line)),
            }
        }
        // Who a client is has no order.
        if kept.first().is_some_and(|line| line == "Auth scheme: User") {
            kept[1..].sort_unstable();
        }
        kept
    }

    fn line(&mut self, line: &str) -> String {
        let Some((field, value)) = line.split_once(" = ") else { return without_ports(line) };
        let named = match field {
            "cZxid" | "mZxid" | "pZxid" | "ephemeralOwner" if value != "0x0" => self.name(field, value),
            "ctime" | "mtime" if !value.ends_with(" 1970") => "some time".to_owned(),
            _ => value.to_owned(),
        };
        format!("{field} = {named}")
    }

    fn name(&mut self, field: &str, value: &str) -> String {
        let kind = if field.ends_with("Zxid") { "transaction" } else { "session" };
        let next = format!("{kind} {}", self.names.len());
        self.names.entry(value.to_owned()).or_insert(next).clone()
    }
}

/// A line of the configuration names servers by their ports.
fn without_ports(line: &str) -> String {
    if !line.starts_with("server.") {
        return line.to_owned();
    }
    let words = line.split_inclusive([':', ';', '=']);
    let is_port = |word: &str| word.trim_end_matches([':', ';']).parse::<u16>().is_ok();
    words.map(|word| if is_port(word) { "port:" } else { word }).collect()
}

#[cfg(test)]
mod tests {
    use super::{Normal, without_ports};

    #[test]
    fn what_differs_is_named_and_what_is_the_same_stays_so() {
        let output = "cZxid = 0x12\nctime = Thu Nov 26 20:31:10 UTC 2026\nmZxid = 0x13\npZxid = 0x12\ndataLength = 4";
        let mut events = Vec::new();
        let lines = Normal::default().lines(output.lines(), &mut events);
        let expected = [
            "cZxid = transaction 0",
            "ctime = some time",
            "mZxid = transaction 1",
            "pZxid = transaction 0",
            "dataLength = 4",
        ];
        assert_eq!(lines, expected);
        assert!(events.is_empty());
    }

    #[test]
    fn events_are_kept_apart() {
        let event = "WatchedEvent state:SyncConnected type:NodeDeleted path:/z";
        let output = ["a", "", "WATCHER::", "", event, "b"];
        let mut events = Vec::new();
        assert_eq!(Normal::default().lines(output.into_iter(), &mut events), ["a", "b"]);
        assert_eq!(events, [event]);
    }

    #[test]
    fn ports_are_taken_out_of_the_configuration_only() {
        let line = "server.1=127.0.0.1:2888:3888:participant;127.0.0.1:2181";
        assert_eq!(without_ports(line), "server.1=127.0.0.1:port:port:participant;127.0.0.1:port:");
        assert_eq!(without_ports("version=0"), "version=0");
    }
}
